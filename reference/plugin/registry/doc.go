// Package registry lets peers find each other: who serves a route publishes it
// with an address, who wants it asks for the addresses and dials one.
//
// # The interface
//
// A Registry keeps entries: a service name and an address that serves it. It has
// two methods, Register and Watch. Two come with the package: NewStatic, a list
// in memory, and NewFile, a JSON file that several processes share and that is
// watched. What keeps entries elsewhere (etcd, Consul) implements the same two
// methods and proves it with registrytest.Test.
//
// # A server
//
// A Publisher is a plugin. It collects the routes that the peer registers, and
// publishes them for the address of a listener:
//
//	reg := registry.NewFile("/var/lib/app/services.json", registry.FileOptions{})
//	pub := registry.NewPublisher(reg, registry.PublisherOptions{Advertise: "10.0.0.7"})
//	peer := tp.NewPeer(tp.PeerConfig{}, pub)
//	peer.PullRouter.Reg(new(Home))
//
//	lis, err := net.Listen("tcp", ":9090")
//	...
//	lis, err = pub.Listener(ctx, lis) // from here on others find it
//	...
//	err = peer.ServeListener(lis) // peer.Close takes the entries back
//
// Each route is a service of its own, named like its path; a function in
// PublisherOptions may group routes to fewer services. The handler of unknown
// paths stands for no service.
//
// # A client
//
// A Dialer gives sessions to whoever serves a service now. It holds one session
// an address, shared by all callers, takes turns among the addresses, and goes
// elsewhere when one cannot be reached:
//
//	d := registry.NewDialer(reg, peer, registry.DialerOptions{})
//	defer d.Close()
//	rerr := d.Pull(ctx, "/home/add", [2]int{1, 2}, &sum)
//
// Dialer.Dial gives the session itself, to keep for several calls.
//
// # The file
//
// The file is JSON, and may be written by hand as well:
//
//	{"entries": [
//	  {"service": "/home/add", "addr": "10.0.0.7:9090"}
//	]}
//
// Writers lock a file beside it (its name and ".lock"), write a new one and
// rename it into place, so that a reader sees the old list or the new one.
// Readers look at the file's time, size and identity once in FileOptions.Interval.
// A file that cannot be read or is not whole changes nothing: the last good list
// stays, and Watch gives the error beside it. Locks and renames have to work, so
// the file belongs on a local disk. A process that is killed leaves its entries
// behind; a Dialer passes over an address that nobody answers at, and the next
// process with that address takes the entries over.
package registry
