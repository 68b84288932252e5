package fast_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// frame puts a prefix before a payload.
func frame(ids string, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(6+len(ids)+len(payload)))
	b = append(b, 'f', byte(len(ids)))
	return append(append(b, ids...), payload...)
}

func gzipped(t *testing.T, payload []byte) []byte {
	t.Helper()
	b, err := packet.NewPacket(packet.WithXferPipe('g')).XferPipe().OnPack(payload)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// payload builds the part behind the pipe; the lengths may lie.
func payload(uri string, uriLen uint32, meta string, metaLen uint32, rest string) []byte {
	b := append(make([]byte, 8), 1)
	b = append(binary.BigEndian.AppendUint32(b, uriLen), uri...)
	b = append(binary.BigEndian.AppendUint32(b, metaLen), meta...)
	return append(b, rest...)
}

// readers gives a stream in the cuts that a receiver must not depend on.
func readers(b []byte) map[string]io.Reader {
	return map[string]io.Reader{
		"whole":         bytes.NewReader(b),
		"one byte":      iotest.OneByteReader(bytes.NewReader(b)),
		"half":          iotest.HalfReader(bytes.NewReader(b)),
		"data with err": iotest.DataErrReader(bytes.NewReader(b)),
	}
}

type readOnly struct{ io.Reader }

func (readOnly) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

func unpackFrom(r io.Reader) packet.Proto { return fast.New(readOnly{r}) }

func TestDecode_Errors(t *testing.T) {
	none := &packet.Env{}
	limit := func(l packet.Limits) *packet.Env { return &packet.Env{Limits: l} }
	huge := strings.Repeat("x", 100)
	tests := []struct {
		name   string
		env    *packet.Env
		wire   []byte
		class  packet.Class
		stage  packet.Stage
		offset int
	}{
		{"size 0", none, []byte{0, 0, 0, 0}, packet.ClassLength, packet.StageFrame, 0},
		{"size 5", none, []byte{0, 0, 0, 5}, packet.ClassLength, packet.StageFrame, 0},
		{"size over the limit", none, []byte{0, 0x40, 0, 1}, packet.ClassLimit, packet.StageFrame, 0},
		{"size over an own limit", limit(packet.Limits{MaxPacket: 100}), []byte{0, 0, 0, 101}, packet.ClassLimit, packet.StageFrame, 0},
		{"largest size", none, []byte{0xff, 0xff, 0xff, 0xff}, packet.ClassLimit, packet.StageFrame, 0},
		{"another protocol", none, []byte{0, 0, 0, 24, 'g'}, packet.ClassVersion, packet.StageFrame, 4},
		{"size before protocol", none, []byte{0, 0, 0, 0, 'g', 0}, packet.ClassLength, packet.StageFrame, 0},
		{"filters do not fit", none, []byte{0, 0, 0, 8, 'f', 3}, packet.ClassLength, packet.StageFrame, 5},
		{"unknown filter", none, []byte{0, 0, 0, 20, 'f', 3, 'g', 0xee}, packet.ClassFilterUnknown, packet.StageFrame, 7},
		{"filter 0", none, []byte{0, 0, 0, 20, 'f', 1, 0}, packet.ClassFilterUnknown, packet.StageFrame, 6},
		{"plain payload over its limit", limit(packet.Limits{MaxPayload: 100}), []byte{0, 0, 0, 107, 'f', 0}, packet.ClassLimit, packet.StageFrame, 0},

		{"broken filter data", none, frame("g", []byte("junk")), packet.ClassFilterData, packet.StageFrame, 6},
		{"empty filter data", none, frame("g", nil), packet.ClassFilterData, packet.StageFrame, 6},
		{"broken inner filter", none, frame("gg", gzipped(t, []byte("junk"))), packet.ClassFilterData, packet.StageFrame, 7},
		{"filter output over the limit", limit(packet.Limits{MaxPayload: 118}), frame("g", gzipped(t, payload(huge, 100, "", 0, "s1"))), packet.ClassLimit, packet.StageFrame, 6},
		{"inner filter output over the limit", limit(packet.Limits{MaxPayload: 118}), frame("gg", gzipped(t, gzipped(t, payload(huge, 100, "", 0, "s1")))), packet.ClassLimit, packet.StageFrame, 7},
		{"header behind a filter", none, frame("g", gzipped(t, nil)), packet.ClassHeader, packet.StagePayload, 0},

		{"no payload", none, frame("", nil), packet.ClassHeader, packet.StagePayload, 0},
		{"inside seq", none, frame("", make([]byte, 7)), packet.ClassHeader, packet.StagePayload, 0},
		{"before ptype", none, frame("", make([]byte, 8)), packet.ClassHeader, packet.StagePayload, 8},
		{"before uri length", none, frame("", make([]byte, 9)), packet.ClassHeader, packet.StagePayload, 9},
		{"inside uri length", none, frame("", make([]byte, 12)), packet.ClassHeader, packet.StagePayload, 9},
		{"before meta length", none, frame("", make([]byte, 13)), packet.ClassHeader, packet.StagePayload, 13},
		{"inside meta length", none, frame("", make([]byte, 16)), packet.ClassHeader, packet.StagePayload, 13},
		{"before codec", none, frame("", make([]byte, 17)), packet.ClassHeader, packet.StagePayload, 17},
		{"uri one byte too long", none, frame("", payload("abc", 9, "", 0, "")[:9+4+8]), packet.ClassHeader, packet.StagePayload, 9},
		{"uri length all ones", none, frame("", payload("abc", 1<<32-1, "", 0, "j")), packet.ClassHeader, packet.StagePayload, 9},
		{"meta one byte too long", none, frame("", payload("abc", 3, "k=v", 5, "j")), packet.ClassHeader, packet.StagePayload, 16},
		{"meta length all ones", none, frame("", payload("abc", 3, "k=v", 1<<32-1, "j")), packet.ClassHeader, packet.StagePayload, 16},
		{"before codec, with fields", none, frame("", payload("abc", 3, "k=v", 3, "")), packet.ClassHeader, packet.StagePayload, 23},

		{"uri over its limit", limit(packet.Limits{MaxUri: 2}), frame("", payload("abc", 3, "", 0, "j")), packet.ClassLimit, packet.StagePayload, 9},
		{"uri not there before its limit", limit(packet.Limits{MaxUri: 2}), frame("", payload("abc", 300, "", 0, "j")), packet.ClassHeader, packet.StagePayload, 9},
		{"meta over its limit", limit(packet.Limits{MaxMeta: 2}), frame("", payload("abc", 3, "k=v", 3, "j")), packet.ClassLimit, packet.StagePayload, 16},
		{"meta not there before its limit", limit(packet.Limits{MaxMeta: 2}), frame("", payload("abc", 3, "k=v", 300, "j")), packet.ClassHeader, packet.StagePayload, 16},
		{"pairs over their limit", limit(packet.Limits{MaxMetaPairs: 1}), frame("", payload("abc", 3, "a&b", 3, "j")), packet.ClassLimit, packet.StagePayload, 16},
		{"uri limit before meta", limit(packet.Limits{MaxUri: 2, MaxMeta: 2}), frame("", payload("abc", 3, "k=v", 300, "j")), packet.ClassLimit, packet.StagePayload, 9},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := packet.NewPacket(packet.WithEnv(tt.env))
			wantError(t, "ParseFrame", framer().ParseFrame(tt.wire, p), tt.class, tt.stage, tt.offset)
			if p.Uri() != "" || p.Seq() != 0 || p.Meta().Len() != 0 || p.XferPipe().Len() != 0 || p.RawBody() != nil {
				t.Errorf("ParseFrame leaves %v", p)
			}
			for cut, r := range readers(tt.wire) {
				wantError(t, "Unpack, "+cut, unpackFrom(r).Unpack(p), tt.class, tt.stage, tt.offset)
			}
			// A fault must show without waiting for bytes that may never come.
			r := io.MultiReader(bytes.NewReader(tt.wire), iotest.ErrReader(errors.New("read too far")))
			wantError(t, "Unpack of a stalled stream", unpackFrom(r).Unpack(p), tt.class, tt.stage, tt.offset)
		})
	}
}

