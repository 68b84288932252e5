package suite

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerBoundCases: what a peer must not let others do to it.
func peerBoundCases(tg *Target) []runner.Case {
	return []runner.Case{
		heavy(tg.service("bound-handlers", "TP-SESS-018 TP-LIM-007", "a session with too many handlers in flight is told so with 503, and recovers", func(l *link) {
			const most = 1 << 17
			sent, refused := 0, false
			for ; sent < most && !refused; sent += 256 {
				var batch []byte
				for i := range 256 {
					batch = append(batch, pull(uint64(sent+i), "/conformance/hold?key="+l.gate, 0, "").frame()...)
				}
				l.send(batch)
				// The answer to an unknown route tells that the batch has been read, and what came before it.
				marker := pull(goodSeq, "/conformance/no_such_route", 0, "")
				l.send(marker.frame())
				for {
					p := l.read()
					if e, ok := oracle.ReplyErrorOf(p.Meta); ok && p.Seq != goodSeq {
						if e.Code != 503 {
							l.t.Fatalf("expected 503 for a PULL beyond the bound, got %d %q", e.Code, e.Message)
						}
						refused = true
						continue
					}
					if p.Seq == goodSeq {
						break
					}
				}
			}
			if !refused {
				l.t.Fatalf("%d PULLs are held on one session and none was refused with 503", sent)
			}
			other := l.another()
			defer other.close()
			other.send(pull(1, "/conformance/release?key="+l.gate, 'j', "null").frame())
			other.read()
			l.recovers()
		}, FeatureFlood)),
		heavy(tg.peer("bound-unread", "TP-SESS-035 TP-LIM-008", "a session whose replies nobody reads does not read for ever", func(l *link) {
			const most = 256 << 20
			var batch []byte
			for i := range 1000 {
				batch = append(batch, pull(uint64(i), "/conformance/no_such_route/"+fmt.Sprint(i), 0, "").frame()...)
			}
			l.t.Trace(runner.Sent, l.name+", again and again", batch)
			rest := batch
			for sent := 0; sent < most; {
				l.conn.SetWriteDeadline(time.Now().Add(2 * time.Second))
				n, err := l.conn.Write(rest)
				sent += n
				if rest = rest[n:]; len(rest) == 0 {
					rest = batch
				}
				slow := n > 0 && errors.Is(err, os.ErrDeadlineExceeded) // it reads all the same
				if err != nil && !slow {                                // the peer has stopped reading, or ended the session: both keep its memory
					l.othersGood()
					return
				}
			}
			l.t.Fatalf("the peer has read %d MiB of PULLs while no reply was read", most>>20)
		}, FeatureFlood)),
	}
}

// recovers expects that, once the held calls have been answered, the session serves again.
func (l *link) recovers() {
	for {
		l.send(pull(goodSeq, echo, 's', "again").frame())
		for {
			p := l.read()
			if p.Seq != goodSeq {
				continue // the answers to the held calls
			}
			if _, failed := oracle.ReplyErrorOf(p.Meta); !failed {
				return
			}
			break // still 503: the handlers are on their way out
		}
	}
}
