package tp

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Dial connects to another peer at addr, on PeerConfig.Network, with the first
// of protoFunc or the default Proto. It returns when the PostDial hooks are
// through. The error is 105, or that of a hook. PeerConfig.DefaultDialTimeout
// bounds the connecting.
func (p *Peer) Dial(addr string, protoFunc ...packet.ProtoFunc) (Session, *Rerror) {
	ctx, cancel := p.dialContext()
	defer cancel()
	return p.DialContext(ctx, addr, protoFunc...)
}

func (p *Peer) dialContext() (context.Context, context.CancelFunc) {
	if t := p.cfg.DefaultDialTimeout; t > 0 {
		return context.WithTimeout(context.Background(), t)
	}
	return context.WithCancel(context.Background())
}

// DialContext is Dial with a context in place of the timeout. The context
// bounds the connecting only, not the session, and not its redials.
func (p *Peer) DialContext(ctx context.Context, addr string, protoFunc ...packet.ProtoFunc) (Session, *Rerror) {
	s := newSession(p)
	if !p.track(s) {
		return nil, newCodeRerror(CodeDialFailed, ErrPeerClosed.Error())
	}
	s.dialed = true
	d := &dialer{addr: addr, pf: firstProto(protoFunc)}
	if p.cfg.RedialTimes != 0 {
		s.redial = d
	}
	l, rerr := s.connect(ctx, d)
	if rerr == nil && !p.enter(s, l) {
		rerr = newCodeRerror(CodeDialFailed, "closed during the handshake")
	}
	if rerr != nil {
		s.abandon(rerr)
		return nil, rerr
	}
	Infof("dial ok (network:%s, addr:%s, id:%s)", p.cfg.Network, logText(addr), logText(s.Id()))
	d.upAt = time.Now()
	s.start(l)
	return s, nil
}

// dialer knows where a session was dialed to, and how its redialing goes.
type dialer struct {
	addr string
	pf   packet.ProtoFunc

	// Of the goroutine that runs the session.
	upAt     time.Time // when the last link came up
	attempts int       // since a link last proved good
}

// connect dials, and makes a link that is through its handshake.
func (s *session) connect(ctx context.Context, d *dialer) (*link, *Rerror) {
	p := s.peer
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.setAbort(cancel)
	defer s.setAbort(nil)
	nc, err := p.cfg.DialFunc(ctx, p.cfg.Network, d.addr)
	if err != nil {
		return nil, newCodeRerror(CodeDialFailed, err.Error())
	}
	raw := nc // nc is another variable to the one who aborts
	s.setAbort(func() { raw.Close() })
	if p.cfg.TLSConfig != nil {
		tc := tls.Client(nc, clientTLS(p.cfg.TLSConfig, d.addr))
		if err := p.handshake(ctx, tc); err != nil {
			nc.Close()
			return nil, newCodeRerror(CodeDialFailed, "TLS handshake: "+err.Error())
		}
		nc = tc
	}
	s.setId(p.addressId(nc.LocalAddr(), nc.RemoteAddr()))
	l := s.newLink(nc, d.pf)
	if rerr := p.begin(s, l, true); rerr != nil {
		return nil, rerr
	}
	return l, nil
}

// next makes the link after old, where the session redials: it waits, dials,
// and sends what old did not. nil ends the session. It runs on the session's
// own goroutine, with one timer and no other.
//
// req: TP-SESS-030, TP-SESS-031
func (s *session) next(old *link) *link {
	d, cfg := s.redial, &s.peer.cfg
	if d == nil {
		return nil
	}
	if old.good || time.Since(d.upAt) > cfg.RedialMaxInterval {
		d.attempts = 0 // a link that worked; one that only opens is no success
	}
	for cfg.RedialTimes < 0 || d.attempts < cfg.RedialTimes {
		if s.stop.isFired() {
			return nil
		}
		wait := backoff(cfg.RedialInterval, cfg.RedialMaxInterval, d.attempts)
		d.attempts++
		s.tell(SessionEvent{State: SessionRedialing, Attempt: d.attempts, Wait: wait})
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-s.stop.wait():
			timer.Stop()
			return nil
		}
		if l := s.dialAgain(d); l != nil {
			return l
		}
	}
	s.giveUp()
	s.tell(SessionEvent{State: SessionGaveUp, Attempt: d.attempts, Cause: errRedialFailed})
	return nil
}

// backoff is the wait before an attempt: doubled each time, up to a bound, and
// anything between the half and the whole of that.
func backoff(first, most time.Duration, attempt int) time.Duration {
	d := most
	if attempt < 30 && first<<attempt > 0 {
		d = min(first<<attempt, most)
	}
	return d/2 + rand.N(d/2+1)
}

func (s *session) dialAgain(d *dialer) *link {
	p := s.peer
	ctx, cancel := p.dialContext()
	defer cancel()
	l, rerr := s.connect(ctx, d)
	if rerr != nil {
		Errorf("redial fail (network:%s, addr:%s, id:%s): %s", p.cfg.Network, logText(d.addr), logText(s.Id()), logText(rerr.String()))
		return nil
	}
	for _, cmd := range s.takeKept() {
		s.sendKept(l, cmd)
	}
	if !s.up(l) {
		l.end(errClosedHere)
		return nil
	}
	d.upAt = time.Now()
	p.stats.redials.Add(1)
	s.tell(SessionEvent{State: SessionConnected, Attempt: d.attempts})
	Infof("redial ok (network:%s, addr:%s, id:%s)", p.cfg.Network, logText(d.addr), logText(s.Id()))
	return l
}

// giveUp ends the taking of calls after the last attempt.
func (s *session) giveUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status != statusOK {
		return
	}
	s.status = statusClosing
	if s.cause == nil {
		s.cause = errRedialFailed
	}
	s.wakeLocked()
}
