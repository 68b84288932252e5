package packet

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/henrylee2cn/teleport/reference/codec"
)

// RawBody is a body value whose bytes are sent as they are, under any codec
// id. As the target of Bind it receives a copy of the undecoded body.
type RawBody []byte

// AppendBody appends the encoded body to dst. A nil body gives nothing, or
// the raw body where the packet was read and not decoded; a RawBody its
// bytes. Errors are *Error of class codec-unknown or body; dst then comes back
// with its old length.
//
// req: TP-FAST-020, TP-FAST-021, TP-CODEC-008
func (p *Packet) AppendBody(dst []byte) ([]byte, error) {
	switch b := p.body.(type) {
	case nil:
		return append(dst, p.raw...), nil
	case RawBody:
		return append(dst, b...), nil
	case *RawBody:
		if b == nil {
			return dst, nil
		}
		return append(dst, *b...), nil
	}
	c, err := p.codec()
	if err != nil {
		return dst, PackError(ClassCodecUnknown, err)
	}
	if a, ok := c.(codec.Appender); ok {
		out, err := a.AppendMarshal(dst, p.body)
		if err != nil {
			return dst, PackError(ClassBody, err)
		}
		return out, nil
	}
	b, err := c.Marshal(p.body)
	if err != nil {
		return dst, PackError(ClassBody, err)
	}
	return append(dst, b...), nil
}

// MarshalBody is AppendBody into memory of its own.
func (p *Packet) MarshalBody() ([]byte, error) { return p.AppendBody(nil) }

func (p *Packet) codec() (codec.Codec, error) {
	return p.env.CodecRegistry().Get(p.bodyCodec)
}

// SetRawBody makes b the undecoded body, as ParseFrame does. b stays the
// caller's: it must not change until Bind, Detach or Reset. offset is where b
// begins in the payload, for the offsets of errors.
func (p *Packet) SetRawBody(b []byte, offset int) {
	p.SetRawBodyAt(b, offset, max(offset-1, 0))
}

// SetRawBodyAt is SetRawBody for a payload in which the codec id is not the
// byte before the body: codecOffset is where it is.
func (p *Packet) SetRawBodyAt(b []byte, offset, codecOffset int) {
	p.dropRaw()
	if len(b) > 0 {
		p.raw, p.rawAt = b, place{body: offset, codec: codecOffset}
	}
}

// OwnRawBody makes the bytes of SetRawBody or SetRawBodyAt the packet's own:
// their owner gives them up, and Detach has nothing to copy.
func (p *Packet) OwnRawBody() {
	p.owned = p.raw != nil
	p.toGive = p.owned && !p.rawInBuf()
}

// rawInBuf says that raw is the end of buf: of an undone payload, or a copy.
func (p *Packet) rawInBuf() bool {
	n := len(p.buf)
	return n >= len(p.raw) && &p.buf[n-1] == &p.raw[len(p.raw)-1]
}

// place is where the body and its codec id are in the payload.
type place struct{ body, codec int }

// RawBody gives the undecoded body, nil when there is none. It is read-only
// and lives as long as SetRawBody's b, after Detach until the packet is Reset.
//
// req: TP-PROTO-021
func (p *Packet) RawBody() []byte { return p.raw }

func (p *Packet) dropRaw() { p.raw, p.rawAt, p.owned, p.toGive = nil, place{}, false, false }

// Detach copies the undecoded body into memory that the packet owns, and keeps:
// Bind gives away none of it.
func (p *Packet) Detach() {
	p.toGive = false
	if p.raw == nil || p.owned {
		return
	}
	p.owned = true
	if p.rawInBuf() {
		return
	}
	// buf may hold other parts of an undone payload, but nothing points to
	// them: the header was copied out.
	p.buf = append(p.buf[:0], p.raw...)
	p.raw = p.buf
}

// DetachFor is Detach before a Bind of v, which may be nil: where v takes the bytes
// as they are, they are copied into memory that Bind gives to it.
func (p *Packet) DetachFor(v any) {
	switch v.(type) {
	case *[]byte, *RawBody:
		if p.raw != nil && !p.owned {
			p.raw = append(make([]byte, 0, len(p.raw)), p.raw...)
			p.owned, p.toGive = true, true
		}
		if p.toGive {
			return
		}
	}
	p.Detach()
}

