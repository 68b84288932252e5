package profiles

import (
	"fmt"
	"slices"
	"strings"
)

// Any is the machine at hand as it is: what is measured without --profile.
func Any() Profile {
	return Profile{Name: "any", Title: "the machine at hand as it is"}
}

// Target is the setup under which the original published its two tables in
// January 2018, in its own words: "A server and a client process, running on
// the same machine; CPU: Intel Xeon E312xx (Sandy Bridge) 16 cores 2.53GHz;
// Memory: 16G; OS: Linux 2.6.32-696.16.1.el6.centos.plus.x86_64, CentOS 6.4;
// Go: 1.9.2; Message size: 581 bytes; Message codec: protobuf; Sent total
// 1000000 messages".
func Target() Profile {
	return Profile{
		Name:  "target",
		Title: "the setup of the tables of January 2018",
		Machine: Machine{
			CPU: "E312xx", Cores: 16, MemoryGB: 16, OS: "linux", MinFiles: 5200, OneHost: true,
		},
		Load: Load{
			Calls: 1_000_000, Size: 581, Codec: "protobuf", Mode: "conn", Clients: []int{100, 500, 1000, 2000, 5000},
		},
		Settings: []Setting{
			{
				What: "a virtual machine with QEMU's CPU model SandyBridge, 16 cores, 16 GB, on a host of 2.53 GHz",
				How:  "qemu-system-x86_64 -enable-kvm -cpu SandyBridge -smp 16 -m 16G ...",
				Why:  `"Intel Xeon E312xx (Sandy Bridge)" is the name that this model reports; the E3-12xx that were sold have four cores`,
			},
			{
				What: "GOMAXPROCS 16 in both processes",
				How:  "unset GOMAXPROCS GOGC GODEBUG",
				Why:  "Go 1.9.2 and Go today both take all cores, and 100 for GOGC; server and client compete for the same 16",
			},
			{
				What: "open files: 65536",
				How:  "ulimit -n 65536",
				Why:  "5,000 clients are 5,000 descriptors in each process, and CentOS 6 begins with 1,024",
			},
			{
				What: "net.core.somaxconn and net.ipv4.tcp_max_syn_backlog: 8192",
				How:  "sysctl -w net.core.somaxconn=8192 net.ipv4.tcp_max_syn_backlog=8192",
				Why:  "with the 128 of the old kernel, dialing 5,000 connections waits for retransmitted SYNs; it happens before the measured calls",
			},
			{
				What: "the loopback's MTU: 16436",
				How:  "ip link set dev lo mtu 16436",
				Why:  "Linux 2.6.32 has that, later ones 65536; it matters for coalesced writes and large bodies",
			},
			{
				What: "no mitigations of Meltdown, Spectre and what followed",
				How:  "mitigations=off on the kernel's command line",
				Why:  "2.6.32-696.16.1 is of November 2017, older than the first of them, and they make every system call dearer",
			},
		},
		Lost: []Loss{
			{
				Then: "Go 1.9.2",
				Now:  "Go 1.26 or later",
				Why:  "Go 1.9.2 has neither modules nor generics, and go.mod asks for 1.26; scheduler, poller, timers and collector have all changed since",
			},
			{
				Then: "Linux 2.6.32-696.16.1.el6.centos.plus.x86_64",
				Now:  "Linux 3.2 or later",
				Why:  "what Go has built since 1.24 does not run on older kernels",
			},
			{
				Then: "CentOS 6.4",
				Now:  "any distribution",
				Why:  "it had its last update in November 2020, and its kernel is the one above",
			},
			{
				Then: "the host below the virtual machine",
				Now:  "whatever it is",
				Why:  "what ran beside it, and on which silicon, was never published",
			},
		},
	}
}

// Names lists the profiles that Get knows.
func Names() []string { return []string{Any().Name, Target().Name} }

// Get gives the profile of a name; "" is any.
func Get(name string) (Profile, error) {
	all := []Profile{Any(), Target()}
	if name == "" {
		return all[0], nil
	}
	i := slices.IndexFunc(all, func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return Profile{}, fmt.Errorf("no profile is called %q: expected %s", name, strings.Join(Names(), " or "))
	}
	return all[i], nil
}
