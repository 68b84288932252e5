package suite

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// hostileCases prove that no input crashes or traps a Proto.
func hostileCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("hostile-garbage", "TP-PROTO-015", "random bytes and odd texts end in an error, without a panic and without an endless loop", func(b *bench) {
			for i, junk := range oddities() {
				b.drains(junk, fmt.Sprintf("garbage %d", i))
			}
			r := rand.New(rand.NewPCG(3, 4))
			for i := range b.pick(1000, 100_000) {
				b.drains(noise(r, r.IntN(120)), fmt.Sprintf("random input %d", i))
			}
		}),
		tg.proto("hostile-bytes-changed", "TP-PROTO-015", "a good frame with one byte changed, any byte to many values, ends in a packet or an error", func(b *bench) {
			for i, s := range []sample{basic(1), full(), {}} {
				if i == 1 {
					s.pipe = nil
				}
				b.mutates(slices.Concat(b.whole(s), b.whole(basic(2))), fmt.Sprintf("sample %d", i))
			}
		}),
		tg.proto("hostile-pipe-changed", "TP-PROTO-015 TP-XFER-006", "the same for a frame with a pipe", func(b *bench) {
			s := piped(1, tagA, 'g', runs)
			b.mutates(slices.Concat(b.whole(s), b.whole(basic(2))), "a piped packet")
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("hostile-spliced", "TP-PROTO-015", "frames with bytes cut out, repeated or put in end in packets or errors", func(b *bench) {
			frames := slices.Concat(b.whole(basic(1)), b.whole(basic(2)))
			r := rand.New(rand.NewPCG(5, 6))
			for i := range b.pick(900, 60_000) {
				from, to := r.IntN(len(frames)), r.IntN(len(frames))
				if from > to {
					from, to = to, from
				}
				var junk []byte
				switch i % 3 {
				case 0: // cut out
					junk = slices.Concat(frames[:from], frames[to:])
				case 1: // repeated
					junk = slices.Concat(frames[:to], frames[from:])
				case 2: // put in
					junk = slices.Concat(frames[:from], noise(r, 1+r.IntN(9)), frames[from:])
				}
				b.drains(junk, fmt.Sprintf("splice %d", i))
			}
		}),
		tg.proto("hostile-then-good", "TP-PROTO-015 TP-PROTO-014", "after garbage on one stream, other streams and instances work as before", func(b *bench) {
			for i, junk := range oddities() {
				b.drains(junk, fmt.Sprintf("garbage %d", i))
				b.roundTrip(basic(i), fmt.Sprintf("after garbage %d", i))
			}
		}),
		tg.proto("hostile-reader", "TP-PROTO-015 TP-PROTO-027", "a reader that fails at once, or in the middle of garbage, ends Unpack with an error", func(b *bench) {
			for i, junk := range append(oddities(), nil) {
				for _, end := range []error{errReader, io.ErrClosedPipe, io.ErrNoProgress} {
					if err := b.open(&stream{in: junk[:len(junk)/2], end: end, chunk: oneByte}).Unpack(b.blank()); err == io.EOF {
						b.Errorf("garbage %d and a reader that fails with %q: Unpack reported a clean end", i, end)
					}
				}
			}
		}, FeatureGoAPI),
		should(tg.proto("hostile-typed", "TP-PROTO-026", "what Unpack rejects it rejects with a *packet.Error: class, stage and an offset within reach", func(b *bench) {
			frame := b.frame(basic(1))
			inputs := [][]byte{frame[:1], frame[:len(frame)/2], frame[:len(frame)-1]}
			for at := range frame {
				for _, c := range b.changes(frame[at]) {
					junk := slices.Clone(frame)
					junk[at] = c
					inputs = append(inputs, junk)
				}
			}
			for _, junk := range append(inputs, oddities()...) {
				err := b.open(&stream{in: junk}).Unpack(b.blank())
				if err == nil || err == io.EOF {
					continue
				}
				e, ok := errors.AsType[*packet.Error](err)
				switch {
				case !ok:
					b.Errorf("% x...: the error is a %T without a *packet.Error: %v", junk[:min(12, len(junk))], err, err)
				case e.Class == "" || e.Stage == "" || e.Offset < 0:
					b.Errorf("% x...: the error lacks class, stage or offset: %s", junk[:min(12, len(junk))], describe(err))
				case e.Stage == packet.StageFrame && e.Offset > int64(len(junk)):
					b.Errorf("% x...: the offset is past all %d bytes: %s", junk[:min(12, len(junk))], len(junk), describe(err))
				}
			}
		})),
	}
}

// oddities are inputs of the kinds that turn up on a port.
func oddities() [][]byte {
	out := [][]byte{
		bytes.Repeat([]byte{0}, 64), bytes.Repeat([]byte{0xff}, 64), bytes.Repeat([]byte{0x7f}, 64), bytes.Repeat([]byte{0x80}, 64),
		[]byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"), []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
		[]byte("SSH-2.0-OpenSSH_9.6\r\n"), []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), []byte("\n"), []byte("\r\n\r\n"), []byte("{}\n"), []byte("[]\n"),
		[]byte("null\n"), []byte("{\"seq\":-1}\n"), []byte("{\"seq\":1e400,\"body\":{}}\n"), []byte(strings.Repeat("[", 2000)), []byte(strings.Repeat("{\"a\":", 1000)),
		[]byte("99999999999999999999\n"), []byte("-1\n"), {0}, {0xff}, {0, 0, 0, 0}, {0, 0, 0, 6, 'f', 0}, {0xff, 0xff, 0xff, 0xff, 'f', 0}, {0, 0, 0, 5},
		{0x7f, 0xff, 0xff, 0xff}, {0, 0x40, 0, 0, 'f', 0xff}, bytes.Repeat([]byte("ab\n"), 50),
	}
	return out
}

func noise(r *rand.Rand, n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
		if r.IntN(3) == 0 { // small numbers look more like headers
			out[i] &= 0x0f
		}
	}
	return out
}

// changes gives the values that a byte is changed to: a few, or with TELEPORT_LONG=1 all that are known to
// hurt.
func (b *bench) changes(c byte) []byte {
	all := []byte{0, 0xff, c + 1, 0x80, '\n', 1, 0x7f, c - 1, ^c, c ^ 0x20, '"'}
	return all[:b.pick(4, len(all))]
}

// mutates changes each byte of input to several values and reads what comes of it.
func (b *bench) mutates(input []byte, what string) {
	for at := range input {
		for _, c := range b.changes(input[at]) {
			junk := slices.Clone(input)
			junk[at] = c
			b.drains(junk, fmt.Sprintf("%s with byte %d changed to 0x%02x", what, at, c))
		}
	}
}

// drains unpacks until an error comes, which has to come: every packet costs at least a byte.
func (b *bench) drains(input []byte, what string) {
	e := b.open(&stream{in: input})
	p := b.blank()
	for range len(input) + 1 {
		if e.Unpack(p) != nil {
			return
		}
	}
	b.Fatalf("%s: Unpack gives packet after packet (%d from %d bytes) and never ends", what, len(input)+1, len(input))
}
