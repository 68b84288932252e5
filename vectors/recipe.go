package vectors

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxExpand is the most bytes that one recipe may expand to. The bound is checked before any memory is taken.
const MaxExpand = 16 << 20

// Part is one part of a recipe: Text, or Hex, or Repeat (hex) written Times times.
type Part struct {
	Text   string `json:"text,omitempty"`
	Hex    string `json:"hex,omitempty"`
	Repeat string `json:"repeat,omitempty"`
	Times  int    `json:"times,omitempty"`
}

// Wire is a byte string that is hex in a JSON string, or a list of parts when that would be large.
type Wire []Part

// Bytes is a byte string inside a packet: {"text":..} when it is valid UTF-8, else {"hex":..}; {"repeat":..,"times":..}
// or {"parts":[..]} when it would be large.
type Bytes []Part

// Hex makes a Wire of bytes.
func Hex(b []byte) Wire {
	if len(b) == 0 {
		return nil
	}
	return Wire{{Hex: hex.EncodeToString(b)}}
}

// Text makes a byte string: as text when b is valid UTF-8, else as hex.
func Text(b []byte) Bytes {
	if len(b) == 0 {
		return nil
	}
	if utf8.Valid(b) {
		return Bytes{{Text: string(b)}}
	}
	return Bytes{{Hex: hex.EncodeToString(b)}}
}

// Expand gives the bytes, in memory of their own. It fails on hex that is none and on more than [MaxExpand] bytes.
func (w Wire) Expand() ([]byte, error) { return expand(w) }

// Expand gives the bytes, in memory of their own. It fails on hex that is none and on more than [MaxExpand] bytes.
func (b Bytes) Expand() ([]byte, error) { return expand(b) }

// Recipe reports whether the wire has a part that repeats.
func (w Wire) Recipe() bool {
	for _, p := range w {
		if p.Repeat != "" {
			return true
		}
	}
	return false
}

func expand(parts []Part) ([]byte, error) {
	total := 0
	for i, p := range parts { // count first: a recipe is a few bytes that ask for many
		n, err := p.size()
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", i, err)
		}
		if total += n; total > MaxExpand {
			return nil, fmt.Errorf("part %d: the recipe makes more than %d bytes", i, MaxExpand)
		}
	}
	out := make([]byte, 0, total)
	for i, p := range parts {
		src, times := p.Hex, 1
		switch {
		case p.Text != "":
			out = append(out, p.Text...)
			continue
		case p.Repeat != "":
			src, times = p.Repeat, p.Times
		}
		b, err := hex.DecodeString(src)
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", i, err)
		}
		out = append(out, bytes.Repeat(b, times)...)
	}
	return out, nil
}

// size counts the bytes of a part, saturating just above MaxExpand.
func (p Part) size() (int, error) {
	kinds := 0
	for _, s := range []string{p.Text, p.Hex, p.Repeat} {
		if s != "" {
			kinds++
		}
	}
	if kinds > 1 {
		return 0, errors.New("has more than one of text, hex and repeat")
	}
	switch {
	case p.Repeat == "" && p.Times != 0:
		return 0, errors.New("has times without repeat")
	case p.Repeat != "":
		one := len(p.Repeat) / 2
		if p.Times < 1 {
			return 0, fmt.Errorf("times is %d, must be at least 1", p.Times)
		}
		if one > 0 && p.Times > MaxExpand/one {
			return MaxExpand + 1, nil
		}
		return one * p.Times, nil
	case p.Hex != "":
		return len(p.Hex) / 2, nil
	}
	return len(p.Text), nil
}

// MarshalJSON writes one hex part as a string, anything else as the list of parts.
func (w Wire) MarshalJSON() ([]byte, error) {
	if len(w) == 0 {
		return []byte(`""`), nil
	}
	if len(w) == 1 && w[0].Hex != "" {
		return plainJSON(w[0].Hex)
	}
	return plainJSON([]Part(w))
}

// UnmarshalJSON reads a string of hex or a list of parts.
func (w *Wire) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*w = nil
		if s != "" {
			*w = Wire{{Hex: s}}
		}
		return nil
	}
	return json.Unmarshal(b, (*[]Part)(w))
}

// MarshalJSON writes one part as itself, more as {"parts":[..]}; no bytes are {"text":""}.
func (b Bytes) MarshalJSON() ([]byte, error) {
	switch len(b) {
	case 0:
		return []byte(`{"text":""}`), nil
	case 1:
		return plainJSON(b[0])
	}
	return plainJSON(map[string][]Part{"parts": b})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	var v struct {
		Part
		Parts []Part `json:"parts"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf(`a byte string is {"text":..}, {"hex":..}, {"repeat":..,"times":..} or {"parts":[..]}: %w`, err)
	}
	*b = nil
	switch {
	case v.Parts != nil && v.Part != (Part{}):
		return errors.New("a byte string has parts or is one part, not both")
	case v.Parts != nil:
		*b = v.Parts
	case v.Part != (Part{}):
		*b = Bytes{v.Part}
	}
	return nil
}

// plainJSON is json.Marshal without the escapes of <, > and & that only web pages need.
func plainJSON(v any) ([]byte, error) {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(out.String(), "\n")), nil
}

// Pipe is a list of filter ids that JSON shows as numbers, or as {"repeat":id,"times":n} when they are many and the same.
type Pipe []byte

// MarshalJSON writes the numbers, or the short form for more than eight equal ids.
func (p Pipe) MarshalJSON() ([]byte, error) {
	if len(p) > 8 && len(bytes.Trim(p, string(p[:1]))) == 0 && p[0] < utf8.RuneSelf {
		return fmt.Appendf(nil, `{"repeat":%d,"times":%d}`, p[0], len(p)), nil
	}
	ids := make([]int, len(p))
	for i, id := range p {
		ids[i] = int(id)
	}
	return json.Marshal(ids)
}

// UnmarshalJSON reads both forms.
func (p *Pipe) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var v struct {
			Repeat byte `json:"repeat"`
			Times  int  `json:"times"`
		}
		if err := json.Unmarshal(b, &v); err != nil {
			return err
		}
		if v.Times < 1 || v.Times > 4096 {
			return fmt.Errorf("a pipe of %d filters: must be 1 to 4096", v.Times)
		}
		*p = bytes.Repeat([]byte{v.Repeat}, v.Times)
		return nil
	}
	var ids []uint8
	var nums []int
	if err := json.Unmarshal(b, &nums); err != nil {
		return err
	}
	for _, n := range nums {
		if n < 0 || n > 255 {
			return fmt.Errorf("filter id %d is not a byte", n)
		}
		ids = append(ids, byte(n))
	}
	*p = ids
	return nil
}
