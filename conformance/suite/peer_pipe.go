package suite

import (
	"bytes"
	"hash/crc32"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerPipeCases: the pipe of a REPLY, and gzip as a peer writes it.
func peerPipeCases(tg *Target) []runner.Case {
	piped := func(id, reqs, title, uri string, sent, want []byte) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			c := pull(0, uri, 's', "through the pipe")
			c.pipe = sent
			p := l.ask(c)
			l.success(p, 's', "through the pipe")
			if !bytes.Equal(p.Pipe, want) {
				l.t.Fatalf("expected the REPLY's pipe to be %q, got %q", want, p.Pipe)
			}
		}, FeatureGzip)
	}
	return []runner.Case{
		piped("pipe-same", "TP-XFER-021 TP-XFER-012", "a REPLY goes through the PULL's pipe", echo, []byte("g"), []byte("g")),
		piped("pipe-twice", "TP-XFER-021 TP-XFER-004", "a filter that is listed twice is used twice", echo, []byte("gg"), []byte("gg")),
		piped("pipe-added", "TP-CONF-021 TP-XFER-021", "filters that the handler adds come after the PULL's",
			"/conformance/pipe?ids=103", []byte("g"), []byte("gg")),
		piped("pipe-added-alone", "TP-XFER-021", "a handler adds a filter where the PULL had none",
			"/conformance/pipe?ids=103", nil, []byte("g")),
		tg.service("pipe-error", "TP-XFER-021", "an error goes through the PULL's pipe, too", func(l *link) {
			c := pull(0, "/conformance/no_such_route", 'j', "{}")
			c.pipe = []byte("g")
			p := l.ask(c)
			l.failure(p, 404)
			if string(p.Pipe) != "g" {
				l.t.Fatalf("expected the REPLY's pipe to be \"g\", got %q", p.Pipe)
			}
		}, FeatureGzip),
		tg.service("pipe-sync-flushed", "TP-XFER-015", "a gzip member that ends after a sync flush is accepted", func(l *link) {
			c := pull(0, echo, 's', "unterminated")
			payload := oracle.Payload(c.seq, c.ptype, []byte(c.uri), nil, c.codec, []byte(c.body))
			l.send(oracle.Frame([]byte("g"), oracle.GzipSync(payload)))
			p := l.read()
			l.isReply(p, c)
			l.success(p, 's', "unterminated")
		}, FeatureGzip),
		tg.service("pipe-finished", "TP-XFER-013", "the gzip member of a REPLY is finished: CRC-32 and length at its end", func(l *link) {
			c := pull(0, echo, 's', "finished")
			c.pipe = []byte("g")
			l.send(c.frame())
			frame, err := l.readFrame()
			if err != nil {
				l.t.Fatalf("expected a packet, the connection ended: %v", err)
			}
			member := frame[7:]
			plain, err := oracle.Gunzip(member, 1<<20)
			if err != nil {
				l.t.Fatalf("the REPLY's gzip member cannot be undone: %v", err)
			}
			want := oracle.RawTrailer(crc32.ChecksumIEEE(plain), uint32(len(plain)))
			if !bytes.HasSuffix(member, want) {
				l.t.Fatalf("expected the member to end in its CRC-32 and length %x, it ends in %x", want, member[max(0, len(member)-8):])
			}
		}, FeatureGzip),
	}
}
