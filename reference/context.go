package tp

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// The contexts that handlers and hooks are given. A context is valid until the
// handler or the hook it was given to returns; what it hands out (strings,
// copies of metadata, decoded values, body bytes) is the user's for ever, but
// for Output and Input, which are lent, and what GetMeta returns.
type (
	// BackgroundCtx is what every context has.
	BackgroundCtx interface {
		// Peer returns the peer.
		Peer() *Peer
		// Session returns the session: a handler may Pull and Push on it.
		Session() Session
		// Context returns, in a handler and in the hooks around it, a context
		// that ends when the connection that the packet came on does, when
		// the caller's deadline passes (spec, chapter "Deadlines") and when
		// the handler has returned; its deadline is the caller's. Give it to
		// what the handler calls, PullContext and PushContext among it. In
		// the hooks around a launch, and around its REPLY, it is the
		// caller's: that of PullContext or PushContext, else one that never ends.
		Context() context.Context
		// Ip returns the other side's address, host and port.
		Ip() string
		// Public returns data that belongs to this packet, seeded with the
		// session's when the packet came or was launched.
		Public() *sync.Map
		// PublicLen counts the entries of Public.
		PublicLen() int
	}
	// WriteCtx is given to the hooks around sending a packet.
	WriteCtx interface {
		BackgroundCtx
		// Output returns the packet that is sent. Before it is encoded a
		// hook may change it; afterwards it is read-only. It is lent.
		Output() *packet.Packet
	}
	// headerCtx is what all contexts of a packet that came have.
	headerCtx interface {
		BackgroundCtx
		// Seq returns the packet's sequence number.
		Seq() uint64
		// GetMeta returns the first value under the key, nil when there is
		// none. It is read-only and lent; CopyMeta gives one to keep.
		GetMeta(key string) []byte
		// CopyMeta returns a copy of the packet's metadata; it is the user's.
		CopyMeta() *packet.Meta
		// Uri returns the whole uri, query included, as it came.
		Uri() string
		// Path returns the uri's path, percent-decoded: what is routed on.
		Path() string
		// RawQuery returns the uri's query, undecoded.
		RawQuery() string
		// Query returns the uri's query as form values.
		Query() url.Values
	}
	// ReadCtx is given to the hooks around receiving a packet.
	ReadCtx interface {
		headerCtx
		// Input returns the packet that came. A header hook may set its uri,
		// which is then routed. It is lent.
		Input() *packet.Packet
	}
	// PushCtx is embedded in the controllers of pushes.
	PushCtx interface {
		headerCtx
		// GetBodyCodec returns the codec id of the packet that came.
		GetBodyCodec() byte
	}
	// PullCtx is embedded in the controllers of pulls.
	PullCtx interface {
		headerCtx
		// Input returns the PULL. It is lent.
		Input() *packet.Packet
		// GetBodyCodec returns the codec id of the PULL.
		GetBodyCodec() byte
		// Output returns the REPLY as it stands. It is lent.
		Output() *packet.Packet
		replySetter
	}
	// replySetter sets what the REPLY has beside the result.
	replySetter interface {
		// SetBodyCodec sets the codec of the REPLY; else a result goes under
		// the codec of the PULL.
		SetBodyCodec(codecId byte)
		// SetMeta sets metadata of the REPLY. The PULL's is not copied.
		SetMeta(key, value string)
		// AddXferPipe appends filters to the REPLY's pipe, after the PULL's.
		// An id that is not registered makes the reply fail with code 500.
		AddXferPipe(filterIds ...byte)
	}
	// rawBodyCtx reads a body that was not decoded.
	rawBodyCtx interface {
		// InputBodyBytes returns the body as it came. The bytes are the user's.
		InputBodyBytes() []byte
		// Bind decodes the body into v, a pointer, with the packet's codec,
		// whose id it returns. An empty body leaves v as it is.
		Bind(v any) (codecId byte, err error)
		// Unmarshal decodes b into v with the packet's codec, whose id it
		// returns. With setCodec true the REPLY of a PULL goes under that
		// codec too, even where it carries an error.
		Unmarshal(b []byte, v any, setCodec ...bool) (codecId byte, err error)
	}
	// UnknownPushCtx is given to the handler of pushes that no other handler matches.
	UnknownPushCtx interface {
		PushCtx
		rawBodyCtx
	}
	// UnknownPullCtx is given to the handler of pulls that no other handler matches.
	UnknownPullCtx interface {
		PushCtx
		rawBodyCtx
		replySetter
	}
	// handleCtx is what the engine's one context offers: each handler sees
	// the part that is its own.
	handleCtx interface {
		PullCtx
		rawBodyCtx
	}
)

// The two faces that a session shows to the hooks of its beginning and its end.
type (
	// PreSession is a session before its reading has begun: given to PostDial
	// and PostAccept, the place for a handshake.
	PreSession interface {
		// SetId names the session; a session of that id in the hub is closed.
		SetId(id string)
		// Close closes the session.
		Close() error
		// Id returns the session's id.
		Id() string
		// Health says whether the session can be used.
		Health() bool
		// Peer returns the peer.
		Peer() *Peer
		// RemoteIp returns the other side's address, host and port.
		RemoteIp() string
		// LocalIp returns this side's address, host and port.
		LocalIp() string
		// SetReadTimeout bounds how long a read may wait; 0 means for ever.
		SetReadTimeout(d time.Duration)
		// SetWriteTimeout bounds how long a write may take; 0 means for ever.
		SetWriteTimeout(d time.Duration)
		// Public returns the session's data.
		Public() *sync.Map
		// PublicLen counts the entries of Public.
		PublicLen() int
		// Send writes one packet as it is: seq and type are the caller's.
		Send(p *packet.Packet) error
		// Receive reads one packet. Where its NewBody function is set the
		// body is decoded into what that gives, else the raw body is kept.
		Receive(p *packet.Packet) error
	}
	// PostSession is a session that has ended: given to PostDisconnect.
	PostSession interface {
		// Id returns the session's id.
		Id() string
		// Peer returns the peer.
		Peer() *Peer
		// RemoteIp returns the other side's address, host and port.
		RemoteIp() string
		// LocalIp returns this side's address, host and port.
		LocalIp() string
		// Public returns the session's data.
		Public() *sync.Map
		// PublicLen counts the entries of Public.
		PublicLen() int
	}
)
