package erpcv6

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/henrylee2cn/erpc/v6/proto/thriftproto"
)

var structProto = thriftproto.NewStructProtoFunc()

func TestFinding_ThriftHidesErrors(t *testing.T) {
	p := protos["thrift"](&pipe{Reader: bytes.NewReader(pack(t, "thrift", call("body")))})
	if _, _, err, _ := read(p); err != nil {
		t.Fatal(err)
	}
	if _, _, err, _ := read(p); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("a clean end after a message gave %v, it was an exception that hides io.EOF", err)
	}
}

// The other half of finding 5: a length inside the frame is allocated too, whatever the limit.
func TestFinding_MemoryForClaimsInThrift(t *testing.T) {
	const claim = 64 << 20
	limited(t, 1<<20)
	frame := pack(t, "thrift", call("0123456789"))
	at := bytes.Index(frame, []byte("\x00\x00\x00\x0a0123456789"))
	if at < 0 {
		t.Fatal("the length and the bytes of the body are not in the frame")
	}
	binary.BigEndian.PutUint32(frame[at:], claim)
	if took := allocated(func() { unpack("thrift", frame) }); took < claim {
		t.Errorf("%d bytes took %d bytes of memory, it was the %d that they claim", len(frame), took, claim)
	}
}
