// Package proxy is a reverse proxy: a peer that passes on the PULLs and PUSHes
// that none of its own handlers matches.
//
// # Use
//
//	front := tp.NewPeer(tp.PeerConfig{ListenAddress: ":9090"})
//	px, err := proxy.New(front, proxy.Config{
//		Route: proxy.ByPrefix(map[string]proxy.Target{
//			"/math": {Addr: "10.0.0.1:9090"},
//			"/chat": {Addr: "10.0.0.2:9090", PerSession: true},
//		}),
//	})
//	...
//	go front.Listen()
//	...
//	px.Close() // the front, and the sessions to the upstreams
//
// The front is an ordinary peer: it listens or dials, has handlers and plugins
// of its own (auth, heartbeat, TLS), and its sessions are the downstreams. A
// second peer, which New makes of Config.Upstream, dials the upstreams. Route
// chooses one for each packet, by anything in the header: ByPrefix, ByMeta and
// To are the common ways, any function is another.
//
// # What passes
//
// Bodies pass byte for byte, undecoded, under their codec id, also where nobody
// here knows that codec; so does the body beside an error. Metadata keep their
// order and their repeated keys, both ways. A REPLY with an error passes as it
// is, its X-Reply-Error byte for byte. The packet's filters are undone here and
// done again, for the header lies inside them: the ids of the pipe stay, on the
// forwarded packet and, with what the upstream has added, on the REPLY. So each
// side's peer must have the filters registered; Config.Upstream takes the
// front's where it has no registry of its own. A filter that is not known ends
// the session that used it, as with any fast/1 peer. See Opaque for Protos whose
// header lies outside of the pipe.
//
// The seq is each session's own. The uri stays, unless Route sets another.
//
// Three keys of the metadata are the proxy's own. It sets X-Proxy-Via on each
// packet that it passes on; X-Proxy-Session, see below; and it takes both out of
// the REPLYs that come back. X-Timeout-Ms (the standard, chapter "Deadlines")
// is passed on with the time that is left.
//
// # Calls back
//
// PULLs and PUSHes that an upstream sends go to the downstream session that they
// are meant for. There are two ways to know which.
//
// With Target.PerSession each downstream session has an upstream session of its
// own, dialed when it first needs it and closed, gracefully, after it. To the
// upstream it looks as if each client had come by itself, so everything that an
// upstream knows of a session (who it is, what it has subscribed to, how much it
// has pushed) holds, and what it sends goes to that client. PUSHes that came
// before a REPLY are passed on before it. It costs a connection for each client.
//
// Otherwise (the default) one session for each address is shared by all.
// Nothing in the standard says whom a packet on it is meant for, so the proxy
// adds X-Proxy-Session to what it passes on: an upstream that copies these pairs,
// all of them and in their order, to a PULL or PUSH of its own reaches the
// session that they came from. (A proxy behind a proxy adds a pair, and takes
// the last one away.) Config.Callback can choose for packets without. What is
// left belongs to nobody: a PULL is answered 404, a PUSH is dropped and counted.
// Do not share a session with an upstream that tells its callers apart by
// session: to it, all of them are one.
//
// # Errors
//
// What the upstream answers is passed on. What happens here is told apart from it:
//
//	404   Route has no target (or whatever error it gives)
//	408   the caller's deadline passed
//	502   the upstream cannot be reached, the connection broke, it did not answer
//	      within Config.Timeout, or the packet has come in a circle; the detail
//	      names the upstream and the cause
//	503   too much is under way already, or the proxy is closing
//
// A PULL that was provably not sent is sent once more; nothing else is.
// To the front's run log and metrics a REPLY that was passed on is a success,
// whatever it says: the error in it is the upstream's.
//
// # Bounds
//
// What waits for one upstream is bounded in number and bytes (MaxCalls,
// MaxBytes), and so is what one session has under way, the replies that it does
// not read included (MaxSessionCalls, MaxSessionBytes). Beyond that a PULL is
// answered 503 and a PUSH dropped and counted, at once. So a slow upstream or a
// slow client costs its own calls, and a bounded amount of memory. The front's
// tp.PeerConfig.MaxHandlers bounds how many packets of one session are looked at
// at all.
//
// # Ends
//
// A connection to an upstream is made when a packet needs it, one attempt for
// all who wait. Where that fails, packets fail at once with the cause, for a
// while that grows with each failure up to five seconds. When a connection ends
// the next packet makes another.
//
// A downstream that goes away cancels nothing: what it has sent is passed on, and
// its replies are dropped and counted (Stats.RepliesDropped).
//
// Packets that come in a circle are stopped by X-Proxy-Via, which lists the
// proxies on the way: one that finds itself there refuses, and so does one that
// finds MaxHops of them.
package proxy
