package erpcv7

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/andeya/erpc/v7"
	"github.com/andeya/erpc/v7/socket"
)

func TestFinding_JSONBodies(t *testing.T) {
	for _, body := range []string{`{"a":"x\"y"}`, `{"a":"two\nlines"}`, "a\x00\"b"} {
		_, got, err, _ := unpack("json", pack(t, "json", call(body)))
		if err != nil || got == body || json.Valid([]byte(got)) {
			t.Errorf("the body %q came back as %q (%v), it was damaged", body, got, err)
		}
	}
}

func TestFinding_JSONMethod(t *testing.T) {
	m, _, err, _ := unpack("json", pack(t, "json", call("x", socket.WithServiceMethod("/x\x00y"))))
	if err != nil || m.ServiceMethod() != "/x" {
		t.Errorf(`"/x\x00y" came back as %q (%v), it was "/x"`, m.ServiceMethod(), err)
	}
}

func TestFinding_PBMethod(t *testing.T) {
	err := protos["pb"](&pipe{}).Pack(call("x", socket.WithServiceMethod("/\xff")))
	if err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("a method that is not UTF-8 gave %v, it was refused", err)
	}
}

func TestFinding_RawMethod255(t *testing.T) {
	long := strings.Repeat("m", 255)
	m, _, err, _ := unpack("raw", pack(t, "raw", call("x", socket.WithServiceMethod(long))))
	if err != nil || m.ServiceMethod() != long {
		t.Errorf("255 bytes came back as %d (%v)", len(m.ServiceMethod()), err)
	}
	if err := protos["raw"](&pipe{}).Pack(call("x", socket.WithServiceMethod(long+"m"))); err == nil {
		t.Error("256 bytes were taken, they were refused")
	}
}

func TestFinding_RawMetadataWraps(t *testing.T) {
	long := strings.Repeat("v", 70_000)
	frame := pack(t, "raw", call("x", socket.WithSetMeta("key", long))) // Pack reports success
	m, _, err, panicked := unpack("raw", frame)
	if err == nil && !panicked && string(m.Meta().Peek("key")) == long {
		t.Error("70,000 bytes of metadata came back, their length was cut to 16 bits")
	}
	short := strings.Repeat("v", 60_000)
	m, _, err, _ = unpack("raw", pack(t, "raw", call("x", socket.WithSetMeta("key", short))))
	if err != nil || string(m.Meta().Peek("key")) != short {
		t.Errorf("60,000 bytes of metadata came back as %d (%v): that is another fault", len(m.Meta().Peek("key")), err)
	}
}

func TestFinding_ThriftTwoWrites(t *testing.T) {
	p := &pipe{}
	if err := protos["thrift"](p).Pack(call("body")); err != nil || p.writes != 2 {
		t.Errorf("a message took %d writes (%v), it was two", p.writes, err)
	}
}

func TestFinding_ThriftTypes(t *testing.T) {
	for _, mtype := range []byte{0, erpc.TypeAuthCall, erpc.TypeAuthReply, 200} {
		m := call("x")
		m.SetMtype(mtype)
		if got, _, err, _ := unpack("thrift", pack(t, "thrift", m)); err != nil || got.Mtype() != erpc.TypePush {
			t.Errorf("type %d came back as %d (%v), it was PUSH", mtype, got.Mtype(), err)
		}
	}
}

func TestFinding_ThriftCodec(t *testing.T) {
	for sent, came := range map[byte]byte{127: 127, 128: 194, 239: 195} {
		m, _, err, _ := unpack("thrift", pack(t, "thrift", call("x", socket.WithBodyCodec(sent))))
		if err != nil || m.BodyCodec() != came {
			t.Errorf("codec %d came back as %d (%v), it was %d", sent, m.BodyCodec(), err, came)
		}
	}
}

func TestFinding_ThriftLimitAfterTheFact(t *testing.T) {
	body := strings.Repeat("b", 1000)
	frame := pack(t, "thrift", call(body))
	limited(t, 100)
	p := &pipe{}
	if err := protos["thrift"](p).Pack(call(body)); !errors.Is(err, socket.ErrExceedMessageSizeLimit) || p.out.Len() != len(frame) {
		t.Errorf("Pack over the limit gave %v after %d bytes, it was a refusal after all %d", err, p.out.Len(), len(frame))
	}
	if _, got, err, _ := unpack("thrift", frame); !errors.Is(err, socket.ErrExceedMessageSizeLimit) || got != body {
		t.Errorf("Unpack over the limit gave %v and a body of %d bytes, it was a refusal with the whole body", err, len(got))
	}
}

func TestFinding_ThriftSizeAddsUp(t *testing.T) {
	frame := pack(t, "thrift", call("body"))
	p := protos["thrift"](&pipe{Reader: iotest.OneByteReader(bytes.NewReader(bytes.Repeat(frame, 3)))})
	for i := 1; i <= 3; i++ {
		if m, _, err, _ := read(p); err != nil || int(m.Size()) != i*len(frame) {
			t.Errorf("message %d of %d bytes has the size %d (%v), it was %d", i, len(frame), m.Size(), err, i*len(frame))
		}
	}
}

// The fifth Proto, thrift-struct, carries nothing but Thrift structures under its own codec: Teleport's bodies,
// bytes under any codec, cannot be given to it, so it is not judged.
func TestStructProto_CannotBeJudged(t *testing.T) {
	for _, codec := range []byte{'s', 't'} {
		p := &pipe{}
		if err := structProto(p).Pack(call("bytes", socket.WithBodyCodec(codec))); err == nil {
			t.Errorf("codec %q: bytes were taken", codec)
		}
	}
}
