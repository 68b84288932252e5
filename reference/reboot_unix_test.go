//go:build unix

package tp

import (
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A reboot that fails changes nothing.
func TestReboot_FailsWithoutHarm(t *testing.T) {
	breakReboot(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		_, sess := r.dial(PeerConfig{})
		if err := Reboot(); err == nil || reboot.handed.Load() {
			t.Errorf("got %v", err)
		}
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Error(rerr)
		}
		sess.Peer().Close()
	})
}

// tally counts calls and lets a test wait for them.
type tally struct {
	mu      sync.Mutex // guards what follows
	change  *sync.Cond
	started int
	byPid   map[int]int // answered
	failed  map[string]int
}

func newTally() *tally {
	c := &tally{byPid: make(map[int]int), failed: make(map[string]int)}
	c.change = sync.NewCond(&c.mu)
	return c
}

func (c *tally) call(sess Session, n int) {
	c.mu.Lock()
	c.started++
	c.mu.Unlock()
	var got [2]int
	rerr := sess.Pull("/pid", n, &got).Rerror()
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case rerr != nil:
		c.failed[rerr.String()]++
	case got[1] != n:
		c.failed["the reply of another call"]++
	default:
		c.byPid[got[0]]++
	}
	c.change.Broadcast()
}

// await waits until that process has answered so many calls.
func (c *tally) await(pid, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.byPid[pid] < n {
		c.change.Wait()
	}
}

// No call is lost while clients call without a pause, the server reboots again
// and again, and then is ended and started anew.
func TestReboot_LosesNoCall(t *testing.T) {
	reboots, calls := 2, 100
	if os.Getenv("TELEPORT_LONG") != "" {
		reboots, calls = 5, 1000
	}
	for _, network := range []string{"tcp", "unix", "unixpacket"} {
		if network == "unixpacket" && runtime.GOOS != "linux" {
			continue
		}
		t.Run(network, func(t *testing.T) {
			addr := "127.0.0.1:0"
			if network != "tcp" {
				addr = filepath.Join(t.TempDir(), "s")
			}
			ps := newPrograms(t)
			server := ps.start(network, addr, nil)
			cli := NewPeer(PeerConfig{Network: network, RedialTimes: -1, RedialInterval: 5 * time.Millisecond, RedialMaxInterval: 50 * time.Millisecond})
			defer cli.Close()
			count := newTally()
			stop := make(chan struct{})
			var load sync.WaitGroup
			ids := make(map[string]bool)
			for range 6 {
				sess, rerr := cli.Dial(server.addr)
				if rerr != nil {
					t.Fatal(rerr)
				}
				ids[sess.Id()] = true
				for w := range 4 {
					load.Go(func() {
						for n := w; !isClosed(stop); n++ {
							count.call(sess, n)
						}
					})
				}
			}
			if len(ids) != 6 || cli.CountSession() != 6 {
				t.Errorf("the sessions' ids are not distinct: %v", ids)
			}
			count.await(server.pid, calls)
			for range reboots {
				old := server
				old.signal(syscall.SIGUSR2)
				server = ps.next()
				count.await(server.pid, calls)
				old.ended()
				if network != "tcp" {
					if _, err := os.Stat(addr); err != nil {
						t.Errorf("the socket's file after a reboot: %v", err)
					}
				}
			}
			server.signal(syscall.SIGTERM)
			server.ended()
			if network != "tcp" {
				if _, err := os.Stat(addr); err == nil {
					t.Error("the socket's file is left after the end")
				}
			}
			server = ps.start(network, server.addr, nil)
			count.await(server.pid, calls)
			close(stop)
			load.Wait()
			answered := 0
			for _, n := range count.byPid {
				answered += n
			}
			t.Logf("%s: %d reboots and 1 restart, %d processes, %d calls, %d answered, %d lost",
				network, reboots, len(count.byPid), count.started, answered, count.started-answered)
			if answered != count.started || len(count.failed) > 0 || len(count.byPid) != reboots+2 {
				t.Errorf("failed: %v; answered by %v", count.failed, count.byPid)
			}
			server.signal(syscall.SIGTERM)
			server.ended()
		})
	}
}

