package codec

import (
	"fmt"
	"reflect"
)

// String is the codec 's': the bytes of a string or a []byte themselves.
//
// It encodes string, []byte, named types of these kinds, and pointers to them
// (a nil pointer is empty). It decodes into pointers to the same types and
// into *any, which gets a string. Any bytes are legal, UTF-8 or not.
type String struct{}

// Id gives StringId.
func (String) Id() byte { return StringId }

// Name gives "string".
func (String) Name() string { return "string" }

// Marshal encodes v into memory of its own.
func (s String) Marshal(v any) ([]byte, error) { return s.AppendMarshal(nil, v) }

// AppendMarshal appends the bytes of v to dst.
//
// req: TP-CODEC-003
func (String) AppendMarshal(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return dst, nil
	case string:
		return append(dst, v...), nil
	case []byte:
		return append(dst, v...), nil
	}
	rv := reflect.ValueOf(v)
	for rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			rv = reflect.Zero(rv.Type().Elem())
			continue
		}
		rv = rv.Elem()
	}
	switch {
	case rv.Kind() == reflect.String:
		return append(dst, rv.String()...), nil
	case isBytes(rv.Type()):
		return append(dst, rv.Bytes()...), nil
	}
	return dst, fmt.Errorf("codec: %T is neither a string nor a []byte, which is all that the string codec can encode", v)
}

// Unmarshal copies data into v.
//
// req: TP-CODEC-014
func (String) Unmarshal(data []byte, v any) error {
	switch v := v.(type) {
	case *string:
		if v != nil {
			*v = string(data)
			return nil
		}
	case *[]byte:
		if v != nil {
			*v = append(make([]byte, 0, len(data)), data...)
			return nil
		}
	case *any:
		if v != nil {
			*v = string(data)
			return nil
		}
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return fmt.Errorf("codec: the string codec needs a non-nil pointer to decode into, not %T", v)
	}
	for rv.Kind() == reflect.Pointer {
		if rv.IsNil() {
			if !rv.CanSet() || !holdsString(rv.Type()) {
				break
			}
			rv.Set(reflect.New(rv.Type().Elem()))
		}
		rv = rv.Elem()
	}
	switch {
	case rv.Kind() == reflect.String:
		rv.SetString(string(data))
		return nil
	case isBytes(rv.Type()):
		rv.SetBytes(append(make([]byte, 0, len(data)), data...))
		return nil
	}
	return fmt.Errorf("codec: the string codec cannot decode into %T: it needs a *string, *[]byte or *any", v)
}

func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// holdsString tells whether following the pointers of t leads to a type that
// can take the bytes.
func holdsString(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.String || isBytes(t)
}
