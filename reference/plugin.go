package tp

// Plugin is what every plugin is: a name, and any of the twenty hooks below.
// A plugin is registered on a peer, a router, a group or with a handler; its
// hooks run in the order of registration: the peer's, then the group's (outer
// before inner), then the handler's. The first hook that returns an error
// stops the chain. Hooks run on several goroutines at once.
//
// What an error of a hook does:
//
//	PostReg                              the registration fails
//	PostDial, PostAccept                 the session is closed; Dial returns the error
//	PreWritePull                         the call ends with it, nothing is sent
//	PreWritePush                         Push returns it, nothing is sent
//	PreReadHeader                        the session ends
//	PostReadPullHeader, PreReadPullBody,
//	PostReadPullBody                     it is the reply; the handler does not run
//	PostReadPushHeader, PreReadPushBody,
//	PostReadPushBody                     the push is dropped; the handler does not run
//	PostReadReplyHeader, PreReadReplyBody,
//	PostReadReplyBody                    the call ends with it
//	PreWriteReply, PostWritePull,
//	PostWriteReply, PostWritePush,
//	PostDisconnect                       it is logged; nothing else changes
type Plugin interface {
	// Name names the plugin; it is not empty, and is used once on the way
	// from the peer to a handler.
	Name() string
}

// The hooks. A value used as a plugin implements Plugin and any of these.
type (
	// PostRegPlugin runs when a handler is about to be registered.
	PostRegPlugin interface {
		Plugin
		PostReg(*Handler) *Rerror
	}
	// PostDialPlugin runs when a connection was dialed (or dialed again),
	// before anything is read. Peer level only.
	PostDialPlugin interface {
		Plugin
		PostDial(PreSession) *Rerror
	}
	// PostAcceptPlugin runs when a connection was accepted, before anything
	// is read. Peer level only.
	PostAcceptPlugin interface {
		Plugin
		PostAccept(PreSession) *Rerror
	}
	// PreWritePullPlugin runs before a PULL is encoded. Peer level only.
	PreWritePullPlugin interface {
		Plugin
		PreWritePull(WriteCtx) *Rerror
	}
	// PostWritePullPlugin runs after a PULL was accepted for sending. Peer level only.
	PostWritePullPlugin interface {
		Plugin
		PostWritePull(WriteCtx) *Rerror
	}
	// PreWriteReplyPlugin runs before a REPLY is encoded.
	PreWriteReplyPlugin interface {
		Plugin
		PreWriteReply(WriteCtx) *Rerror
	}
	// PostWriteReplyPlugin runs after a REPLY was accepted for sending.
	PostWriteReplyPlugin interface {
		Plugin
		PostWriteReply(WriteCtx) *Rerror
	}
	// PreWritePushPlugin runs before a PUSH is encoded. Peer level only.
	PreWritePushPlugin interface {
		Plugin
		PreWritePush(WriteCtx) *Rerror
	}
	// PostWritePushPlugin runs after a PUSH was accepted for sending. Peer level only.
	PostWritePushPlugin interface {
		Plugin
		PostWritePush(WriteCtx) *Rerror
	}
	// PreReadHeaderPlugin runs before the next packet is waited for. Peer level only.
	PreReadHeaderPlugin interface {
		Plugin
		PreReadHeader(BackgroundCtx) *Rerror
	}
	// PostReadPullHeaderPlugin runs for every PULL before it is routed: a uri
	// set here is the one that is routed. Peer, pull router and its groups.
	PostReadPullHeaderPlugin interface {
		Plugin
		PostReadPullHeader(ReadCtx) *Rerror
	}
	// PreReadPullBodyPlugin runs for a routed PULL before its body is decoded.
	PreReadPullBodyPlugin interface {
		Plugin
		PreReadPullBody(ReadCtx) *Rerror
	}
	// PostReadPullBodyPlugin runs for a PULL after its body was decoded.
	PostReadPullBodyPlugin interface {
		Plugin
		PostReadPullBody(ReadCtx) *Rerror
	}
	// PostReadPushHeaderPlugin runs for every PUSH before it is routed: a uri
	// set here is the one that is routed. Peer, push router and its groups.
	PostReadPushHeaderPlugin interface {
		Plugin
		PostReadPushHeader(ReadCtx) *Rerror
	}
	// PreReadPushBodyPlugin runs for a routed PUSH before its body is decoded.
	PreReadPushBodyPlugin interface {
		Plugin
		PreReadPushBody(ReadCtx) *Rerror
	}
	// PostReadPushBodyPlugin runs for a PUSH after its body was decoded.
	PostReadPushBodyPlugin interface {
		Plugin
		PostReadPushBody(ReadCtx) *Rerror
	}
	// PostReadReplyHeaderPlugin runs for a REPLY that a call waits for. Peer level only.
	PostReadReplyHeaderPlugin interface {
		Plugin
		PostReadReplyHeader(ReadCtx) *Rerror
	}
	// PreReadReplyBodyPlugin runs before the body of a REPLY is decoded. Peer level only.
	PreReadReplyBodyPlugin interface {
		Plugin
		PreReadReplyBody(ReadCtx) *Rerror
	}
	// PostReadReplyBodyPlugin runs after the body of a REPLY without an error
	// was decoded. Peer level only.
	PostReadReplyBodyPlugin interface {
		Plugin
		PostReadReplyBody(ReadCtx) *Rerror
	}
	// PostDisconnectPlugin runs once when a session has ended. Peer level only.
	PostDisconnectPlugin interface {
		Plugin
		PostDisconnect(PostSession) *Rerror
	}
)
