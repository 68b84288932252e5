package packet_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// plainCodec has no AppendMarshal.
type plainCodec struct{ fail error }

func (plainCodec) Id() byte                      { return 'x' }
func (plainCodec) Name() string                  { return "x" }
func (c plainCodec) Marshal(any) ([]byte, error) { return []byte("plain"), c.fail }
func (c plainCodec) Unmarshal([]byte, any) error { return c.fail }

func withCodec(c codec.Codec) *packet.Env {
	env := &packet.Env{Codecs: codec.NewRegistry(codec.Default())}
	env.Codecs.Reg(c)
	return env
}

func TestAppendBody_Kinds(t *testing.T) {
	raw := packet.RawBody("raw\x00")
	tests := []struct {
		name  string
		codec byte
		body  any
		want  string
		class packet.Class
	}{
		{"nil, codec 0", 0, nil, "", ""},
		{"nil, unknown codec", 'X', nil, "", ""},
		{"nil, json", 'j', nil, "", ""},
		{"typed nil, json", 'j', (*int)(nil), "null", ""},
		{"json", 'j', "a&b", `"a\u0026b"`, ""},
		{"bytes, json", 'j', []byte("hi"), `"aGk="`, ""},
		{"string", 's', "hi", "hi", ""},
		{"raw, json", 'j', raw, "raw\x00", ""},
		{"raw, unknown codec", 'X', raw, "raw\x00", ""},
		{"raw, codec 0", 0, raw, "raw\x00", ""},
		{"raw pointer", 'X', &raw, "raw\x00", ""},
		{"nil raw pointer", 'X', (*packet.RawBody)(nil), "", ""},
		{"codec 0", 0, "x", "", packet.ClassCodecUnknown},
		{"unknown codec", 'X', "x", "", packet.ClassCodecUnknown},
		{"cannot encode, json", 'j', make(chan int), "", packet.ClassBody},
		{"cannot encode, string", 's', 1, "", packet.ClassBody},
		{"cannot encode, protobuf", 'p', "s", "", packet.ClassBody},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := packet.NewPacket(packet.WithBodyCodec(tt.codec), packet.WithBody(tt.body))
			got, err := p.AppendBody([]byte("-"))
			if packet.ClassOf(err) != tt.class || (err == nil) != (tt.class == "") {
				t.Fatalf("error %v, want class %q", err, tt.class)
			}
			if string(got) != "-"+tt.want {
				t.Errorf("got %q, want %q", got, "-"+tt.want)
			}
			if b, err2 := p.MarshalBody(); string(b) != tt.want || (err2 == nil) != (err == nil) {
				t.Errorf("MarshalBody = %q, %v", b, err2)
			}
		})
	}
}

