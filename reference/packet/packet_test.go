package packet_test

import (
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

func TestNewPacket_Settings(t *testing.T) {
	p := packet.NewPacket(
		packet.WithSeq(1<<63),
		packet.WithPtype(packet.TypeReply),
		packet.WithUri("/a?b"),
		packet.WithAddMeta("k", "1"),
		packet.WithAddMeta("k", "2"),
		packet.WithSetMeta("k", "3"),
		packet.WithAddMeta("gone", ""),
		packet.WithDelMeta("gone"),
		packet.WithBodyCodec('s'),
		packet.WithBody("b"),
		packet.WithNewBody(func(uint64, byte, string) any { return nil }),
		packet.WithXferPipe('g', 'g'),
		nil,
	)
	if p.Seq() != 1<<63 || p.Ptype() != 2 || p.Uri() != "/a?b" || p.Meta().String() != "k=3&k=2" ||
		p.BodyCodec() != 's' || p.Body() != "b" || p.NewBodyFunc() == nil || string(p.XferPipe().Ids()) != "gg" {
		t.Errorf("got %v", p)
	}
}

func TestWithXferPipe_LooksInTheEnv(t *testing.T) {
	f, err := xfer.NewGzip('Z', 1)
	if err != nil {
		t.Fatal(err)
	}
	env := &packet.Env{Filters: xfer.NewRegistry(xfer.Default())}
	env.Filters.Reg(f)
	p := packet.NewPacket(packet.WithEnv(env), packet.WithXferPipe('Z', 'g'))
	if p.XferPipe().Err() != nil || string(p.XferPipe().Ids()) != "Zg" || p.Env() != env {
		t.Errorf("with the env: %q, %v", p.XferPipe().Ids(), p.XferPipe().Err())
	}
	p = packet.NewPacket(packet.WithXferPipe('Z'))
	if p.XferPipe().Err() == nil {
		t.Error("without the env: the unknown filter is not remembered")
	}
}

func TestPacket_ResetLeavesNothing(t *testing.T) {
	fill := func(p *packet.Packet) {
		p.SetSeq(1)
		p.SetPtype(2)
		p.SetUri("u")
		p.Meta().Add("k", "v")
		p.SetBodyCodec('j')
		p.SetBody(1)
		p.SetNewBody(func(uint64, byte, string) any { return nil })
		p.SetEnv(&packet.Env{})
		p.SetSize(9)
		p.SetRawBody([]byte("raw"), 3)
		_ = p.XferPipe().Append('g', 0xff)
	}
	empty := func(t *testing.T, p *packet.Packet) {
		t.Helper()
		if p.Seq() != 0 || p.Ptype() != 0 || p.Uri() != "" || p.Meta().Len() != 0 || p.BodyCodec() != 0 ||
			p.Body() != nil || p.Size() != 0 || p.RawBody() != nil || p.XferPipe().Len() != 0 || p.XferPipe().Err() != nil {
			t.Errorf("left over: %v", p)
		}
	}
	var p packet.Packet
	fill(&p)
	p.ResetForUnpack()
	empty(t, &p)
	if p.NewBodyFunc() == nil || p.Env() == nil {
		t.Error("ResetForUnpack must keep the NewBodyFunc and the Env")
	}
	fill(&p)
	p.Reset(packet.WithUri("next"))
	if p.Uri() != "next" {
		t.Errorf("Reset's settings: uri %q", p.Uri())
	}
	p.Reset()
	empty(t, &p)
	if p.NewBodyFunc() != nil || p.Env() != nil {
		t.Error("Reset must drop the NewBodyFunc and the Env")
	}
}

func TestGetPacket_IsEmpty(t *testing.T) {
	for range 10 {
		p := packet.GetPacket()
		if p.Seq() != 0 || p.Meta().Len() != 0 || p.Body() != nil || p.RawBody() != nil || p.Env() != nil || p.NewBodyFunc() != nil {
			t.Fatalf("a pooled packet is not empty: %v", p)
		}
		p.Reset(packet.WithSeq(7), packet.WithAddMeta("k", "v"), packet.WithBody("b"), packet.WithEnv(&packet.Env{}))
		p.SetRawBody([]byte("raw"), 0)
		packet.PutPacket(p)
	}
	packet.PutPacket(nil)
}

func TestPacket_AppendXferPipeFrom(t *testing.T) {
	in := packet.NewPacket(packet.WithXferPipe('g'))
	out := packet.NewPacket(packet.WithXferPipe('g'))
	out.AppendXferPipeFrom(in)
	out.AppendXferPipeFrom(nil)
	if string(out.XferPipe().Ids()) != "gg" {
		t.Errorf("pipe %q", out.XferPipe().Ids())
	}
}

func TestPacket_SetUriBytesCopies(t *testing.T) {
	var p packet.Packet
	for _, uri := range []string{"/a", "/b\xff", "", "/b\xff", "/a"} {
		b := []byte(uri)
		p.ResetForUnpack()
		p.SetUriBytes(b)
		clear(b)
		if p.Uri() != uri {
			t.Errorf("uri %q, want %q", p.Uri(), uri)
		}
	}
}

func TestPacket_String(t *testing.T) {
	p := packet.NewPacket(packet.WithPtype(packet.TypePush), packet.WithUri("/a\n"), packet.WithSetMeta("k", "v"))
	if s := p.String(); !strings.Contains(s, `PUSH seq=0 uri="/a\n" meta="k=v"`) {
		t.Errorf("got %s", s)
	}
	p.SetBody(1)
	if s := p.String(); !strings.Contains(s, "body=int") {
		t.Errorf("got %s", s)
	}
	p.SetBody(nil)
	p.SetRawBody([]byte("xyz"), 0)
	if s := p.String(); !strings.Contains(s, "body=3 bytes") {
		t.Errorf("got %s", s)
	}
}

func TestTypeText_Names(t *testing.T) {
	for typ, want := range map[byte]string{0: "Undefined", 1: "PULL", 2: "REPLY", 3: "PUSH", 4: "Undefined", 255: "Undefined"} {
		if got := packet.TypeText(typ); got != want {
			t.Errorf("TypeText(%d) = %q, want %q", typ, got, want)
		}
	}
}

func TestEnv_NilMeansDefaults(t *testing.T) {
	var env *packet.Env
	for _, e := range []*packet.Env{env, {}} {
		if e.CodecRegistry() != codec.Default() || e.FilterRegistry() != xfer.Default() || e.Limit() != packet.DefaultLimits() {
			t.Errorf("%v does not give the defaults", e)
		}
	}
	own := &packet.Env{Codecs: codec.NewRegistry(nil), Filters: xfer.NewRegistry(nil), Limits: packet.Limits{MaxUri: 5}}
	if own.CodecRegistry() != own.Codecs || own.FilterRegistry() != own.Filters {
		t.Error("the env's own registries are not used")
	}
	want := packet.DefaultLimits()
	want.MaxUri = 5
	if own.Limit() != want {
		t.Errorf("limits %+v, want %+v", own.Limit(), want)
	}
}
