// Package tp is a peer of Teleport: it listens and dials alike, and both ends
// of a connection make calls to each other. A PULL is a request with a reply, a
// PUSH is a message without one. Many calls share one connection; replies come
// in any order. On the wire it speaks fast/1, byte for byte what Teleport v3
// spoke, unless another Proto is given to Listen, Dial or ServeConn.
//
// # A server
//
//	type Home struct{ tp.PullCtx }
//
//	// Add answers the PULLs of /home/add.
//	func (h *Home) Add(args *[2]int) (int, *tp.Rerror) {
//		return args[0] + args[1], nil
//	}
//
//	func main() {
//		go tp.GraceSignal() // SIGINT and SIGTERM: shut down gracefully
//		peer := tp.NewPeer(tp.PeerConfig{ListenAddress: "127.0.0.1:9090"})
//		peer.PullRouter.Reg(new(Home))
//		log.Fatal(peer.Listen())
//	}
//
// # A client
//
//	func main() {
//		peer := tp.NewPeer(tp.PeerConfig{})
//		defer peer.Close()
//		sess, rerr := peer.Dial("127.0.0.1:9090")
//		if rerr != nil {
//			log.Fatal(rerr)
//		}
//		var sum int
//		if rerr := sess.Pull("/home/add", [2]int{1, 2}, &sum).Rerror(); rerr != nil {
//			log.Fatal(rerr)
//		}
//		fmt.Println(sum) // 3
//	}
//
// # Handlers
//
// A handler is a method of a controller (Router.Reg), a function
// (Router.RegFunc) or a function that the compiler checks (HandlePull,
// HandlePush). It takes a pointer to what the body is decoded into; *[]byte
// takes the body as it came, whatever its codec. A controller is a struct that
// embeds PullCtx or PushCtx; each request has a copy of its own, so its fields
// hold no state between requests: what requests share is kept behind a pointer.
// Router.Group gives a common prefix and plugins; Router.SetUnknown serves what
// no other handler matches, below the prefix of the group it is set on. Names
// become paths in snake case, a letter at a time: Home.UserID is
// /home/user_i_d. Paths match exactly.
//
// A handler may sleep, and may Pull and Push on its own session. Handlers that
// are known to be short run on the goroutine that reads the session; the peer
// measures them, and gives the others a goroutine for each call. One that takes
// longer than PeerConfig.MaxInlineTime for once loses the reading to another
// goroutine, so that no call waits longer than that for another. Blocking and
// Inline, given where plugins are, say at once what the peer would find out.
//
// # Calls
//
// Session.Pull waits for the reply; every call ends, in a reply, in an error
// reply or in a local error, whatever happens to the connection. Settings of
// package socket add metadata (WithSetMeta, WithAddMeta), choose the codec
// (WithBodyCodec) and the filters, such as gzip (WithXferPipe('g')). Replies
// use the filters of the PULL they answer.
//
// PullContext and PushContext go by a context: when it ends the call ends, and
// the other side knows of its deadline (spec, chapter "Deadlines"). A handler's
// own context, PullCtx.Context, ends with the caller's patience and with the
// connection. Pull, Push, PullContext and PushContext exist as typed functions
// too.
//
// # Errors
//
// Handlers return a *Rerror, which travels in the metadata of the reply. It is
// an error of Go as well, but a nil *Rerror must not be put into a variable of
// type error: Rerror.ToError takes care of that. Applications use codes above
// 1000; those below are the standard's (CodeNotFound and so on, CodeText).
// Where a program's own mistake is registered (a handler of a wrong form, a
// plugin twice), Reg, SetUnknown, Group and NewPeer panic with a typed error;
// each has a twin that returns it (TryReg, TryNewPeer, ...). What the
// environment does wrong is always returned. The package never ends the
// process, but for Fatalf and GraceSignal, which a program calls itself.
//
// # Plugins
//
// A plugin is a value with a name and any of twenty hooks (see Plugin). Given
// to NewPeer its hooks run for everything; given to Group or Reg, for the
// handlers there. A header hook may set another uri before the packet is
// routed.
//
// # Limits
//
// A packet may take 4 MiB on the wire and 4 MiB with its filters undone, a uri
// and metadata 64 KiB each; PeerConfig.Limits changes that for a peer,
// SetReadLimit for the process. What is over a limit ends the session, before
// memory is taken for it. A session runs 10,000 handlers at once (MaxHandlers):
// a PULL beyond that is answered with CodeOverload.
//
// # What a program can see
//
// Peer.Subscribe tells when sessions are connected, lost, redialing and closed,
// without ever holding them up. Session.Stats shows what a session holds beside
// its bounds, Peer.Stats counts what was dropped, and PeerConfig.Metrics is told
// of each call. Peer.Shutdown ends gracefully, and by force when its context does.
//
// # Log
//
// The package logs through log/slog (SetLogger); by default lines go to
// standard error, from LevelTrace up (SetRawlogLevel). Each call is a line of
// the run log, at Info; PeerConfig.PrintBody shows bodies, CountTime the time
// it took, and SlowCometDuration lifts slow calls to Warn. RedactBody takes out
// of bodies what is not to be seen.
package tp
