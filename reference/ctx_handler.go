package tp

import (
	"context"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// handlerCtx is the one implementation of all contexts: each handler and hook
// sees the interface that is its own. There is a fresh one for each packet and
// it is never used again, so that who keeps it too long reads old data, not
// another caller's.
type handlerCtx struct {
	sess    *session
	link    *link          // nil where the packet is launched, not received
	in      *packet.Packet // what came; nil for what is launched
	out     *packet.Packet // what is sent: the launched packet, or the REPLY
	handler *Handler
	arg     any
	rerr    *Rerror    // what the reader found wrong
	turn    tokenState // with which the handler has the link's token; 0: it never had
	held    int        // bytes that the packet was admitted with

	uri, path string // uri as it came
	parsed    bool   // path and the query are set
	codecSet  bool   // the handler chose the reply's codec
	routed    bool   // the reader has run route
	bound     bool   // the reader has run bind
	timed     bool   // the handler's time is measured
	codec     byte   // of a packet that is used again; so is seq
	use       atomic.Uint32
	seq       uint64

	rare atomic.Pointer[ctxRare]
}

// ctxRare is what few contexts have: apart, for there is a context for each packet.
type ctxRare struct {
	cmd      *call           // the call that a REPLY belongs to, or that is launched
	caller   context.Context // of a launched PUSH
	rawQuery string
	start    time.Time // zero where nobody wants to know
	deadline time.Time // when the caller stops waiting; zero: it has not said
	live     atomic.Pointer[liveContext]
	public   atomic.Pointer[sync.Map]
	after    func(err error) // AfterReply's
	lost     error           // why the REPLY was not sent
	pushNo   uint64          // in the link's order of pushes; 0: not in it
}

// noRare is what a context without any has. It is only read.
var noRare ctxRare

// has gives what the context has of the rare things, to read.
func (c *handlerCtx) has() *ctxRare {
	if r := c.rare.Load(); r != nil {
		return r
	}
	return &noRare
}

// more gives the same to write.
func (c *handlerCtx) more() *ctxRare {
	r := c.rare.Load()
	if r == nil {
		r = new(ctxRare)
		if c.rare.CompareAndSwap(nil, r) {
			return r
		}
		r = c.rare.Load()
	}
	if r == rareOver { // the handler has returned: what is kept now is for nobody else
		r = new(ctxRare)
		r.live.Store(contextOver)
	}
	return r
}

// rareOver is for who asks for the first time when the handler has returned.
var rareOver = func() *ctxRare {
	r := new(ctxRare)
	r.live.Store(contextOver)
	return r
}()

var (
	_ handleCtx      = (*handlerCtx)(nil)
	_ UnknownPullCtx = (*handlerCtx)(nil)
	_ UnknownPushCtx = (*handlerCtx)(nil)
	_ ReadCtx        = (*handlerCtx)(nil)
	_ WriteCtx       = (*handlerCtx)(nil)
)

func (c *handlerCtx) Peer() *Peer { return c.sess.peer }

// Session returns the session, to Pull and Push on as anywhere else.
//
// req: TP-SESS-034
func (c *handlerCtx) Session() Session {
	if c.turn != 0 {
		c.link.callback.Store(true)
	}
	return c.sess
}

// inside says that the handler runs on the goroutine that would read.
func (c *handlerCtx) inside() bool { return c.turn != 0 && c.link.token.load() == c.turn }

// stepAside has another goroutine read, before the handler waits for something.
func (c *handlerCtx) stepAside() {
	if c.turn != 0 {
		c.link.takeOver(c.turn)
	}
}

func (c *handlerCtx) Ip() string {
	if c.link != nil {
		return addrText(c.link.conn.NetConn().RemoteAddr())
	}
	return c.sess.RemoteIp()
}

func (c *handlerCtx) Public() *sync.Map {
	if cmd := c.has().cmd; cmd != nil {
		return cmd.publicData() // the hooks around one call share its data
	}
	return seededMap(&c.more().public, &c.sess.public)
}

func (c *handlerCtx) PublicLen() int { return mapLen(c.Public()) }

// What becomes of a context's packets: they are the engine's alone, or the user
// has got at them and they are left to whoever keeps the context, or the handler
// has returned before that and they are used again.
const (
	packetsOwn uint32 = iota
	packetsLent
	packetsGone
)

// lend is called before the user gets at in or out; false when they are gone.
func (c *handlerCtx) lend() bool {
	return c.use.CompareAndSwap(packetsOwn, packetsLent) || c.use.Load() == packetsLent
}

// recycle gives back the packets of a call that has been told of everywhere,
// where nobody has got at them and the context can show the same without them.
func (c *handlerCtx) recycle() {
	in, out := c.in, c.out
	if !c.parsed || c.handler == nil || c.handler.unknown || in.Meta().Len() > 0 || in.XferPipe().Len() > 0 {
		return
	}
	c.seq, c.codec = in.Seq(), in.BodyCodec()
	if c.use.CompareAndSwap(packetsOwn, packetsGone) {
		packet.PutPacket(in)
		packet.PutPacket(out)
	}
}

// shown makes what the context shows of a packet that is used again.
func (c *handlerCtx) shown(ptype byte) *packet.Packet {
	return packet.NewPacket(packet.WithPtype(ptype), packet.WithSeq(c.seq), packet.WithUri(c.uri), packet.WithBodyCodec(c.codec))
}

// input is the packet that came, or what can be shown of it.
func (c *handlerCtx) input() *packet.Packet {
	switch {
	case c.lend():
		return c.in
	case c.handler.isPush:
		return c.shown(packet.TypePush)
	}
	return c.shown(packet.TypePull)
}

// output is what the user's setters change: nil for a PUSH, and when the handler
// has returned.
func (c *handlerCtx) output() *packet.Packet {
	if c.lend() {
		return c.out
	}
	return nil
}

func (c *handlerCtx) Input() *packet.Packet { return c.input() }

func (c *handlerCtx) Output() *packet.Packet {
	if c.lend() {
		return c.out
	}
	return c.shown(packet.TypeReply)
}

func (c *handlerCtx) Seq() uint64 { return c.input().Seq() }

func (c *handlerCtx) GetMeta(key string) []byte { return c.input().Meta().Peek(key) }

func (c *handlerCtx) CopyMeta() *packet.Meta {
	m := new(packet.Meta)
	c.input().Meta().CopyTo(m)
	return m
}

func (c *handlerCtx) Uri() string { return c.uri }

func (c *handlerCtx) Path() string {
	c.parse()
	return c.path
}

func (c *handlerCtx) RawQuery() string {
	c.parse()
	return c.has().rawQuery
}

func (c *handlerCtx) Query() url.Values {
	c.parse()
	return parseQuery(c.has().rawQuery)
}

// parse splits the uri as it stands, which a header hook may have changed.
// Once routed it stays.
func (c *handlerCtx) parse() error {
	if c.parsed {
		return nil
	}
	path, rawQuery, err := parseUri(c.in.Uri())
	if err != nil {
		return err
	}
	c.path = path
	if rawQuery != "" {
		c.more().rawQuery = rawQuery
	}
	return nil
}

func (c *handlerCtx) GetBodyCodec() byte { return c.input().BodyCodec() }

// SetBodyCodec sets the codec of the REPLY.
//
// req: TP-CODEC-013
func (c *handlerCtx) SetBodyCodec(id byte) {
	if out := c.output(); out != nil {
		c.codecSet = true
		out.SetBodyCodec(id)
	}
}

func (c *handlerCtx) SetMeta(key, value string) {
	if out := c.output(); out != nil {
		out.Meta().Set(key, value)
	}
}

// AddXferPipe appends to the reply's pipe; an unknown id is kept as the pipe's
// error and fails the reply.
func (c *handlerCtx) AddXferPipe(ids ...byte) {
	out := c.output()
	if out == nil {
		return
	}
	if err := out.XferPipe().AppendFromRegistry(c.sess.peer.cfg.Filters, ids...); err != nil {
		Errorf("AddXferPipe in the handler of %s: %s", logText(c.uri), err)
	}
}

func (c *handlerCtx) InputBodyBytes() []byte { return append([]byte(nil), c.input().RawBody()...) }

func (c *handlerCtx) Bind(v any) (byte, error) {
	in := c.input()
	return in.BodyCodec(), in.Bind(v)
}

func (c *handlerCtx) Unmarshal(b []byte, v any, setCodec ...bool) (byte, error) {
	id := c.input().BodyCodec()
	if len(setCodec) > 0 && setCodec[0] && id != codec.NilCodecId {
		c.SetBodyCodec(id)
	}
	p := packet.NewPacket(packet.WithBodyCodec(id))
	p.SetEnv(c.sess.peer.env)
	p.SetRawBody(b, 0)
	return id, p.Bind(v)
}
