// Package service offers the conformance service of the standard (chapter 19): the few routes that a
// peer under test answers, written as any user of the reference peer would write theirs.
package service

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Bounds of the routes that wait: a caller that never releases, or never pushes, gets its answer then.
const (
	holdFor  = 10 * time.Second
	countFor = 5 * time.Second
)

// New makes a peer that offers the conformance service, with these plugins of the caller's before its
// own. The caller sets what cfg says of the network and closes the peer.
//
// req: TP-CONF-027
func New(cfg tp.PeerConfig, plugins ...tp.Plugin) *tp.Peer {
	s := &state{
		gates: &gateSet{gate: make(map[string]chan struct{})},
		notes: &noteCounts{counts: make(map[string]int), more: make(chan struct{})},
	}
	s.declared = declare(cfg)
	peer := tp.NewPeer(cfg, append(slices.Clone(plugins), &sessionEnd{s.notes})...)
	peer.PullRouter.Reg(&Conformance{state: s})
	push := peer.PushRouter.Group("conformance")
	push.RegFunc("note", s.note)
	push.RegFunc("typed", s.typed)
	push.RegFunc("panic", s.panic)
	push.RegFunc("release", s.pushRelease)
	push.RegFunc("case", s.announced)
	return peer
}

// state is what the routes share.
type state struct {
	gates    *gateSet
	notes    *noteCounts
	declared declaration
}

// Conformance is the controller of the PULL routes. Bodies are taken as raw bytes, but for Sum and Codec.
type Conformance struct {
	tp.PullCtx
	*state
}

// Echo answers the body and codec that the PULL carried, undecoded.
//
// req: TP-CONF-006
func (c *Conformance) Echo(body *[]byte) (packet.RawBody, *tp.Rerror) {
	return *body, nil
}

// Error answers the error that the query names.
//
// req: TP-CONF-007
func (c *Conformance) Error(*[]byte) (any, *tp.Rerror) {
	q := c.Query()
	code, err := strconv.ParseInt(cmp.Or(q.Get("code"), "0"), 10, 32)
	if err != nil {
		return nil, tp.NewRerror(tp.CodeBadPacket, "Bad Packet", "code: expected a 32-bit integer: "+err.Error())
	}
	return nil, tp.NewRerror(int32(code), q.Get("message"), q.Get("detail"))
}

// Partial answers a result and an error at once.
//
// req: TP-CONF-008
func (c *Conformance) Partial(*[]byte) (map[string]bool, *tp.Rerror) {
	c.SetBodyCodec('j')
	return map[string]bool{"partial": true}, tp.NewRerror(1006, "with body", "")
}

// Meta answers the PULL's metadata, pair by pair, with an empty result.
//
// req: TP-CONF-011
func (c *Conformance) Meta(*[]byte) (any, *tp.Rerror) {
	out := c.Output().Meta()
	c.CopyMeta().VisitAll(func(k, v []byte) { out.Add(string(k), string(v)) })
	return nil, nil
}

// Sum takes a JSON array of two integers: the one route whose body is decoded before it is called.
//
// req: TP-CONF-016
func (c *Conformance) Sum(args *[2]int) (int, *tp.Rerror) {
	return args[0] + args[1], nil
}

// Panic fails without an answer of its own.
//
// req: TP-CONF-017
func (c *Conformance) Panic(*[]byte) (any, *tp.Rerror) {
	panic("conformance service: asked to fail")
}

// Unencodable answers a result that no codec can encode.
//
// req: TP-CONF-018
func (c *Conformance) Unencodable(*[]byte) (any, *tp.Rerror) {
	c.SetBodyCodec('j')
	return map[string]any{"channel": make(chan int)}, nil
}

// Null answers success without a result.
//
// req: TP-CONF-019
func (c *Conformance) Null(*[]byte) (any, *tp.Rerror) {
	return nil, nil
}

// Codec answers a string under the codec whose id the query names.
//
// req: TP-CONF-020
func (c *Conformance) Codec(text *string) (string, *tp.Rerror) {
	id, rerr := parseByte("id", c.Query().Get("id"))
	if rerr != nil {
		return "", rerr
	}
	c.SetBodyCodec(id)
	return *text, nil
}

// Pipe answers the body with the filters that the query names added to the reply's pipe.
//
// req: TP-CONF-021
func (c *Conformance) Pipe(body *[]byte) (packet.RawBody, *tp.Rerror) {
	for _, text := range strings.Split(c.Query().Get("ids"), ",") {
		id, rerr := parseByte("ids", text)
		if rerr != nil {
			return nil, rerr
		}
		c.AddXferPipe(id)
	}
	return *body, nil
}

func parseByte(name, text string) (byte, *tp.Rerror) {
	n, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		return 0, tp.NewRerror(tp.CodeBadPacket, "Bad Packet", name+": expected a number from 0 to 255: "+err.Error())
	}
	return byte(n), nil
}
