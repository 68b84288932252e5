// Package protobuf is the codec 'p': bodies in Protocol Buffers wire format.
//
// It takes messages of google.golang.org/protobuf, the older messages of
// github.com/golang/protobuf (a struct with protobuf tags and the methods
// Reset, String and ProtoMessage), and uses the methods that vtprotobuf
// generates (MarshalVT, UnmarshalVT, SizeVT, MarshalToSizedBufferVT) where a
// message has them. nil, struct{} and *struct{} stand for the empty message.
//
// Map fields are written in key order, so that one message always gives the
// same bytes; vtprotobuf's own methods do not promise that.
//
// This package alone in the codec room depends on the protobuf modules.
package protobuf

import (
	"fmt"
	"reflect"

	//lint:ignore SA1019 v1 messages are what it is here for
	protov1 "github.com/golang/protobuf/proto"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Codec is the protobuf codec. Its zero value works; it has no state.
type Codec struct{}

// Id gives 'p'.
func (Codec) Id() byte { return 'p' }

// Name gives "protobuf".
func (Codec) Name() string { return "protobuf" }

// What vtprotobuf generates, met by assertion so that nothing of it is imported.
type (
	vtSized interface {
		SizeVT() int
		MarshalToSizedBufferVT([]byte) (int, error)
	}
	vtMarshaler   interface{ MarshalVT() ([]byte, error) }
	vtUnmarshaler interface{ UnmarshalVT([]byte) error }
)

var deterministic = proto.MarshalOptions{Deterministic: true}

// Marshal encodes v into memory of its own.
func (c Codec) Marshal(v any) ([]byte, error) { return c.AppendMarshal(nil, v) }

// AppendMarshal appends the encoding of v to dst. A nil message pointer is
// the empty message.
//
// req: TP-CODEC-002
func (Codec) AppendMarshal(dst []byte, v any) ([]byte, error) {
	switch v.(type) {
	case nil, struct{}, *struct{}:
		return dst, nil
	}
	if isNilPointer(v) && isMessage(v) {
		return dst, nil
	}
	if m, ok := v.(vtSized); ok {
		return appendSized(dst, m)
	}
	if m, ok := v.(vtMarshaler); ok {
		b, err := m.MarshalVT()
		if err != nil {
			return dst, err
		}
		return append(dst, b...), nil
	}
	if m, ok := message(v); ok {
		out, err := deterministic.MarshalAppend(dst, m)
		if err != nil {
			return dst, err
		}
		return out, nil
	}
	return dst, fmt.Errorf("protobuf: %T is not a protobuf message", v)
}

// appendSized lets vtprotobuf write backwards into a slice of the exact size.
func appendSized(dst []byte, m vtSized) ([]byte, error) {
	size := m.SizeVT()
	if size < 0 {
		return dst, fmt.Errorf("protobuf: %T reports a size of %d", m, size)
	}
	start := len(dst)
	if cap(dst)-start < size {
		grown := make([]byte, start, 2*start+size)
		copy(grown, dst)
		dst = grown
	}
	n, err := m.MarshalToSizedBufferVT(dst[start : start+size])
	if err != nil {
		return dst[:start], err
	}
	if n != size {
		return dst[:start], fmt.Errorf("protobuf: %T wrote %d bytes, its size is %d; was it changed meanwhile?", m, n, size)
	}
	return dst[:start+size], nil
}

// Unmarshal replaces the content of v, a pointer to a message or to
// struct{}, with what data holds. A pointer to a message pointer is followed
// and, where it is nil, filled.
//
// req: TP-CODEC-014
func (c Codec) Unmarshal(data []byte, v any) error {
	switch v := v.(type) {
	case nil:
		return fmt.Errorf("protobuf: cannot decode into nil")
	case *struct{}:
		return proto.Unmarshal(data, new(emptypb.Empty))
	case vtUnmarshaler:
		if isNilPointer(v) {
			return errNilTarget(v)
		}
		if r, ok := v.(interface{ Reset() }); ok && !isEmpty(v) {
			r.Reset() // UnmarshalVT merges
		}
		return v.UnmarshalVT(data)
	}
	return c.unmarshal(data, v)
}

// unmarshal is Unmarshal for what brings no method of its own to decode with:
// apart, because decoding goes deep, and the stack is spared.
func (c Codec) unmarshal(data []byte, v any) error {
	if m, ok := message(v); ok {
		if isNilPointer(v) {
			return errNilTarget(v)
		}
		return proto.Unmarshal(data, m)
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && !rv.IsNil() && rv.Elem().Kind() == reflect.Pointer {
		if rv.Elem().IsNil() {
			fresh := reflect.New(rv.Elem().Type().Elem())
			if err := c.Unmarshal(data, fresh.Interface()); err != nil {
				return err
			}
			rv.Elem().Set(fresh)
			return nil
		}
		return c.Unmarshal(data, rv.Elem().Interface())
	}
	return fmt.Errorf("protobuf: cannot decode into %T: it is not a protobuf message", v)
}

//go:noinline
func errNilTarget(v any) error { return fmt.Errorf("protobuf: cannot decode into a nil %T", v) }

func message(v any) (proto.Message, bool) {
	switch m := v.(type) {
	case proto.Message:
		return m, true
	case protov1.Message:
		return protov1.MessageV2(m), true
	}
	return nil, false
}

func isMessage(v any) bool {
	switch v.(type) {
	case proto.Message, protov1.Message, vtSized, vtMarshaler:
		return true
	}
	return false
}

// isEmpty says that v is known to hold nothing: most that is decoded into is
// fresh, and to find that out is cheaper than a Reset.
func isEmpty(v any) bool {
	m, ok := v.(interface{ SizeVT() int })
	return ok && m.SizeVT() == 0
}

func isNilPointer(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}
