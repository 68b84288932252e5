package tp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// Push sends a PUSH: hooks, acceptance, hooks.
//
// req: TP-SEQ-002
func (s *session) Push(uri string, args any, settings ...packet.PacketSetting) *Rerror {
	return s.PushContext(context.Background(), uri, args, settings...)
}

// PushContext is Push while ctx lasts.
//
// req: TP-DEAD-004
func (s *session) PushContext(ctx context.Context, uri string, args any, settings ...packet.PacketSetting) *Rerror {
	start := s.peer.now()
	out := packet.NewPacket()
	s.fillOut(out, uri, args, settings)
	seq := s.pushSeq.Add(1) - 1
	out.SetPtype(packet.TypePush)
	out.SetSeq(seq)
	hooks := s.peer.plugins.hooks()
	var hc *handlerCtx
	if len(hooks.preWritePush)+len(hooks.postWritePush) > 0 {
		hc = &handlerCtx{sess: s, out: out}
		hc.more().caller = ctx
	}
	rerr := s.prePush(ctx, hc, out, seq)
	if rerr == nil {
		rerr = s.sendPush(ctx, out)
	}
	s.pushed(out, start, rerr)
	if rerr == nil && len(hooks.postWritePush) > 0 {
		guard("PostWritePush", func() *Rerror { return s.peer.plugins.postWritePush(hc) })
	}
	return rerr
}

// prePush runs the hooks before the sending, of which hc is nil where there are none.
func (s *session) prePush(ctx context.Context, hc *handlerCtx, out *packet.Packet, seq uint64) *Rerror {
	if ctx.Err() != nil {
		return rerrorOfContext(ctx)
	}
	if hc == nil {
		return nil
	}
	rerr := guard("PreWritePush", func() *Rerror { return s.peer.plugins.preWritePush(hc) })
	out.SetPtype(packet.TypePush)
	out.SetSeq(seq)
	return rerr
}

// sendPush writes the packet; on a link that breaks before it was accepted it
// goes on with the next one.
func (s *session) sendPush(ctx context.Context, out *packet.Packet) *Rerror {
	for tried := false; ; tried = true {
		l, rerr := s.acquire(ctx)
		if rerr != nil {
			return neverSent(rerr, tried)
		}
		setTimeout(ctx, out)
		t, err := l.write(ctx, out)
		if err == nil {
			l.pushState().log.note(t, out)
			return nil
		}
		if rerr := writeRerror(ctx, err); rerr != nil {
			return rerr
		}
		if !errors.Is(err, socket.ErrWriteClosed) { // a link that is left is not broken
			l.end(err)
		}
		if !l.conn.Untouched(t) || s.redial == nil {
			return newCodeRerror(CodeWriteFailed, err.Error())
		}
	}
}

// pushLogSize is how many of a link's last pushes can be named when they are lost.
const pushLogSize = 32

// pushLog remembers where a link's last pushes lie in its stream, so that the
// end of the session can name those that were accepted and never left.
type pushLog struct {
	mu   sync.Mutex // guards what follows
	ring []notedPush
	next int
}

type notedPush struct {
	ticket socket.Ticket
	seq    uint64
	uri    string
}

func (g *pushLog) note(t socket.Ticket, out *packet.Packet) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := notedPush{t, out.Seq(), out.Uri()}
	if len(g.ring) < pushLogSize {
		g.ring = append(g.ring, n)
		return
	}
	g.ring[g.next] = n
	g.next = (g.next + 1) % pushLogSize
}

func (g *pushLog) all() []notedPush {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]notedPush(nil), g.ring...)
}

// linkPushes is what a link knows of pushes, in either direction.
type linkPushes struct {
	log   pushLog   // sent
	order pushOrder // received
}

// pushState gives what the link knows of pushes, to add to it.
func (l *link) pushState() *linkPushes {
	if p := l.pushes.Load(); p != nil {
		return p
	}
	l.pushes.CompareAndSwap(nil, new(linkPushes))
	return l.pushes.Load()
}

func (l *link) notedPushes() []notedPush {
	if p := l.pushes.Load(); p != nil {
		return p.log.all()
	}
	return nil
}

func (l *link) earlierPushes() <-chan struct{} {
	if p := l.pushes.Load(); p != nil {
		return p.order.earlier()
	}
	return nil
}

// lostPushes is what the end of a session says of packets that did not leave.
type lostPushes struct {
	frames, bytes int
	pushes        []string
}

// add counts what a link that is over did not flush.
func (p *lostPushes) add(l *link) {
	frames, bytes := l.conn.Unflushed()
	p.frames += frames
	p.bytes += bytes
	if frames == 0 {
		return
	}
	for _, n := range l.notedPushes() {
		if l.conn.Untouched(n.ticket) {
			p.pushes = append(p.pushes, fmt.Sprintf("%d %s", n.seq, n.uri))
		}
	}
}

// maxNamedPushes bounds the pushes that the end of a session names.
const maxNamedPushes = 256

// join adds what o counts; the last pushes keep their names.
func (p *lostPushes) join(o lostPushes) {
	p.frames += o.frames
	p.bytes += o.bytes
	p.pushes = append(p.pushes, o.pushes...)
	if n := len(p.pushes); n > maxNamedPushes {
		p.pushes = append([]string(nil), p.pushes[n-maxNamedPushes:]...)
	}
}

func (p *lostPushes) String() string {
	if p.frames == 0 {
		return ""
	}
	s := fmt.Sprintf("; %d packets (%d bytes) were not sent", p.frames, p.bytes)
	if len(p.pushes) > 0 {
		s += ", among them the pushes " + logText(strings.Join(p.pushes, ", "))
	}
	return s
}