func TestDecode_LimitsAreExact(t *testing.T) {
	wire := frame("", payload("abc", 3, "a&b", 3, "s"+"body"))
	exact := packet.Limits{MaxPacket: uint32(len(wire)), MaxPayload: uint32(len(wire) - 6), MaxUri: 3, MaxMeta: 3, MaxMetaPairs: 2}
	p := packet.NewPacket(packet.WithEnv(&packet.Env{Limits: exact}))
	if err := framer().ParseFrame(wire, p); err != nil || string(p.RawBody()) != "body" {
		t.Fatalf("at every limit: %v", err)
	}
	for name, less := range map[string]func(*packet.Limits){
		"packet":  func(l *packet.Limits) { l.MaxPacket-- },
		"payload": func(l *packet.Limits) { l.MaxPayload-- },
		"uri":     func(l *packet.Limits) { l.MaxUri-- },
		"meta":    func(l *packet.Limits) { l.MaxMeta-- },
		"pairs":   func(l *packet.Limits) { l.MaxMetaPairs-- },
	} {
		l := exact
		less(&l)
		p.SetEnv(&packet.Env{Limits: l})
		err := framer().ParseFrame(wire, p)
		if packet.ClassOf(err) != packet.ClassLimit {
			t.Errorf("%s, one less: %v, want class limit", name, err)
		}
		if got := errors.Is(err, packet.ErrExceedPacketSizeLimit); got != (name == "packet") {
			t.Errorf("%s: wraps ErrExceedPacketSizeLimit: %t", name, got)
		}
	}
	zipped := frame("g", gzipped(t, wire[6:]))
	p.SetEnv(&packet.Env{Limits: packet.Limits{MaxPayload: uint32(len(wire) - 6)}})
	if err := framer().ParseFrame(zipped, p); err != nil {
		t.Errorf("filtered payload at its limit: %v", err)
	}
}