func TestAppendBody_CodecWithoutAppend(t *testing.T) {
	p := packet.NewPacket(packet.WithEnv(withCodec(plainCodec{})), packet.WithBodyCodec('x'), packet.WithBody(1))
	if got, err := p.AppendBody([]byte("-")); err != nil || string(got) != "-plain" {
		t.Errorf("got %q, %v", got, err)
	}
	boom := errors.New("boom")
	p.SetEnv(withCodec(plainCodec{fail: boom}))
	if got, err := p.AppendBody([]byte("-")); packet.ClassOf(err) != packet.ClassBody || !errors.Is(err, boom) || string(got) != "-" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A packet that was read and not decoded can be sent on as it is.
func TestAppendBody_RawBodyOfAReadPacket(t *testing.T) {
	var p packet.Packet
	p.SetRawBody([]byte("as read"), 18)
	if got, err := p.MarshalBody(); err != nil || string(got) != "as read" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestBind_Targets(t *testing.T) {
	read := func(id byte, body string) *packet.Packet {
		p := packet.NewPacket(packet.WithBodyCodec(id))
		p.SetRawBody([]byte(body), 20)
		return p
	}
	n := 5
	if err := read('j', "7").Bind(&n); err != nil || n != 7 {
		t.Errorf("json: %d, %v", n, err)
	}
	for _, id := range []byte{0, 'j', 'X'} {
		var b []byte
		var r packet.RawBody
		p := read(id, "any\x00")
		if err := errors.Join(p.Bind(&b), p.Bind(&r)); err != nil || string(b) != "any\x00" || string(r) != "any\x00" {
			t.Errorf("raw under codec %d: %q %q, %v", id, b, r, err)
		}
		n = 5
		if err := read(id, "").Bind(&n); err != nil || n != 5 {
			t.Errorf("empty under codec %d: %d, %v; want the target untouched", id, n, err)
		}
		if err := read(id, "x").Bind(nil); err != nil {
			t.Errorf("nil target under codec %d: %v", id, err)
		}
	}
	var s string
	p := read('s', "text")
	if err := p.Bind(&s); err != nil || s != "text" || p.Body() != nil {
		t.Errorf("string: %q, %v, body %v; Body must stay", s, err, p.Body())
	}
}

func TestBind_Errors(t *testing.T) {
	tests := []struct {
		name   string
		codec  byte
		target any
		class  packet.Class
		offset int64
	}{
		{"codec 0", 0, new(int), packet.ClassCodecUnknown, 19},
		{"unknown codec", 'X', new(int), packet.ClassCodecUnknown, 19},
		{"does not decode", 'j', new(int), packet.ClassBody, 20},
		{"not a pointer", 's', 1, packet.ClassBody, 20},
		{"nil pointer", 's', (*string)(nil), packet.ClassBody, 20},
		{"nil raw pointer", 's', (*packet.RawBody)(nil), packet.ClassBody, 20},
		{"nil bytes pointer", 'j', (*[]byte)(nil), packet.ClassBody, 20},
	}
	for _, tt := range tests {
		p := packet.NewPacket(packet.WithBodyCodec(tt.codec))
		p.SetRawBody([]byte("{"), 20)
		var pe *packet.Error
		if err := p.Bind(tt.target); !errors.As(err, &pe) || pe.Class != tt.class || pe.Offset != tt.offset ||
			pe.Stage != packet.StageBody || pe.Op != packet.OpBind {
			t.Errorf("%s: %#v, want class %q at %d", tt.name, err, tt.class, tt.offset)
		}
	}
}

func TestBind_ValuesOwnTheirMemory(t *testing.T) {
	mem := []byte("abc")
	p := packet.NewPacket(packet.WithBodyCodec('s'))
	p.SetRawBody(mem, 0)
	var b []byte
	var s string
	var r packet.RawBody
	if err := errors.Join(p.Bind(&b), p.Bind(&s), p.Bind(&r)); err != nil {
		t.Fatal(err)
	}
	clear(mem)
	if string(b) != "abc" || s != "abc" || string(r) != "abc" {
		t.Errorf("after the memory was overwritten: %q %q %q", b, s, r)
	}
}

func TestDetach_OwnsTheBytes(t *testing.T) {
	mem := []byte("abc")
	var p packet.Packet
	p.Detach() // nothing to do
	p.SetRawBody(mem, 0)
	p.Detach()
	clear(mem)
	if string(p.RawBody()) != "abc" {
		t.Errorf("got %q", p.RawBody())
	}
	first := &p.RawBody()[0]
	p.Detach()
	if &p.RawBody()[0] != first {
		t.Error("a second Detach copies again")
	}
	p.SetRawBody([]byte("longer than before"), 0)
	p.Detach()
	if string(p.RawBody()) != "longer than before" {
		t.Errorf("got %q", p.RawBody())
	}
}

func TestUnmarshalNewBody_WithoutFunc(t *testing.T) {
	mem := []byte("abc")
	var p packet.Packet
	if err := p.UnmarshalNewBody(mem); err != nil {
		t.Fatal(err)
	}
	clear(mem)
	if string(p.RawBody()) != "abc" || p.Body() != nil {
		t.Errorf("raw %q, body %v", p.RawBody(), p.Body())
	}
	if err := p.UnmarshalNewBody(nil); err != nil || p.RawBody() != nil {
		t.Errorf("empty body: raw %q, %v", p.RawBody(), err)
	}
}

func TestUnmarshalNewBody_WithFunc(t *testing.T) {
	var target struct{ N int }
	p := packet.NewPacket(packet.WithSeq(3), packet.WithPtype(1), packet.WithUri("/u"), packet.WithBodyCodec('j'))
	p.SetNewBody(func(seq uint64, ptype byte, uri string) any {
		if seq != 3 || ptype != 1 || uri != "/u" {
			t.Errorf("called with %d %d %q", seq, ptype, uri)
		}
		return &target
	})
	if err := p.UnmarshalNewBody([]byte(`{"N":4}`)); err != nil || target.N != 4 || p.Body() != any(&target) || p.RawBody() != nil {
		t.Errorf("%v, body %v", err, p.Body())
	}
	err := p.UnmarshalNewBody([]byte(`{`))
	if packet.ClassOf(err) != packet.ClassBody {
		t.Errorf("%v, want class body", err)
	}
	p.SetNewBody(func(uint64, byte, string) any { return nil })
	if err := p.UnmarshalNewBody([]byte(`{`)); err != nil || p.Body() != nil {
		t.Errorf("a nil body: %v, body %v; want the bytes skipped", err, p.Body())
	}
}

func TestUnmarshalBody_IntoTheBody(t *testing.T) {
	n := 0
	p := packet.NewPacket(packet.WithBodyCodec('j'), packet.WithBody(&n))
	if err := p.UnmarshalBody([]byte("3")); err != nil || n != 3 {
		t.Errorf("%d, %v", n, err)
	}
	p.SetBody(n)
	if err := p.UnmarshalBody([]byte("3")); packet.ClassOf(err) != packet.ClassBody {
		t.Errorf("a body that is no pointer: %v", err)
	}
	p.SetBody(nil)
	if err := p.UnmarshalBody([]byte("3")); packet.ClassOf(err) != packet.ClassBody {
		t.Errorf("no body: %v", err)
	}
	if err := p.UnmarshalBody(nil); err != nil {
		t.Errorf("no body and no bytes: %v", err)
	}
}

func TestUnpackPayload_OwnsTheResult(t *testing.T) {
	p := packet.NewPacket(packet.WithXferPipe('g'))
	packed, err := p.XferPipe().OnPack([]byte("header-body"))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := p.UnpackPayload(packed, 11)
	if err != nil || string(payload) != "header-body" {
		t.Fatalf("got %q, %v", payload, err)
	}
	p.SetRawBody(payload[7:], 7)
	p.Detach()
	clear(packed)
	if string(p.RawBody()) != "body" {
		t.Errorf("raw body %q", p.RawBody())
	}
	// A body in the middle of the payload is moved to the front.
	p.SetRawBody(payload[3:9], 3)
	p.Detach()
	if string(p.RawBody()) != "der-bo" {
		t.Errorf("raw body %q", p.RawBody())
	}
	if _, err := p.UnpackPayload([]byte("junk"), 11); err == nil {
		t.Error("junk: want an error")
	}
	plain := []byte("as is")
	if got, err := new(packet.Packet).UnpackPayload(plain, 1); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("without filters: %q, %v", got, err)
	}
}

// Whoever takes the bytes as they are gets a packet's own ones once, without a
// copy, and never those that are lent to it or that are its buffer's.
func TestBind_GivesTheOwnBytesOnce(t *testing.T) {
	lent := append(make([]byte, 0, 64), "the body"...)
	for _, tt := range []struct {
		name   string
		before func(p *packet.Packet)
		given  bool
	}{
		{"lent", func(*packet.Packet) {}, false},
		{"detached", func(p *packet.Packet) { p.Detach() }, false},
		{"detached for bytes", func(p *packet.Packet) { p.DetachFor(new([]byte)) }, true},
		{"detached for a RawBody", func(p *packet.Packet) { p.DetachFor(new(packet.RawBody)) }, true},
		{"detached for something else", func(p *packet.Packet) { p.DetachFor(new(string)) }, false},
		{"detached for nothing", func(p *packet.Packet) { p.DetachFor(nil) }, false},
		{"owned", func(p *packet.Packet) { p.OwnRawBody() }, true},
		{"owned, in the packet's buffer", func(p *packet.Packet) { p.Detach(); p.OwnRawBody() }, false},
		{"owned, then detached for bytes", func(p *packet.Packet) { p.OwnRawBody(); p.DetachFor(new([]byte)) }, true},
		{"owned, then detached", func(p *packet.Packet) { p.OwnRawBody(); p.Detach() }, false},
		{"owned, then detached for nothing", func(p *packet.Packet) { p.OwnRawBody(); p.DetachFor(nil) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := packet.NewPacket(packet.WithBodyCodec('s'))
			p.SetRawBody(lent, 0)
			tt.before(p)
			var first []byte
			var second packet.RawBody
			if err := errors.Join(p.Bind(&first), p.Bind(&second)); err != nil || string(first) != "the body" || string(second) != "the body" {
				t.Fatalf("%q, %q, %v", first, second, err)
			}
			if got := &first[0] == &p.RawBody()[0]; got != tt.given {
				t.Errorf("the first got the packet's bytes: %v, want %v", got, tt.given)
			}
			if cap(first) > len(first) && tt.given {
				t.Errorf("who appends reaches %d bytes behind", cap(first)-len(first))
			}
			if &second[0] == &p.RawBody()[0] || &second[0] == &first[0] {
				t.Errorf("the second shares bytes")
			}
			if p.Reset(); tt.given && string(first) != "the body" {
				t.Errorf("after Reset the first reads %q", first)
			}
		})
	}
}
