package suite

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// streamEndCases prove that a Proto tells a clean end from a cut one, and both from a failing reader.
func streamEndCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("end-clean", "TP-PROTO-010 TP-FRAME-011", "the end of the stream between packets is io.EOF itself, as often as it is asked for", func(b *bench) {
			empty := b.open(&stream{})
			for range 3 {
				empty.wantEOF("an empty stream")
			}
			e := b.open(&stream{in: b.frames(basic(1), basic(2))})
			e.unpackWant(basic(1), "first packet")
			e.unpackWant(basic(2), "second packet")
			for range 3 {
				e.wantEOF("after two packets")
			}
		}),
		tg.proto("end-cut-every-byte", "TP-PROTO-010 TP-FRAME-012", "a stream that ends inside a packet, after any byte, gives an error that wraps io.ErrUnexpectedEOF", func(b *bench) {
			for i, s := range []sample{basic(1), {}, full()} {
				if i == 2 {
					s.pipe = nil
				}
				frame := b.whole(s)
				for cut := 1; cut < len(frame); cut++ {
					b.wantShort(b.open(&stream{in: frame[:cut]}), fmt.Sprintf("sample %d cut after %d of %d bytes", i, cut, len(frame)))
				}
			}
		}),
		tg.proto("end-cut-later", "TP-PROTO-010 TP-FRAME-012 TP-FRAME-010", "a cut inside a later packet costs only that packet", func(b *bench) {
			one, two := b.whole(basic(1)), b.whole(basic(2))
			for cut := 1; cut < len(two); cut++ {
				e := b.open(&stream{in: slices.Concat(one, two[:cut])})
				where := fmt.Sprintf("second packet cut after %d of %d bytes", cut, len(two))
				e.unpackWant(basic(1), where)
				b.wantShort(e, where)
			}
		}),
		tg.proto("end-cut-pipe", "TP-PROTO-010 TP-FRAME-008", "a packet with a pipe that ends early is short, before any filter is asked to undo it", func(b *bench) {
			s := piped(1, tagA, tagB)
			frame := b.whole(s)
			b.log.take()
			for cut := 1; cut < len(frame); cut++ {
				b.wantShort(b.open(&stream{in: frame[:cut]}), fmt.Sprintf("cut after %d of %d bytes", cut, len(frame)))
				if calls := b.log.take(); len(calls) > 0 {
					b.Fatalf("cut after %d of %d bytes: filter %#x was asked to undo half a packet", cut, len(frame), calls[0].id)
				}
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("end-with-data", "TP-PROTO-010 TP-PROTO-011", "a reader that reports the end together with the last bytes loses no packet", func(b *bench) {
			samples := mixed(4)
			b.readsAll(&stream{in: b.frames(samples...), joint: true}, samples, "end of stream with the last bytes")
			frame := b.frame(basic(1))
			e := b.open(&stream{in: frame, joint: true, end: errReader})
			e.unpackWant(basic(1), "a read error that comes with the packet's last byte")
		}, FeatureGoAPI),
		tg.proto("end-read-error-between", "TP-PROTO-027", "a reader's error between packets is passed on, not taken for an end", func(b *bench) {
			e := b.open(&stream{end: errReader})
			b.wantReaderError(e, "before the first packet")
			e = b.open(&stream{in: b.frame(basic(1)), end: errReader})
			e.unpackWant(basic(1), "the packet before the error")
			b.wantReaderError(e, "after a packet")
		}, FeatureGoAPI),
		tg.proto("end-read-error-inside", "TP-PROTO-027", "a reader's error inside a packet, after any byte, is passed on, not taken for a short packet", func(b *bench) {
			frame := b.whole(basic(1))
			for cut := 1; cut < len(frame); cut++ {
				b.wantReaderError(b.open(&stream{in: frame[:cut], end: errReader}), fmt.Sprintf("after %d of %d bytes", cut, len(frame)))
			}
		}, FeatureGoAPI),
		tg.proto("end-unexpected-from-reader", "TP-PROTO-010 TP-PROTO-027", "a reader that reports io.ErrUnexpectedEOF between packets is not a clean end", func(b *bench) {
			e := b.open(&stream{in: b.frame(basic(1)), end: io.ErrUnexpectedEOF})
			e.unpackWant(basic(1), "the packet before the error")
			if err := e.Unpack(b.blank()); !errors.Is(err, io.ErrUnexpectedEOF) {
				b.Errorf("expected the reader's io.ErrUnexpectedEOF, got %s", describe(err))
			}
		}, FeatureGoAPI),
	}
}

// wantShort wants Unpack to report an end inside a packet.
func (b *bench) wantShort(e *endpoint, where string) {
	err := e.Unpack(b.blank())
	switch {
	case err == nil:
		b.Errorf("%s: Unpack took it for a whole packet", where)
	case err == io.EOF:
		b.Errorf("%s: Unpack reported a clean end (io.EOF)", where)
	case !errors.Is(err, io.ErrUnexpectedEOF):
		b.Errorf("%s: the error does not wrap io.ErrUnexpectedEOF: %s", where, describe(err))
	}
}

// wantReaderError wants Unpack to pass the reader's own error on.
func (b *bench) wantReaderError(e *endpoint, where string) {
	if err := e.Unpack(b.blank()); !errors.Is(err, errReader) {
		b.Errorf("%s: the reader's error is not in the chain of what Unpack returned: %s", where, describe(err))
	}
}
