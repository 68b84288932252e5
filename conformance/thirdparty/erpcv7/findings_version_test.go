package erpcv7

import (
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/andeya/erpc/v7/proto/thriftproto"
)

var structProto = thriftproto.NewStructProtoFunc()

func TestFinding_ThriftStaleMemory(t *testing.T) {
	empty := []byte{0, 0, 0, 0} // a frame of no bytes
	runtime.GC()                // empties the pools: the buffer is new
	runtime.GC()
	if _, _, err, _ := unpack("thrift", empty); err == nil || !strings.Contains(err.Error(), "unsupported client transport type") {
		t.Errorf("an empty frame without earlier traffic gave %v, it was refused as a kind that is not known", err)
	}
	for range 100 { // a pool may hand out another buffer
		if _, _, err, _ := unpack("thrift", pack(t, "thrift", call("body"))); err != nil {
			t.Fatal(err)
		}
		if _, _, err, _ := unpack("thrift", empty); err == io.EOF {
			return
		}
	}
	t.Error("the same frame after another connection's never gave io.EOF, it was taken for a frame of that kind")
}
