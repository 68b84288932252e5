package suite

import (
	"errors"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// halfClose ends our sending half. Connections that cannot are skipped.
func (l *link) halfClose() {
	c, ok := l.conn.(interface{ CloseWrite() error })
	if !ok {
		l.t.Skipf("the connection (%T) cannot close its sending half", l.conn)
	}
	l.t.Trace(runner.Sent, l.name+": end of the sending half", nil)
	err := c.CloseWrite()
	if errors.Is(err, errors.ErrUnsupported) {
		l.t.Skipf("the connection (%T) cannot close its sending half", l.conn)
	}
	if err != nil && !ended(err) {
		l.t.Harnessf("closing the sending half: %v", err)
	}
}

// peerStreamCases: how the bytes arrive, and how they end.
func peerStreamCases(tg *Target) []runner.Case {
	halfClosed := tg.service("stream-half-closed", "TP-SESS-028", "PULLs are answered whose sender has closed its sending half", func(l *link) {
		held := pull(1, "/conformance/hold?key="+l.gate, 's', "held")
		l.send(held.frame())
		l.halfClose()
		other := l.another()
		defer other.close()
		other.send(pull(1, "/conformance/release?key="+l.gate, 'j', "null").frame())
		other.read()
		p := l.read()
		l.isReply(p, held)
		l.success(p, 's', "held")
	})
	return []runner.Case{
		tg.service("stream-byte-by-byte", "TP-FRAME-009", "a packet that comes byte by byte is read", func(l *link) {
			c := pull(1, echo, 's', "drop by drop")
			l.drip(c.frame())
			p := l.read()
			l.isReply(p, c)
			l.success(p, 's', "drop by drop")
		}),
		tg.service("stream-split-everywhere", "TP-FRAME-009 TP-FRAME-010", "two packets are read wherever the stream is cut", func(l *link) {
			first, second := pull(1, echo, 's', "one"), pull(2, echo, 's', "two")
			both := append(first.frame(), second.frame()...)
			for at := 1; at < len(both); at++ {
				l.send(both[:at])
				l.send(both[at:])
				l.answers(map[uint64]string{1: "one", 2: "two"})
			}
		}),
		tg.service("stream-begun", "TP-FRAME-010 TP-SESS-003", "a packet is answered while the next has only begun", func(l *link) {
			first, second := pull(1, echo, 's', "one"), pull(2, echo, 's', "two")
			l.send(first.frame(), second.frame()[:7])
			l.success(l.read(), 's', "one")
			l.send(second.frame()[7:])
			p := l.read()
			l.isReply(p, second)
			l.success(p, 's', "two")
		}),
		tg.service("stream-clean-end", "TP-SESS-027 TP-SESS-020", "a clean end of the stream ends the session", func(l *link) {
			l.good()
			l.halfClose()
			if before := l.readEnd(); len(before) > 0 {
				l.t.Fatalf("got a packet of type %d that nobody waits for", before[0].Ptype)
			}
			l.othersGood()
		}),
		tg.service("stream-cut", "TP-FRAME-012 TP-SESS-020 TP-ERR-014", "a stream that ends inside a packet ends the session, and the packet is not handled", func(l *link) {
			frame := pull(1, echo, 's', "cut").frame()
			for at := 1; at < len(frame); at++ {
				cutLink := l.another()
				cutLink.send(frame[:at])
				cutLink.halfClose()
				if before := cutLink.readEnd(); len(before) > 0 {
					l.t.Fatalf("the peer answered the first %d of %d bytes of a packet", at, len(frame))
				}
				cutLink.close()
			}
			l.good()
		}),
		tg.service("stream-end-after-push", "TP-SESS-036", "a packet that came before the end of the stream is handled", func(l *link) {
			held := pull(1, "/conformance/hold?key="+l.gate, 's', "held")
			l.send(held.frame())
			short := l.another()
			short.send(push(0, "/conformance/release?key="+l.gate, 0, "").frame())
			short.close()
			p := l.read()
			l.isReply(p, held)
			l.success(p, 's', "held")
		}),
		should(halfClosed),
		heavy(tg.service("stream-large", "TP-FRAME-018 TP-FRAME-017", "packets of megabytes are read and answered", func(l *link) {
			body := string(make([]byte, l.tg.room(3<<20)))
			for seq := range uint64(2) {
				c := pull(seq, echo, 's', body)
				l.sendBehind(c.frame())
				p := l.read()
				l.isReply(p, c)
				l.success(p, 's', body)
			}
			l.good()
		})),
	}
}
