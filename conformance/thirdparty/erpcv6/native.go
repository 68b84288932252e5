// Package erpcv6 has the Protos of github.com/henrylee2cn/erpc/v6 judged by the conformance suite. It is a module of
// its own, so that nobody else downloads erpc. `go test` compares with the verdicts in known/ and with the
// README; `go test -update` writes both.
package erpcv6

import (
	"io"

	"github.com/henrylee2cn/erpc/v6/socket"
	"github.com/henrylee2cn/erpc/v6/utils"
	"github.com/henrylee2cn/erpc/v6/xfer"
	"github.com/henrylee2cn/teleport/conformance/thirdparty/judge"
)

// host is this process's erpc.
var host = judge.NewHost(&judge.Host{
	Register:    func(f *judge.Filter) { xfer.Reg(f) },
	SetLimit:    socket.SetMessageSizeLimit,
	TooLarge:    socket.ErrExceedMessageSizeLimit,
	PipeTooLong: xfer.ErrXferPipeTooLong,
	Drain:       drain,
})

// drain takes buffers from erpc's pool until it gives a new one, which has no room yet, and lets them go.
func drain() {
	for range 16 {
		if cap(utils.AcquireByteBuffer().B) == 0 {
			return
		}
	}
}

// native is an erpc Proto that takes and gives judge.Message.
type native struct{ socket.Proto }

// wrap makes a judge.NativeFunc of an erpc ProtoFunc.
func wrap(pf socket.ProtoFunc) judge.NativeFunc {
	return func(rw io.ReadWriter) judge.Native { return native{pf(rw)} }
}

// Pack gives the fields to an erpc message and has it written. The body is encoded already: erpc sends a byte
// slice as it is, whatever the codec.
func (n native) Pack(m *judge.Message) error {
	e := socket.GetMessage(socket.WithServiceMethod(m.Uri), socket.WithBodyCodec(m.Codec), socket.WithBody(m.Body))
	defer socket.PutMessage(e)
	e.SetSeq(m.Seq)
	e.SetMtype(m.Type)
	for _, kv := range m.Meta {
		e.Meta().Add(kv.Key, kv.Value)
	}
	if err := e.XferPipe().Append(m.Pipe...); err != nil {
		return err
	}
	err := n.Proto.Pack(e)
	m.Size = e.Size()
	return err
}

// Unpack reads an erpc message and takes its fields. The header is taken when erpc asks for the body to decode
// into, which is when a peer of erpc routes, and the rest at the end.
func (n native) Unpack(m *judge.Message) error {
	asked := false
	header := func(h socket.Header) { m.Seq, m.Type, m.Uri = h.Seq(), h.Mtype(), h.ServiceMethod() }
	e := socket.GetMessage(socket.WithNewBody(func(h socket.Header) any {
		asked = true
		header(h)
		return &m.Body
	}))
	defer socket.PutMessage(e)
	if err := n.Proto.Unpack(e); err != nil {
		return err
	}
	if !asked {
		header(e)
	}
	e.Meta().VisitAll(func(k, v []byte) { m.Meta = append(m.Meta, judge.Pair{Key: string(k), Value: string(v)}) })
	m.Codec, m.Pipe, m.Size = e.BodyCodec(), e.XferPipe().IDs(), e.Size()
	return nil
}
