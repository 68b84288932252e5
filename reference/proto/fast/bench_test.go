package fast_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// benchSize is the size of the benchmark packet on the wire, in bytes.
const benchSize = 581

// benchPacket carries a body of bytes, so that only header and framing are
// measured.
func benchPacket(tb testing.TB, settings ...packet.PacketSetting) *packet.Packet {
	tb.Helper()
	p := packet.NewPacket(packet.WithSeq(12345), packet.WithPtype(packet.TypePull), packet.WithUri("/bench/echo/say"),
		packet.WithSetMeta("k", "v"), packet.WithBodyCodec('p'))
	p.SetBody(packet.RawBody(bytes.Repeat([]byte("body"), 150)[:benchSize-24-len(p.Uri())-3]))
	if n := len(frameOf(tb, p)); n != benchSize {
		tb.Fatalf("the benchmark packet has %d bytes, not %d", n, benchSize)
	}
	for _, set := range settings {
		set(p)
	}
	return p
}

func frameOf(tb testing.TB, p *packet.Packet) []byte {
	tb.Helper()
	b, err := framer().AppendFrame(nil, p)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// again gives the same bytes for ever.
type again struct {
	data []byte
	at   int
}

func (r *again) Read(b []byte) (int, error) {
	n := copy(b, r.data[r.at:])
	r.at = (r.at + n) % len(r.data)
	return n, nil
}

func (*again) Write(b []byte) (int, error) { return len(b), nil }

// paths are the four ways through the Proto, once over.
func paths(tb testing.TB, p *packet.Packet) map[string]func() error {
	frame := frameOf(tb, p)
	f := framer()
	in := new(packet.Packet)
	dst := make([]byte, 0, 2*len(frame))
	proto := fast.New(&again{data: frame})
	return map[string]func() error{
		"AppendFrame": func() (err error) { dst, err = f.AppendFrame(dst[:0], p); return err },
		"ParseFrame":  func() error { return f.ParseFrame(frame, in) },
		"Pack":        func() error { return proto.Pack(p) },
		"Unpack":      func() error { return proto.Unpack(in) },
	}
}

func bench(b *testing.B, p *packet.Packet) {
	for _, name := range []string{"AppendFrame", "ParseFrame", "Pack", "Unpack"} {
		run := paths(b, p)[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(benchSize)
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Header and framing of the 581-byte packet: the target is 0 allocs/op.
func BenchmarkFrame(b *testing.B) { bench(b, benchPacket(b)) }

// The same with gzip.
func BenchmarkFrameGzip(b *testing.B) { bench(b, benchPacket(b, packet.WithXferPipe('g'))) }

// The same size with a protobuf message as body: what the body codec needs
// comes on top.
func BenchmarkProtobufBody(b *testing.B) {
	p := benchPacket(b)
	p.SetBody(wrapperspb.Bytes(make([]byte, len(p.Body().(packet.RawBody))-3)))
	frame := frameOf(b, p)
	if len(frame) != benchSize {
		b.Fatalf("the frame has %d bytes", len(frame))
	}
	f, in, out, dst := framer(), new(packet.Packet), new(wrapperspb.BytesValue), make([]byte, 0, 1024)
	b.Run("AppendFrame", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.AppendFrame(dst, p); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ParseFrameAndBind", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := errors.Join(f.ParseFrame(frame, in), in.Bind(out)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A uri that changes with every packet costs the one string that the user gets.
func BenchmarkParseFrameNewUri(b *testing.B) {
	p := benchPacket(b)
	frames := [2][]byte{frameOf(b, p)}
	p.SetUri("/bench/echo/yas")
	frames[1] = frameOf(b, p)
	in, f, i := new(packet.Packet), framer(), 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		if err := f.ParseFrame(frames[i&1], in); err != nil {
			b.Fatal(err)
		}
	}
}

// A large packet read in pieces.
func BenchmarkUnpack1MiB(b *testing.B) {
	p := packet.NewPacket(packet.WithBody(packet.RawBody(make([]byte, 1<<20))))
	proto := fast.New(&again{data: frameOf(b, p)})
	in := new(packet.Packet)
	b.ReportAllocs()
	b.SetBytes(1 << 20)
	for b.Loop() {
		if err := proto.Unpack(in); err != nil && err != io.EOF {
			b.Fatal(err)
		}
	}
}
