package codec

import (
	"encoding/json"
	"sync"
)

// JSON is the codec 'j': encoding/json with its defaults. It escapes <, > and
// & in strings, sorts map keys, writes a []byte as base64 and refuses anything
// but white space after the value. A nil pointer becomes null.
type JSON struct{}

// Id gives JSONId.
func (JSON) Id() byte { return JSONId }

// Name gives "json".
func (JSON) Name() string { return "json" }

// Marshal encodes v.
//
// req: TP-CODEC-001, TP-CODEC-007
func (JSON) Marshal(v any) ([]byte, error) { return json.Marshal(v) }

// jsonWriter is an encoder that writes into a borrowed slice.
type jsonWriter struct {
	dst []byte
	enc *json.Encoder
}

func (w *jsonWriter) Write(b []byte) (int, error) {
	w.dst = append(w.dst, b...)
	return len(b), nil
}

var jsonWriters = sync.Pool{New: func() any {
	w := new(jsonWriter)
	w.enc = json.NewEncoder(w)
	return w
}}

// AppendMarshal appends what Marshal gives, without the copy in between.
func (JSON) AppendMarshal(dst []byte, v any) ([]byte, error) {
	w := jsonWriters.Get().(*jsonWriter)
	w.dst = dst
	err := w.enc.Encode(v)
	out := w.dst
	w.dst = nil
	jsonWriters.Put(w)
	if err != nil {
		return dst, err
	}
	return out[:len(out)-1], nil // the encoder ends each value with a newline
}

// Unmarshal decodes data, one JSON value and white space, into v.
//
// req: TP-CODEC-011
func (JSON) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }
