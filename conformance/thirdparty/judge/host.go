package judge

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Host is what one erpc process offers to all of its Protos. Make one a process, with [NewHost].
type Host struct {
	// Register adds a filter to erpc's registry.
	Register func(*Filter)
	// SetLimit sets erpc's limit on the bytes of a message.
	SetLimit func(uint32)
	// TooLarge and PipeTooLong are the errors that erpc documents for the two.
	TooLarge, PipeTooLong error
	// Drain empties erpc's pool of buffers.
	Drain func()

	gate       *gate
	handles    handles
	textBodies atomic.Bool // bodies travel as base64
	draining   atomic.Bool // the pool is emptied before each Unpack
	registered [256]bool
}

// NewHost gives a copy of h that is ready to use. It is safe for concurrent use.
func NewHost(h *Host) *Host {
	n := &Host{Register: h.Register, SetLimit: h.SetLimit, TooLarge: h.TooLarge, PipeTooLong: h.PipeTooLong, Drain: h.Drain}
	n.gate = newGate(n.apply)
	return n
}

// apply makes the settings of an environment those of erpc's process. erpc cannot forget a filter: one that an
// earlier environment had stays, and says itself that it is unknown.
func (h *Host) apply(env *packet.Env) {
	h.SetLimit(env.Limit().MaxPacket)
	for id := range h.registered {
		if _, err := env.FilterRegistry().Get(byte(id)); err == nil && !h.registered[id] {
			h.registered[id] = true
			h.Register(&Filter{id: byte(id), host: h})
		}
	}
}

// Proto makes a packet.ProtoFunc of an erpc Proto.
func (h *Host) Proto(native NativeFunc) packet.ProtoFunc {
	return func(rw io.ReadWriter) packet.Proto { return &adapter{Native: native(rw), host: h} }
}

// adapter is an erpc Proto as a packet.Proto.
type adapter struct {
	Native
	host *Host
}

// Pack encodes the body, as a Proto of ours does first, and gives all fields to erpc.
func (a *adapter) Pack(p *packet.Packet) error {
	if err := p.XferPipe().Err(); errors.Is(err, xfer.ErrPipeTooLong) {
		return packet.PackError(packet.ClassLimit, err)
	} else if err != nil {
		return packet.PackError(packet.ClassFilterUnknown, err)
	}
	body, err := p.MarshalBody()
	if err != nil {
		return err
	}
	m := Message{Uri: p.Uri(), Codec: p.BodyCodec(), Pipe: p.XferPipe().Ids(), Body: body}
	if m.Seq, m.Type, err = a.host.handles.narrow(p.Seq(), p.Ptype()); err != nil {
		return err
	}
	if a.host.textBodies.Load() {
		m.Body = []byte(base64.StdEncoding.EncodeToString(body))
	}
	p.Meta().VisitAll(func(k, v []byte) { m.Meta = append(m.Meta, Pair{string(k), string(v)}) })
	if err := a.host.inside(p.Env(), func() error { return a.Native.Pack(&m) }); err != nil {
		return a.host.typed(err, packet.PackError)
	}
	p.SetSize(m.Size)
	return nil
}

// Unpack has erpc read a message and fills p with its fields.
func (a *adapter) Unpack(p *packet.Packet) error {
	p.ResetForUnpack()
	if a.host.draining.Load() {
		a.host.Drain()
	}
	var m Message
	if err := a.host.inside(p.Env(), func() error { return a.Native.Unpack(&m) }); err != nil {
		return a.host.typed(err, unpackError)
	}
	if a.host.textBodies.Load() {
		body, err := base64.StdEncoding.DecodeString(string(m.Body))
		if err != nil {
			return unpackError(packet.ClassBody, err)
		}
		m.Body = body
	}
	seq, ptype := a.host.handles.widen(m.Seq, m.Type)
	p.SetSeq(seq)
	p.SetPtype(ptype)
	p.SetUri(m.Uri)
	for _, kv := range m.Meta {
		p.Meta().Add(kv.Key, kv.Value)
	}
	p.SetBodyCodec(m.Codec)
	p.SetSize(m.Size)
	if err := p.XferPipe().AppendFromRegistry(p.Env().FilterRegistry(), m.Pipe...); err != nil {
		return unpackError(packet.ClassFilterUnknown, fmt.Errorf("the pipe that came out cannot be looked up: %w", err))
	}
	return p.UnmarshalNewBody(m.Body)
}

// inside calls f while erpc's process has the settings of env.
func (h *Host) inside(env *packet.Env, f func() error) error {
	h.gate.enter(env)
	defer h.gate.leave()
	return f()
}

// typed gives an error the class of the standard where erpc's documentation leaves no doubt which: its two
// sentinels, and the one text with which its registry refuses an id. Every other error stays as it is.
func (h *Host) typed(err error, typed func(packet.Class, error) *packet.Error) error {
	switch {
	case errors.Is(err, h.TooLarge):
		return typed(packet.ClassLimit, fmt.Errorf("%w: %w", packet.ErrExceedPacketSizeLimit, err))
	case errors.Is(err, h.PipeTooLong):
		return typed(packet.ClassLimit, err)
	case strings.HasPrefix(err.Error(), "unsupported transfer filter id"):
		return typed(packet.ClassFilterUnknown, err)
	}
	return err
}

// Relief says what the second look carries beside the message, so that a fault in it does not hide others.
type Relief struct {
	Types bool // packet types other than PULL, REPLY and PUSH
	Body  bool // bodies of any bytes: base64 stands in for them
}

func (h *Host) relieve(r Relief) {
	h.handles.set(false, r.Types)
	h.textBodies.Store(r.Body)
}
