package suite

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// writeCases prove that Pack writes a frame once and whole, or not at all.
func writeCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("write-once", "TP-PROTO-003 TP-FRAME-016", "Pack writes exactly once, and that write is a whole frame", func(b *bench) {
			st := &stream{}
			e := b.open(st)
			samples := mixed(10)
			for i, s := range samples {
				if err := e.Pack(s.packet(b)); err != nil {
					b.Fatalf("packet %d: Pack failed: %v", i, err)
				}
				if n := len(st.calls()); n != i+1 {
					b.Fatalf("after %d packets there were %d writes, expected one a packet", i+1, n)
				}
			}
			for i, frame := range st.calls() {
				b.readsAll(&stream{in: frame}, samples[i:i+1], fmt.Sprintf("write %d alone", i))
			}
		}, FeatureGoAPI),
		tg.proto("write-once-large", "TP-PROTO-003 TP-FRAME-016", "a large packet is one write too", func(b *bench) {
			s := sample{ptype: packet.TypePush, uri: "/large", codec: 's', body: filler(b.fit(2 << 20))}
			st := &stream{}
			if err := b.open(st).Pack(s.packet(b)); err != nil {
				b.Fatalf("Pack of a body of %d bytes failed: %v", len(s.body), err)
			}
			if n := len(st.calls()); n != 1 {
				b.Errorf("a body of %d bytes took %d writes, expected one", len(s.body), n)
			}
			b.readsAll(&stream{in: st.written()}, []sample{s}, "the large packet")
		}, FeatureGoAPI),
		tg.proto("write-error", "TP-PROTO-005", "the writer's error is passed on, and the write is not tried again", func(b *bench) {
			b.failingWrite("a writer that takes nothing", func(p []byte) (int, error) { return 0, errWriter }, errWriter)
			b.failingWrite("a writer that takes a part and fails", func(p []byte) (int, error) { return len(p) / 2, errWriter }, errWriter)
			b.failingWrite("a writer that takes all and fails", func(p []byte) (int, error) { return len(p), errWriter }, errWriter)
		}, FeatureGoAPI),
		tg.proto("write-short", "TP-PROTO-005", "a writer that takes fewer bytes without an error gives io.ErrShortWrite", func(b *bench) {
			b.failingWrite("a writer that takes nothing and is silent", func(p []byte) (int, error) { return 0, nil }, io.ErrShortWrite)
			b.failingWrite("a writer that takes a part and is silent", func(p []byte) (int, error) { return len(p) / 2, nil }, io.ErrShortWrite)
			b.failingWrite("a writer that leaves the last byte", func(p []byte) (int, error) { return len(p) - 1, nil }, io.ErrShortWrite)
		}, FeatureGoAPI),
		tg.proto("write-after-refusal", "TP-PROTO-004 TP-FRAME-016", "what Pack refused leaves no byte in the stream, before or after good packets", func(b *bench) {
			st := &stream{}
			e := b.open(st)
			bad := basic(0).packet(b)
			bad.SetBody(func() {})
			for i := range 5 {
				if err := e.Pack(basic(i).packet(b)); err != nil {
					b.Fatalf("good packet %d: Pack failed: %v", i, err)
				}
				if err := e.Pack(bad); err == nil {
					b.Fatalf("Pack accepted a body that cannot be encoded")
				}
			}
			b.readsAll(&stream{in: st.written()}, []sample{basic(0), basic(1), basic(2), basic(3), basic(4)}, "five good packets, a refused one after each")
		}, FeatureGoAPI),
		tg.proto("write-deterministic", "TP-FAST-015 TP-PROTO-006", "packing one packet again, here or through another instance, gives a frame of the same content", func(b *bench) {
			s := full()
			s.pipe = nil
			one, two := b.frame(s), b.frame(s)
			b.open(&stream{in: one}).unpackWant(s, "first instance")
			b.open(&stream{in: two}).unpackWant(s, "second instance")
			if len(one) != len(two) {
				b.Errorf("one packet became %d bytes, then %d", len(one), len(two))
			}
			st := &stream{}
			e := b.open(st)
			for i := range 3 {
				if err := e.Pack(s.packet(b)); err != nil {
					b.Fatalf("Pack %d failed: %v", i+1, err)
				}
			}
			b.readsAll(&stream{in: st.written()}, []sample{s, s, s}, "one packet three times through one instance")
			for i, frame := range st.calls() {
				// The Protos of the standard have one form for a packet; others may vary its order.
				if Claims(b.tg.Proto) != "" && !bytes.Equal(frame, one) {
					b.Errorf("Pack %d of one packet wrote other bytes: %s", i+1, report.HexDiff(one, frame, nil))
				}
			}
		}),
	}
}

// failingWrite wants Pack over that writer to return want, after one write.
func (b *bench) failingWrite(what string, write func([]byte) (int, error), want error) {
	for _, s := range []sample{basic(1), {codec: 's', body: filler(b.fit(100_000))}} {
		st := &stream{write: write}
		err := b.open(st).Pack(s.packet(b))
		switch {
		case err == nil:
			b.Errorf("%s: Pack reported success", what)
		case !errors.Is(err, want):
			b.Errorf("%s: expected an error that wraps %q, got %s", what, want, describe(err))
		}
		if n := len(st.calls()); n != 1 {
			b.Errorf("%s: Pack wrote %d times, expected once", what, n)
		}
	}
}
