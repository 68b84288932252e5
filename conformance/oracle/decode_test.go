package oracle_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// sample is the frame on which the tests put their faults, one field a line: 37 bytes.
func sample() []byte {
	return oracle.Cat(
		[]byte{0, 0, 0, 37},              //  0 size
		[]byte{'f'},                      //  4 protocol id
		[]byte{0},                        //  5 filter count
		[]byte{0, 0, 0, 0, 0, 0, 1, 2},   //  6 seq
		[]byte{1},                        // 14 ptype: PULL
		[]byte{0, 0, 0, 2}, []byte("/a"), // 15 uri
		[]byte{0, 0, 0, 7}, []byte("k=v&%41"), // 21 meta
		[]byte{'j'},    // 32 codec
		[]byte("null"), // 33 body
	)
}

func TestDecode_Fields(t *testing.T) {
	wire := append(sample(), "next"...)
	p, n, err := oracle.Decode(wire, oracle.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if n != 37 || p.Size != 37 || p.Seq != 258 || p.Ptype != oracle.Pull || string(p.Uri) != "/a" || p.Codec != 'j' ||
		string(p.Body) != "null" || p.CodecOffset != 26 || len(p.Pipe) != 0 {
		t.Errorf("%d bytes, %+v", n, p)
	}
	if len(p.Meta) != 2 || string(p.Meta[0].Key) != "k" || string(p.Meta[0].Value) != "v" || string(p.Meta[1].Key) != "A" {
		t.Errorf("metadata %q", p.Meta)
	}
}

func TestDecode_CleanEnd(t *testing.T) {
	if _, n, err := oracle.Decode(nil, oracle.Limits{}); n != 0 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func TestDecode_EveryCutIsShort(t *testing.T) {
	wire := sample()
	for n := 1; n < len(wire); n++ {
		_, _, err := oracle.Decode(wire[:n], oracle.Limits{})
		if err == nil || err.Class != oracle.Short || err.Offset != int64(n) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestDecode_Faults(t *testing.T) {
	set := func(at int, b ...byte) []byte {
		w := sample()
		copy(w[at:], b)
		return w
	}
	for _, tt := range []struct {
		name   string
		wire   []byte
		limits oracle.Limits
		class  string
		stage  string
		offset int64
	}{
		{"size 5", set(0, 0, 0, 0, 5), oracle.Limits{}, oracle.Length, oracle.StageFrame, 0},
		{"size over the limit", sample(), oracle.Limits{MaxPacket: 36}, oracle.Limit, oracle.StageFrame, 0},
		{"protocol", set(4, 'x'), oracle.Limits{}, oracle.Version, oracle.StageFrame, 4},
		{"count", set(5, 32), oracle.Limits{}, oracle.Length, oracle.StageFrame, 5},
		{"payload over the limit", sample(), oracle.Limits{MaxPayload: 30}, oracle.Limit, oracle.StageFrame, 0},
		{"filter", set(5, 2, 'g', 'X'), oracle.Limits{}, oracle.FilterUnknown, oracle.StageFrame, 7},
		{"filter data", set(5, 1, 'g'), oracle.Limits{}, oracle.FilterData, oracle.StageFrame, 6},
		{"no seq", oracle.Frame(nil, nil), oracle.Limits{}, oracle.Header, oracle.StagePayload, 0},
		{"uri length", set(15, 0, 0, 0, 19), oracle.Limits{}, oracle.Header, oracle.StagePayload, 9},
		{"uri limit", sample(), oracle.Limits{MaxUri: 1}, oracle.Limit, oracle.StagePayload, 9},
		{"meta length", set(21, 0, 0, 0, 13), oracle.Limits{}, oracle.Header, oracle.StagePayload, 15},
		{"meta limit", sample(), oracle.Limits{MaxMeta: 6}, oracle.Limit, oracle.StagePayload, 15},
		{"pair limit", sample(), oracle.Limits{MaxMetaPairs: 1}, oracle.Limit, oracle.StagePayload, 15},
		{"no codec", set(21, 0, 0, 0, 12), oracle.Limits{}, oracle.Header, oracle.StagePayload, 31},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, n, err := oracle.Decode(tt.wire, tt.limits)
			if err == nil || err.Class != tt.class || err.Stage != tt.stage || err.Offset != tt.offset || n != 0 {
				t.Errorf("%v, want %s at byte %d of the %s", err, tt.class, tt.offset, tt.stage)
			}
		})
	}
}

func TestDecodeStream_StopsAtTheFirstFault(t *testing.T) {
	bad := sample()
	bad[4] = 'x'
	packets, err := oracle.DecodeStream(oracle.Cat(sample(), bad, sample()), oracle.Limits{})
	if len(packets) != 1 || err == nil || err.Class != oracle.Version || err.Offset != 4 {
		t.Errorf("%d packets, %v", len(packets), err)
	}
}

func TestEncode_Inverse(t *testing.T) {
	for _, pipe := range []string{"", "g", "ggg"} {
		in := oracle.Packet{Seq: 1 << 63, Ptype: 9, Uri: []byte("\xff/?"), Codec: 's', Body: []byte("body"), Pipe: []byte(pipe),
			Meta: []oracle.Pair{{[]byte("k"), []byte(" ")}, {nil, nil}, {[]byte("k"), nil}}}
		wire, err := oracle.Encode(in, oracle.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		out, n, err := oracle.Decode(wire, oracle.Limits{})
		if err != nil || n != len(wire) {
			t.Fatalf("pipe %q: %d of %d bytes, %v", pipe, n, len(wire), err)
		}
		if out.Seq != in.Seq || out.Ptype != 9 || !bytes.Equal(out.Uri, in.Uri) || len(out.Meta) != 2 || string(out.Meta[0].Value) != " " ||
			string(out.Body) != "body" || string(out.Pipe) != pipe {
			t.Errorf("pipe %q: %+v", pipe, out)
		}
	}
}

func TestEncode_Refuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		p      oracle.Packet
		limits oracle.Limits
		class  string
	}{
		{"256 filters", oracle.Packet{Pipe: bytes.Repeat([]byte("g"), 256)}, oracle.Limits{}, oracle.Limit},
		{"unknown filter", oracle.Packet{Pipe: []byte("gX")}, oracle.Limits{}, oracle.FilterUnknown},
		{"packet limit", oracle.Packet{Body: []byte("x")}, oracle.Limits{MaxPacket: 24}, oracle.Limit},
		{"uri limit", oracle.Packet{Uri: []byte("/a")}, oracle.Limits{MaxUri: 1}, oracle.Limit},
		{"metadata limit", oracle.Packet{Meta: []oracle.Pair{{[]byte(" "), nil}}}, oracle.Limits{MaxMeta: 2}, oracle.Limit},
		{"pair limit", oracle.Packet{Meta: []oracle.Pair{{[]byte("a"), nil}, {[]byte("b"), nil}}}, oracle.Limits{MaxMetaPairs: 1}, oracle.Limit},
	} {
		if wire, err := oracle.Encode(tt.p, tt.limits); err == nil || err.Class != tt.class || wire != nil {
			t.Errorf("%s: %x, %v", tt.name, wire, err)
		}
	}
}

func TestCheckBody(t *testing.T) {
	for _, tt := range []struct {
		codec byte
		body  string
		class string // "" when it decodes
	}{
		{'j', `{"a":1}`, ""}, {'j', `{"a":1`, oracle.BodyClass}, {'j', "", ""}, {'s', "\xff", ""},
		{'p', "\x08\x01", ""}, {'p', "\x08", oracle.BodyClass}, {'p', "\x0b\x08\x01\x0c", ""}, {'p', "\x0b\x14", oracle.BodyClass},
		{0, "", ""}, {0, "x", oracle.CodecUnknown}, {'X', "", ""}, {'X', "x", oracle.CodecUnknown},
	} {
		err := oracle.CheckBody(oracle.Packet{Codec: tt.codec, Body: []byte(tt.body), CodecOffset: 17})
		switch {
		case tt.class == "" && err == nil:
		case err == nil || err.Class != tt.class:
			t.Errorf("codec %d, body %q: %v, want %q", tt.codec, tt.body, err, tt.class)
		case err.Class == oracle.BodyClass && err.Offset != 18, err.Class == oracle.CodecUnknown && err.Offset != 17:
			t.Errorf("codec %d, body %q: offset %d", tt.codec, tt.body, err.Offset)
		}
	}
}