func TestDecode_EveryTruncation(t *testing.T) {
	for _, tt := range []struct {
		name string
		wire []byte
	}{
		{"plain", frame("", payload("abc", 3, "k=v", 3, "s"+"body"))},
		{"filtered", frame("gg", gzipped(t, gzipped(t, payload("abc", 3, "k=v", 3, "s"+"body"))))},
	} {
		for n := range len(tt.wire) {
			var p packet.Packet
			cut := tt.wire[:n]
			for name, r := range readers(cut) {
				err := unpackFrom(r).Unpack(&p)
				if n == 0 {
					if err != io.EOF {
						t.Errorf("%s, %s, nothing: %v, want io.EOF itself", tt.name, name, err)
					}
					continue
				}
				wantError(t, tt.name+", "+name, err, packet.ClassShort, packet.StageFrame, n)
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("%s cut at %d: %v does not wrap io.ErrUnexpectedEOF", tt.name, n, err)
				}
			}
			wantError(t, tt.name, framer().ParseFrame(cut, &p), packet.ClassShort, packet.StageFrame, n)
		}
	}
}

func TestFrameLen_NeedsOnlyThePrefix(t *testing.T) {
	wire := frame("gg", gzipped(t, gzipped(t, payload("abc", 3, "", 0, "s"))))
	more := append(bytes.Clone(wire), wire...)
	for n := range len(more) + 1 {
		got, err := framer().FrameLen(nil, more[:n])
		want := 0
		if n >= 8 {
			want = len(wire)
		}
		if err != nil || got != want {
			t.Errorf("%d bytes: %d, %v; want %d", n, got, err, want)
		}
	}
	for n := 4; n < 20; n++ {
		head := append([]byte{0, 0, 0, 3}, make([]byte, n-4)...)
		if _, err := framer().FrameLen(nil, head); packet.ClassOf(err) != packet.ClassLength {
			t.Errorf("%d bytes of a bad frame: %v", n, err)
		}
	}
}

func TestUnpack_Coalesced(t *testing.T) {
	var stream []byte
	var want []string
	for i := range 20 {
		body := strings.Repeat("b", i*40)
		want = append(want, body)
		stream = append(stream, encode(t, packet.WithSeq(uint64(i)), packet.WithBodyCodec('s'), packet.WithBody(body),
			packet.WithXferPipe(bytes.Repeat([]byte{'g'}, i%3)...))...)
	}
	for name, r := range readers(stream) {
		proto := unpackFrom(r)
		var p packet.Packet
		for i, body := range want {
			if err := proto.Unpack(&p); err != nil || p.Seq() != uint64(i) || string(p.RawBody()) != body {
				t.Fatalf("%s, packet %d: %v, %v", name, i, &p, err)
			}
		}
		if err := proto.Unpack(&p); err != io.EOF {
			t.Errorf("%s, the end: %v, want io.EOF", name, err)
		}
	}
}

func TestUnpack_ReadsNoFurther(t *testing.T) {
	wire := encode(t, packet.WithBodyCodec('s'), packet.WithBody(strings.Repeat("x", 70_000)))
	r := bytes.NewReader(append(bytes.Clone(wire), "rest"...))
	var p packet.Packet
	if err := unpackFrom(r).Unpack(&p); err != nil || r.Len() != 4 {
		t.Errorf("%v, %d bytes left of 4", err, r.Len())
	}
	// The shortest frames of all, which cannot hold a header.
	for n := byte(6); n < 12; n++ {
		r := bytes.NewReader(append([]byte{0, 0, 0, n, 'f', 0}, "123456789"...))
		wantError(t, "short frame", unpackFrom(r).Unpack(&p), packet.ClassHeader, packet.StagePayload, 0)
		if want := 9 - int(n-6); r.Len() != want {
			t.Errorf("a frame of %d bytes: %d bytes left of %d", n, r.Len(), want)
		}
	}
}
