package tp

import (
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
	start := s.peer.now()
	out := s.newOut(uri, args, settings)
	seq := s.pushSeq.Add(1) - 1
	out.SetPtype(packet.TypePush)
	out.SetSeq(seq)
	hooks := s.peer.plugins.hooks()
	var ctx *handlerCtx
	if len(hooks.preWritePush)+len(hooks.postWritePush) > 0 {
		ctx = &handlerCtx{sess: s, out: out}
	}
	if len(hooks.preWritePush) > 0 {
		if rerr := guard("PreWritePush", func() *Rerror { return s.peer.plugins.preWritePush(ctx) }); rerr != nil {
			return rerr
		}
		out.SetPtype(packet.TypePush)
		out.SetSeq(seq)
	}
	if rerr := s.sendPush(out); rerr != nil {
		return rerr
	}
	s.logPush(out, start)
	if len(hooks.postWritePush) > 0 {
		guard("PostWritePush", func() *Rerror { return s.peer.plugins.postWritePush(ctx) })
	}
	return nil
}

// sendPush writes the packet; on a link that breaks before it was accepted it
// goes on with the next one.
func (s *session) sendPush(out *packet.Packet) *Rerror {
	for tried := false; ; tried = true {
		l, rerr := s.acquire()
		if rerr != nil {
			if tried {
				rerr = newCodeRerror(CodeWriteFailed, "never sent: "+rerr.Detail)
			}
			return rerr
		}
		t, err := l.write(out)
		if err == nil {
			l.pushes.note(t, out)
			return nil
		}
		var pe *packet.Error
		if errors.As(err, &pe) {
			return newCodeRerror(CodeWriteFailed, err.Error())
		}
		l.end(err)
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
	for _, n := range l.pushes.all() {
		if l.conn.Untouched(n.ticket) {
			p.pushes = append(p.pushes, fmt.Sprintf("%d %s", n.seq, n.uri))
		}
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