// UnpackPayload undoes the packet's pipe over src, into memory that the packet
// owns where there are filters; without filters it gives src itself. No filter
// may give more than max bytes. Errors are *xfer.FilterError.
//
// req: TP-PROTO-018
func (p *Packet) UnpackPayload(src []byte, max int) ([]byte, error) {
	if p.xferPipe.Len() == 0 {
		return src, nil
	}
	p.dropRaw()
	out, err := p.xferPipe.AppendUnpack(p.buf[:0], src, max)
	if err != nil {
		return nil, err
	}
	p.buf = out
	return out, nil
}

// Bind decodes the undecoded body into v and leaves Body as it is. An empty
// body leaves v untouched; a nil v takes nothing. A *[]byte and a *RawBody get
// a copy of the bytes, whatever the codec; where the bytes are the packet's own
// (OwnRawBody) the first of them gets the bytes themselves, and what it writes
// there RawBody shows. Errors are *Error of class
// codec-unknown or body, and spoil nothing but this body.
//
// req: TP-CODEC-005, TP-CODEC-006, TP-CODEC-009, TP-CODEC-010
func (p *Packet) Bind(v any) error { return p.bind(p.raw, p.rawAt, v) }

func (p *Packet) bind(b []byte, at place, v any) error {
	if len(b) == 0 || v == nil {
		return nil
	}
	switch v := v.(type) {
	case *[]byte:
		if v != nil {
			*v = p.giveBytes(b)
			return nil
		}
	case *RawBody:
		if v != nil {
			*v = p.giveBytes(b)
			return nil
		}
	}
	c, err := p.codec()
	if err != nil {
		return bindError(ClassCodecUnknown, at.codec, err)
	}
	if !isTarget(v) {
		return bindError(ClassBody, at.body, badTarget(v))
	}
	if err := c.Unmarshal(b, v); err != nil {
		return bindError(ClassBody, at.body, undecodable(c, err))
	}
	return nil
}

// giveBytes gives b as a value of its own: the memory of OwnRawBody once, else a
// copy.
func (p *Packet) giveBytes(b []byte) []byte {
	if p.toGive && len(b) == len(p.raw) && &b[0] == &p.raw[0] {
		p.toGive = false
		return b[:len(b):len(b)]
	}
	return append(make([]byte, 0, len(b)), b...)
}

// isTarget says that v is a pointer to something.
func isTarget(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && !rv.IsNil()
}

// Apart, so that decoding, which goes deep, needs less of the stack.

//go:noinline
func badTarget(v any) error {
	return fmt.Errorf("the target must be a non-nil pointer, not %T", v)
}

//go:noinline
func undecodable(c codec.Codec, err error) error { return fmt.Errorf("%s: %w", c.Name(), err) }

func bindError(class Class, offset int, err error) *Error {
	return &Error{Class: class, Stage: StageBody, Op: OpBind, Offset: int64(offset), Err: err}
}

var errNoTarget = errors.New("the packet has no body value to decode into: use SetBody with a pointer")

// UnmarshalBody decodes b into the body value, which must be a pointer. An
// empty b leaves it untouched. The errors are Bind's.
func (p *Packet) UnmarshalBody(b []byte) error {
	if p.body == nil && len(b) > 0 {
		return bindError(ClassBody, p.placeOf(b).body, errNoTarget)
	}
	return p.bind(b, p.placeOf(b), p.body)
}

// UnmarshalNewBody is what a Proto ends Unpack with. Where a NewBodyFunc is
// set, the body becomes what it makes, and b is decoded into that (skipped
// when it makes nil). Where none is set, a copy of b in memory that the packet
// owns becomes the raw body. The errors are Bind's.
//
// req: TP-PROTO-020, TP-CODEC-014
func (p *Packet) UnmarshalNewBody(b []byte) error {
	if p.newBodyFunc == nil {
		at := p.placeOf(b)
		p.SetRawBodyAt(b, at.body, at.codec)
		p.Detach()
		return nil
	}
	at := p.placeOf(b)
	p.dropRaw()
	p.body = p.newBodyFunc(p.seq, p.ptype, p.uri)
	return p.bind(b, at, p.body)
}

// placeOf gives where b is in the payload when it is the raw body, else
// nothing.
func (p *Packet) placeOf(b []byte) place {
	if len(b) > 0 && len(b) == len(p.raw) && &b[0] == &p.raw[0] {
		return p.rawAt
	}
	return place{}
}
