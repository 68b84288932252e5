package erpcv6

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/henrylee2cn/erpc/v6"
	"github.com/henrylee2cn/erpc/v6/proto/jsonproto"
	"github.com/henrylee2cn/erpc/v6/proto/pbproto"
	"github.com/henrylee2cn/erpc/v6/proto/thriftproto"
	"github.com/henrylee2cn/erpc/v6/socket"
)

// protos are erpc's own, as its users get them.
var protos = map[string]socket.ProtoFunc{
	"raw":    socket.RawProtoFunc,
	"json":   jsonproto.NewJSONProtoFunc(),
	"pb":     pbproto.NewPbProtoFunc(),
	"thrift": thriftproto.NewBinaryProtoFunc(),
}

// pipe is a connection: what is written is kept apart from what there is to read.
type pipe struct {
	io.Reader
	out    bytes.Buffer
	writes int
}

func (p *pipe) Write(b []byte) (int, error) {
	p.writes++
	return p.out.Write(b)
}

// call makes an ordinary CALL with a body of bytes.
func call(body string, settings ...socket.MessageSetting) socket.Message {
	m := socket.NewMessage(append([]socket.MessageSetting{socket.WithServiceMethod("/a/b"), socket.WithBodyCodec('s'),
		socket.WithBody([]byte(body)), socket.WithAddMeta("key", "val")}, settings...)...)
	m.SetSeq(7)
	m.SetMtype(erpc.TypeCall)
	return m
}

// pack gives the frame of m.
func pack(t *testing.T, name string, m socket.Message) []byte {
	t.Helper()
	p := &pipe{}
	if err := protos[name](p).Pack(m); err != nil {
		t.Fatalf("%s: Pack failed: %v", name, err)
	}
	return p.out.Bytes()
}

// unpack reads one message from b. A panic comes back as an error, told apart by its second result.
func unpack(name string, b []byte) (m socket.Message, body string, err error, panicked bool) {
	return read(protos[name](&pipe{Reader: bytes.NewReader(b)}))
}

func read(p socket.Proto) (m socket.Message, body string, err error, panicked bool) {
	var raw []byte
	m = socket.NewMessage(socket.WithNewBody(func(socket.Header) any { return &raw }))
	defer func() {
		if v := recover(); v != nil {
			err, panicked = fmt.Errorf("%v", v), true
		}
	}()
	err = p.Unpack(m)
	return m, string(raw), err, false
}

// limited sets erpc's limit for one test.
func limited(t *testing.T, n uint32) {
	t.Helper()
	old := socket.MessageSizeLimit()
	socket.SetMessageSizeLimit(n)
	t.Cleanup(func() { socket.SetMessageSizeLimit(old) })
}
