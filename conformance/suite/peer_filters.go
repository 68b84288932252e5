package suite

import (
	"bytes"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerFilterCases: the filters of chapter 22 that need no keys, as a peer writes them. A peer that does not offer one
// rejects its id, as it has to; it is skipped then.
func peerFilterCases(tg *Target) []runner.Case {
	return []runner.Case{
		heavy(tg.service("filter-zstd", "TP-XFER-030 TP-XFER-031 TP-XFER-032 TP-XFER-033 TP-XFER-021",
			"a REPLY through 'z' is one Zstandard frame with a checksum, without a dictionary, within the window", func(l *link) {
				l.offers('z')
				for _, n := range []int{1, 100, 5000, l.tg.room(200_000), l.tg.room(1_000_000)} {
					frame := l.askFiltered("z", strings.Repeat("compressible ", n/13+1)[:n])
					if err := oracle.CheckZstd(frame, 64<<20); err != nil {
						l.t.Fatalf("the REPLY's Zstandard frame of %d bytes is not one that a sender may write: %v", len(frame), err)
					}
				}
				l.good()
			}, FeatureFilterZstd)),
		tg.service("filter-crc32c", "TP-XFER-025 TP-XFER-026 TP-XFER-021", "a REPLY through 'c' ends in its CRC-32C", func(l *link) {
			l.offers('c')
			for _, n := range []int{0, 1, 5000} {
				l.askFiltered("c", strings.Repeat("c", n))
			}
			l.good()
		}, FeatureFilterCrc32c),
		tg.service("filter-order", "TP-XFER-002 TP-XFER-003 TP-XFER-021", "further filters and gzip are done in the order of the list", func(l *link) {
			l.offers('c')
			for _, ids := range []string{"cg", "gc", "cgc"} {
				l.askFiltered(ids, "through several")
			}
			l.good()
		}, FeatureFilterCrc32c, FeatureGzip),
	}
}

// offers ends the case as skipped where the peer rejects a good packet through the filter, as it has to reject one that
// it does not know, and goes on serving others.
func (l *link) offers(id byte) {
	other := l.another()
	defer other.close()
	done := oracle.TestFilters(oracle.Judged)[id].Do(oracle.Payload(goodSeq, oracle.Pull, []byte(echo), nil, 's', []byte("offered?")))
	other.send(oracle.Frame([]byte{id}, done))
	if _, err := other.readFrame(); err != nil && ended(err) {
		l.good()
		l.t.Skipf("the peer ends a session at the filter %q: it does not offer it", id)
	}
}

// askFiltered has a body echoed through filters, wants it back through the same, and gives what stood behind the REPLY's
// filter ids.
func (l *link) askFiltered(ids, body string) []byte {
	c := pull(0, echo, 's', body)
	filters := oracle.TestFilters(oracle.Judged)
	frame, err := oracle.Fast.With(filters).Encode(oracle.Packet{Seq: c.seq, Ptype: c.ptype, Uri: []byte(c.uri), Codec: c.codec, Body: []byte(body), Pipe: []byte(ids)}, oracle.Limits{})
	if err != nil {
		l.t.Harnessf("encoding the PULL: %v", err)
	}
	l.sendBehind(frame)
	reply, rerr := l.readFrame()
	if rerr != nil {
		l.t.Fatalf("expected a packet, got %v", rerr)
	}
	n := int(reply[5])
	if 6+n > len(reply) || !bytes.Equal(reply[6:6+n], []byte(ids)) {
		l.t.Fatalf("expected the REPLY's pipe to be %q, its frame begins %x", ids, reply[:min(len(reply), 16)])
	}
	payload, uerr := undo(reply)
	if uerr != nil {
		l.t.Fatalf("the REPLY cannot be undone: %v", uerr)
	}
	p, _, derr := oracle.Decode(oracle.Frame(nil, payload), oracle.Limits{})
	if derr != nil {
		l.t.Fatalf("the REPLY, its pipe undone, is no packet: %v", derr)
	}
	l.isReply(p, c)
	l.success(p, 's', body)
	return reply[6+n:]
}
