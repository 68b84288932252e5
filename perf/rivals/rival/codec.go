package rival

import (
	"fmt"
	"slices"
)

// Codec is for every rival that takes one as a value: the methods that vtprotobuf has generated for the message, and
// nothing in between.
type Codec struct{}

// Marshal encodes v.
func (Codec) Marshal(v any) ([]byte, error) {
	m, err := As(v)
	if err != nil {
		return nil, err
	}
	return m.MarshalVT()
}

// Unmarshal decodes data into v. It copies what it keeps.
func (Codec) Unmarshal(data []byte, v any) error {
	m, err := As(v)
	if err != nil {
		return err
	}
	return m.UnmarshalVT(data)
}

// As gives the message in v.
func As(v any) (*Msg, error) {
	m, ok := v.(*Msg)
	if !ok {
		return nil, fmt.Errorf("rivals: a body of type %T", v)
	}
	return m, nil
}

// Append appends m, encoded, to b.
func Append(b []byte, m *Msg) ([]byte, error) {
	n := m.SizeVT()
	b = slices.Grow(b, n)
	b = b[:len(b)+n]
	_, err := m.MarshalToSizedBufferVT(b[len(b)-n:])
	return b, err
}
