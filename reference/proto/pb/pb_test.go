package pb_test

import (
	"errors"
	"net"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
)

func framer() packet.Framer { return pb.New(nil).(packet.Framer) }

func bench(settings ...packet.PacketSetting) *packet.Packet {
	p := packet.NewPacket(packet.WithSeq(1<<64-1), packet.WithPtype(packet.TypePull), packet.WithUri("/bench/\xff"),
		packet.WithAddMeta("k", "1"), packet.WithAddMeta("k", "\x00"), packet.WithBodyCodec('j'),
		packet.WithBody(packet.RawBody(strings.Repeat(`{"a":1}`, 80))))
	for _, s := range settings {
		s(p)
	}
	return p
}

// message is the descriptor of chapter 21, for the library to read with.
func message(t *testing.T) protoreflect.MessageDescriptor {
	t.Helper()
	file := &descriptorpb.FileDescriptorProto{Name: proto.String("packet.proto"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("Packet")}}}
	for i, f := range []struct {
		name string
		kind descriptorpb.FieldDescriptorProto_Type
	}{
		{"seq", descriptorpb.FieldDescriptorProto_TYPE_UINT64}, {"ptype", descriptorpb.FieldDescriptorProto_TYPE_UINT32},
		{"uri", descriptorpb.FieldDescriptorProto_TYPE_BYTES}, {"meta", descriptorpb.FieldDescriptorProto_TYPE_BYTES},
		{"body_codec", descriptorpb.FieldDescriptorProto_TYPE_UINT32}, {"body", descriptorpb.FieldDescriptorProto_TYPE_BYTES},
	} {
		file.MessageType[0].Field = append(file.MessageType[0].Field, &descriptorpb.FieldDescriptorProto{Name: &f.name,
			Number: proto.Int32(int32(i + 1)), Type: &f.kind, Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()})
	}
	d, err := protodesc.NewFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d.Messages().Get(0)
}

func TestAppendFrame_IsTheLibrarysEncoding(t *testing.T) {
	desc := message(t)
	for _, p := range []*packet.Packet{packet.NewPacket(), bench(), packet.NewPacket(packet.WithPtype(packet.TypePush), packet.WithUri("/a"))} {
		frame, err := framer().AppendFrame([]byte("before"), p)
		if err != nil || string(frame[:6]) != "before" {
			t.Fatal(err)
		}
		payload := frame[12:]
		m := dynamicpb.NewMessage(desc)
		if err := proto.Unmarshal(payload, m); err != nil {
			t.Fatalf("%x: %v", payload, err)
		}
		body, err := p.MarshalBody()
		if err != nil {
			t.Fatal(err)
		}
		field := func(n protoreflect.FieldNumber) protoreflect.Value { return m.Get(desc.Fields().ByNumber(n)) }
		if field(1).Uint() != p.Seq() || field(2).Uint() != uint64(p.Ptype()) || string(field(3).Bytes()) != p.Uri() ||
			string(field(4).Bytes()) != p.Meta().String() || field(5).Uint() != uint64(p.BodyCodec()) || string(field(6).Bytes()) != string(body) {
			t.Errorf("the library reads %v from %x", m, payload)
		}
		again, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil || string(again) != string(payload) {
			t.Errorf("the library writes %x, %v; ours is %x", again, err, payload)
		}
		if p.Size() != uint32(len(frame)-6) {
			t.Errorf("size %d of %d bytes", p.Size(), len(frame)-6)
		}
	}
}

func TestParseFrame_BodyIsAPartOfTheFrameUntilDetached(t *testing.T) {
	frame, err := framer().AppendFrame(nil, bench(packet.WithBody(packet.RawBody("body"))))
	if err != nil {
		t.Fatal(err)
	}
	p := packet.NewPacket()
	if err := framer().ParseFrame(frame, p); err != nil {
		t.Fatal(err)
	}
	if &p.RawBody()[3] != &frame[len(frame)-1] {
		t.Error("the raw body was copied")
	}
	p.Detach()
	clear(frame)
	if string(p.RawBody()) != "body" || p.Uri() != "/bench/\xff" || p.Meta().String() != "k=1&k=%00" {
		t.Errorf("after the frame was overwritten: %v, body %q", p, p.RawBody())
	}
}

func TestParseFrame_BodyBeforeOtherFieldsThroughGzip(t *testing.T) {
	// The undone payload lies in the packet's memory, with the body in its middle.
	plain := "\x32\x05hello\x28\x73\x1a\x02/a"
	out, err := bench(packet.WithXferPipe('g')).XferPipe().OnPack([]byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	frame := append([]byte{0, 0, 0, byte(7 + len(out)), 'p', 1, 'g'}, out...)
	p := packet.NewPacket()
	if err := framer().ParseFrame(frame, p); err != nil {
		t.Fatal(err)
	}
	p.Detach()
	var s string
	if err := p.Bind(&s); err != nil || s != "hello" || p.Uri() != "/a" || string(p.RawBody()) != "hello" {
		t.Errorf("%v: %q, %v", p, s, err)
	}
}

func TestBind_OffsetsOfTheMessage(t *testing.T) {
	p := packet.NewPacket()
	if err := framer().ParseFrame([]byte("\x00\x00\x00\x0c\x70\x00\x32\x02{a\x28\x6a"), p); err != nil {
		t.Fatal(err)
	}
	for codec, want := range map[byte]packet.Error{'j': {Class: packet.ClassBody, Offset: 2}, 0: {Class: packet.ClassCodecUnknown, Offset: 5}} {
		p.SetBodyCodec(codec)
		var pe *packet.Error
		if err := p.Bind(new(any)); !errors.As(err, &pe) || pe.Class != want.Class || pe.Offset != want.Offset || pe.Stage != packet.StageBody {
			t.Errorf("codec %d: %v, want %s at %d", codec, err, want.Class, want.Offset)
		}
	}
}

func TestPeers_OverPB(t *testing.T) {
	server, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	tp.HandlePull(server.PullRouter, "/sum", func(_ tp.PullCtx, in *[]int) (int, *tp.Rerror) { return len(*in), nil })
	a, b := net.Pipe()
	if _, err := server.ServeConn(a, pb.New); err != nil {
		t.Fatal(err)
	}
	sess, err := client.ServeConn(b, pb.New)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if rerr := sess.Pull("/sum", []int{1, 2, 3}, &n, packet.WithXferPipe('g')).Rerror(); rerr != nil || n != 3 {
		t.Errorf("%d, %v", n, rerr)
	}
	if rerr := sess.Pull("/nowhere", nil, nil).Rerror(); rerr == nil || rerr.Code != tp.CodeNotFound {
		t.Errorf("%v, want 404", rerr)
	}
}