// A client survives the sudden death of its server: what was in flight ends
// with 102, the session redials until PostDial is content, and keeps what it is.
func TestRedial_ServerKilledAndRestarted(t *testing.T) {
	ps := newPrograms(t)
	server := ps.start("tcp", "127.0.0.1:0", nil)
	dials := 0
	cli := NewPeer(PeerConfig{RedialTimes: -1, RedialInterval: 5 * time.Millisecond, RedialMaxInterval: 50 * time.Millisecond},
		&hooks{postDial: func(PreSession) *Rerror {
			if dials++; dials == 2 || dials == 3 {
				return NewRerror(2000, "not yet", "")
			}
			return nil
		}})
	defer cli.Close()
	sess, rerr := cli.Dial(server.addr)
	if rerr != nil {
		t.Fatal(rerr)
	}
	id := sess.Id()
	sess.Public().Store("k", "v")
	held := sess.AsyncPull("/hold", 0, nil, nil)
	if s := server.line(); s != "holding" {
		t.Fatal(s)
	}
	server.signal(os.Kill)
	wantCode(t, "the call in flight", held.Rerror(), 102)
	var reply [2]int
	waiting := make(chan *Rerror, 1)
	go func() { waiting <- sess.Pull("/pid", 1, &reply).Rerror() }()
	server = ps.start("tcp", server.addr, nil)
	if rerr := <-waiting; rerr != nil || reply[0] != server.pid {
		t.Errorf("the call that waited: %v, %v", reply, rerr)
	}
	if sess.Id() != id || sess.PublicLen() != 1 || dials != 4 || cli.Stats().Redials != 1 {
		t.Errorf("id %s, want %s; %d dials, %d redials", sess.Id(), id, dials, cli.Stats().Redials)
	}
}

// Bug 28: a process whose parent did not start it for a reboot takes nothing
// from its environment, and signals nobody.
func TestReboot_LeavesOtherParentsAlone(t *testing.T) {
	signals := make(chan os.Signal, 10)
	signal.Notify(signals, graceSignals...)
	defer signal.Stop(signals)
	ps := newPrograms(t)
	server := ps.start("tcp", "127.0.0.1:0", func(cmd *exec.Cmd) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close(); w.Close() })
		cmd.ExtraFiles = []*os.File{w, w}
		cmd.Env = append(cmd.Env, rebootEnv+`={"parent":1,"listeners":[{"network":"tcp","addr":"127.0.0.1:0"}]}`,
			"LISTEN_PID=1", "LISTEN_FDS=1")
	})
	server.signal(syscall.SIGUSR2)
	next := ps.next()
	server.ended()
	next.signal(syscall.SIGTERM)
	next.ended()
	select {
	case sig := <-signals:
		t.Errorf("the parent got %v", sig)
	default:
	}
}

// Under systemd: sockets are taken over, readiness, the main process and the
// end are told, through a reboot.
func TestReboot_UnderSystemd(t *testing.T) {
	dir := t.TempDir()
	notify, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: filepath.Join(dir, "notify")})
	if err != nil {
		t.Fatal(err)
	}
	defer notify.Close()
	told := func(want ...string) { // in any order
		t.Helper()
		var got []string
		for range want {
			b := make([]byte, 100)
			notify.SetReadDeadline(time.Now().Add(20 * time.Second))
			n, err := notify.Read(b)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(b[:n]))
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("systemd is told %q, want %q", got, want)
		}
	}
	path := filepath.Join(dir, "s")
	lis, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: path})
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	f, err := lis.File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ps := newPrograms(t)
	server := ps.start("unix", path, func(cmd *exec.Cmd) {
		cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `LISTEN_PID=$$ exec "$0"`, os.Args[0]}
		cmd.ExtraFiles = []*os.File{f}
		cmd.Env = append(cmd.Env, "LISTEN_FDS=1", "NOTIFY_SOCKET="+notify.LocalAddr().String())
	})
	told("READY=1")
	cli := NewPeer(PeerConfig{Network: "unix", RedialTimes: -1})
	defer cli.Close()
	sess, rerr := cli.Dial(path)
	if rerr != nil {
		t.Fatal(rerr)
	}
	var got [2]int
	if rerr := sess.Pull("/pid", 1, &got).Rerror(); rerr != nil || got[0] != server.pid {
		t.Errorf("got %v, %v", got, rerr)
	}
	server.signal(syscall.SIGUSR2)
	next := ps.next()
	server.ended()
	told("MAINPID="+strconv.Itoa(next.pid), "READY=1")
	if rerr := sess.Pull("/pid", 1, &got).Rerror(); rerr != nil || got[0] != next.pid {
		t.Errorf("after the reboot: %v, %v", got, rerr)
	}
	next.signal(syscall.SIGTERM)
	next.ended()
	told("STOPPING=1")
	if _, err := os.Stat(path); err != nil {
		t.Errorf("systemd's socket file: %v", err)
	}
}

// A new process that does not come up changes nothing.
func TestReboot_NewProcessFails(t *testing.T) {
	name := os.Args[0]
	defer func() { os.Args[0] = name }()
	os.Args[0] = "/bin/false"
	p := NewPeer(PeerConfig{ListenAddress: "127.0.0.1:0"})
	served := make(chan error, 1)
	go func() { served <- p.Listen() }()
	err := Reboot()
	if err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("got %v", err)
	}
	if p.isDone() {
		t.Error("the peer was closed")
	}
	p.Close()
	<-served
}
