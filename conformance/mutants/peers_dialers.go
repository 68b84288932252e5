package mutants

import (
	"context"
	"maps"
	"net"

	"github.com/henrylee2cn/teleport/reference/tptest"
)

// dialing is the name of the clean peer that dials.
const dialing = "naive peer that dials"

// startDialing starts naive peers that dial: they keep some connections open to whoever takes them, and dial again
// when one has ended, or do not.
func startDialing(keep int, again bool) PeerFunc {
	return func() (func(context.Context) (net.Conn, error), func()) {
		p := newNaivePeer()
		p.running.Go(p.keepTimers)
		offers := make(chan net.Conn)
		for range keep {
			p.running.Go(func() { p.keepDialing(offers, again) })
		}
		taken := func(ctx context.Context) (net.Conn, error) {
			select {
			case conn := <-offers:
				return conn, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return taken, p.stop
	}
}

// keepDialing keeps one connection open.
func (p *naivePeer) keepDialing(offers chan<- net.Conn, again bool) {
	for first := true; first || again; first = false {
		ours, theirs := tptest.Pipe()
		select {
		case offers <- theirs:
		case <-p.stopped:
			return
		}
		if isClosed(p.stopped) {
			ours.Close()
			return
		}
		select {
		case <-p.serve(ours).gone:
		case <-p.stopped:
			return
		}
	}
}

// peerDialers: how many connections a testee serves, or keeps open.
func peerDialers() []Mutant {
	dials := func(id, fault, requirements, killedBy string, keep int, again bool) Mutant {
		m := silent(id, fault, requirements, killedBy, nil)
		m.Base, m.Peer = dialing, startDialing(keep, again)
		return m
	}
	return []Mutant{
		silent("serves-three", "a peer that listens serves three connections at once and ends a fourth", "TP-CONF-027", "testee-at-once",
			func(p *naivePeer) {
				served := map[*naiveSession]bool{}
				p.arrived = func(s *naiveSession, b []byte) []byte {
					p.mu.Lock()
					defer p.mu.Unlock()
					maps.DeleteFunc(served, func(other *naiveSession, _ bool) bool { return other.closed })
					if len(served) < 3 {
						served[s] = true
					}
					if !served[s] {
						s.closeLocked()
					}
					return b
				}
			}),
		silent("serves-one-by-one", "a peer that listens serves one connection after the other", "TP-CONF-027", "testee-at-once",
			func(p *naivePeer) {
				var serving *naiveSession
				p.arrived = func(s *naiveSession, b []byte) []byte {
					for {
						p.mu.Lock()
						if serving == nil || serving.closed {
							serving = s
						}
						first := serving
						p.mu.Unlock()
						if first == s {
							return b
						}
						select {
						case <-first.gone:
						case <-s.gone:
							return b
						case <-p.stopped:
							return b
						}
					}
				}
			}),
		dials("dials-one", "a peer that dials keeps one connection open", "TP-CONF-028", "testee-at-once", 1, true),
		dials("dials-three", "a peer that dials keeps three connections open", "TP-CONF-028", "testee-at-once", 3, true),
		dials("dials-once", "a peer that dials does not dial again when a connection has ended", "TP-CONF-029", "testee-again", 4, false),
	}
}
