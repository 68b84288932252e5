package tp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// preSession is what a PostDial or PostAccept hook sees of a session: a link
// that nobody reads yet.
type preSession struct {
	s     *session
	l     *link
	begun atomic.Bool // the hooks are through: the reader has the link
}

var _ PreSession = (*preSession)(nil)

func (p *preSession) SetId(id string)                 { p.s.SetId(id) }
func (p *preSession) Id() string                      { return p.s.Id() }
func (p *preSession) Peer() *Peer                     { return p.s.peer }
func (p *preSession) RemoteIp() string                { return addrText(p.l.conn.NetConn().RemoteAddr()) }
func (p *preSession) LocalIp() string                 { return addrText(p.l.conn.NetConn().LocalAddr()) }
func (p *preSession) SetReadTimeout(d time.Duration)  { p.s.SetReadTimeout(d) }
func (p *preSession) SetWriteTimeout(d time.Duration) { p.s.SetWriteTimeout(d) }
func (p *preSession) Public() *sync.Map               { return p.s.Public() }
func (p *preSession) PublicLen() int                  { return p.s.PublicLen() }

// Close ends the session without waiting: the hook that calls it is part of
// what there is to wait for.
func (p *preSession) Close() error {
	p.s.beginClose(errClosedHere)
	return nil
}

func (p *preSession) Health() bool {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.status == statusOK
}

// ErrHandshakeOver is what Send and Receive of a PreSession return after its hook.
var ErrHandshakeOver = errors.New("teleport: the session has begun: Send and Receive are for the PostDial and PostAccept hooks only")

func (p *preSession) Send(out *packet.Packet) error {
	if p.begun.Load() {
		return ErrHandshakeOver
	}
	if _, err := p.l.write(context.Background(), out); err != nil {
		return fmt.Errorf("teleport: handshake: %w", err)
	}
	return p.l.conn.Flush(context.Background())
}

func (p *preSession) Receive(in *packet.Packet) error {
	if p.begun.Load() {
		return ErrHandshakeOver
	}
	if t := p.s.peer.cfg.HandshakeTimeout; t > 0 && p.s.ReadTimeout() == 0 {
		p.l.conn.SetReadTimeout(t)
		defer func() { p.l.conn.SetReadTimeout(p.s.ReadTimeout()) }()
	}
	if err := p.l.conn.ReadPacket(in); err != nil {
		return fmt.Errorf("teleport: handshake: %w", err)
	}
	in.Detach()
	return nil
}

// begin makes a link ready: the session's id, the hook of its side. On an
// error the link has ended.
func (p *Peer) begin(s *session, l *link, dialed bool) *Rerror {
	pre := &preSession{s: s, l: l}
	returned := false // not after runtime.Goexit
	defer func() {
		pre.begun.Store(true)
		if returned {
			return
		}
		l.end(errExited)
		if s.redial == nil || s.redial.upAt.IsZero() { // else run sees to it
			s.abandon(errExited)
		}
	}()
	hook, run := "PostAccept", p.plugins.postAccept
	if dialed {
		hook, run = "PostDial", p.plugins.postDial
	}
	rerr := guard(hook, func() *Rerror { return run(pre) })
	returned = true
	if rerr == nil && !pre.Health() {
		rerr = newCodeRerror(CodeConnClosed, "the session was closed during its handshake")
	}
	if rerr == nil && l.ending.Load() {
		rerr = newCodeRerror(CodeConnClosed, "the connection broke during the handshake")
	}
	if rerr != nil {
		l.end(fmt.Errorf("teleport: handshake refused: %w", rerr))
	}
	return rerr
}

// enter puts a session whose handshake is through into the hub and opens it
// for calls; false when it was closed meanwhile.
func (p *Peer) enter(s *session, l *link) bool {
	if kicked := p.hub.add(s); kicked != nil {
		kicked.beginClose(errKicked)
	}
	if s.up(l) {
		s.tell(SessionEvent{State: SessionConnected})
		return true
	}
	p.hub.remove(s)
	l.end(errClosedHere)
	return false
}

// abandon ends a session that never began.
func (s *session) abandon(cause error) {
	s.mu.Lock()
	s.status = statusClosed
	if s.cause == nil {
		s.cause = cause
	}
	s.wakeLocked()
	s.mu.Unlock()
	s.peer.forget(s)
	s.done.fire()
}

// setAbort says what beginClose calls to interrupt a handshake; nil for nothing.
// If the session is closing already, abort is called at once.
func (s *session) setAbort(abort func()) {
	s.mu.Lock()
	s.abort = abort
	late := s.status != statusOK
	s.mu.Unlock()
	if late && abort != nil {
		abort()
	}
}
