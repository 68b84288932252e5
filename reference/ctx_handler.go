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
	cmd     *PullCmd       // the call that a REPLY belongs to, or that is launched
	handler *Handler
	arg     any
	held    int // bytes that the packet was admitted with

	uri, path, rawQuery string  // uri as it came
	parsed              bool    // path and rawQuery are set
	codecSet            bool    // the handler chose the reply's codec
	routed              bool    // the reader has run route
	bound               bool    // the reader has run bind
	rerr                *Rerror // what the reader found wrong
	start               time.Time
	deadline            time.Time       // when the caller stops waiting; zero: it has not said
	caller              context.Context // of a launched PUSH
	live                atomic.Pointer[liveContext]
	public              atomic.Pointer[sync.Map]

	after  func(err error) // AfterReply's
	lost   error           // why the REPLY was not sent
	pushNo uint64          // in the link's order of pushes; 0: not in it
}

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
func (c *handlerCtx) Session() Session { return c.sess }

func (c *handlerCtx) Ip() string {
	if c.link != nil {
		return addrText(c.link.conn.NetConn().RemoteAddr())
	}
	return c.sess.RemoteIp()
}

func (c *handlerCtx) Public() *sync.Map {
	if c.cmd != nil {
		return c.cmd.Public() // the hooks around one call share its data
	}
	return seededMap(&c.public, &c.sess.public)
}

func (c *handlerCtx) PublicLen() int { return mapLen(c.Public()) }

func (c *handlerCtx) Input() *packet.Packet { return c.in }

func (c *handlerCtx) Output() *packet.Packet { return c.out }

func (c *handlerCtx) Seq() uint64 { return c.in.Seq() }

func (c *handlerCtx) GetMeta(key string) []byte { return c.in.Meta().Peek(key) }

func (c *handlerCtx) CopyMeta() *packet.Meta {
	m := new(packet.Meta)
	c.in.Meta().CopyTo(m)
	return m
}

func (c *handlerCtx) Uri() string { return c.uri }

func (c *handlerCtx) Path() string {
	c.parse()
	return c.path
}

func (c *handlerCtx) RawQuery() string {
	c.parse()
	return c.rawQuery
}

func (c *handlerCtx) Query() url.Values {
	c.parse()
	return parseQuery(c.rawQuery)
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
	c.path, c.rawQuery = path, rawQuery
	return nil
}

func (c *handlerCtx) GetBodyCodec() byte { return c.in.BodyCodec() }

// SetBodyCodec sets the codec of the REPLY.
//
// req: TP-CODEC-013
func (c *handlerCtx) SetBodyCodec(id byte) {
	if c.out == nil {
		return // a PUSH has no reply
	}
	c.codecSet = true
	c.out.SetBodyCodec(id)
}

func (c *handlerCtx) SetMeta(key, value string) {
	if c.out != nil {
		c.out.Meta().Set(key, value)
	}
}

// AddXferPipe appends to the reply's pipe; an unknown id is kept as the pipe's
// error and fails the reply.
func (c *handlerCtx) AddXferPipe(ids ...byte) {
	if c.out == nil {
		return
	}
	if err := c.out.XferPipe().AppendFromRegistry(c.sess.peer.cfg.Filters, ids...); err != nil {
		Errorf("AddXferPipe in the handler of %s: %s", logText(c.uri), err)
	}
}

func (c *handlerCtx) InputBodyBytes() []byte { return append([]byte(nil), c.in.RawBody()...) }

func (c *handlerCtx) Bind(v any) (byte, error) { return c.in.BodyCodec(), c.in.Bind(v) }

func (c *handlerCtx) Unmarshal(b []byte, v any, setCodec ...bool) (byte, error) {
	id := c.in.BodyCodec()
	if len(setCodec) > 0 && setCodec[0] && id != codec.NilCodecId {
		c.SetBodyCodec(id)
	}
	p := packet.NewPacket(packet.WithBodyCodec(id))
	p.SetEnv(c.sess.peer.env)
	p.SetRawBody(b, 0)
	return id, p.Bind(v)
}
