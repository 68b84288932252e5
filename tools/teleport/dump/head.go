package dump

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/henrylee2cn/teleport/reference/packet"
)

func protoName(id byte) string {
	switch id {
	case 'j':
		return "json/1"
	case 'p':
		return "pb/1"
	}
	return "fast/1"
}

// jsonPayload gives the members of the object, each with the comma or bracket before it.
func jsonPayload(b []byte) []Field {
	var out []Field
	dec := json.NewDecoder(bytes.NewReader(b))
	at := 0
	dec.Token() // the payload has been decoded: it is an object
	for dec.More() {
		name, _ := dec.Token()
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			break
		}
		end := int(dec.InputOffset())
		out = append(out, Field{fmt.Sprint(name), at, end - at, jsonText(value)})
		at = end
	}
	return append(out, Field{"end", at, len(b) - at, ""})
}

// jsonText is a value as it stands, without the middle of a long one.
func jsonText(value json.RawMessage) string {
	var line bytes.Buffer
	if err := json.Compact(&line, value); err != nil {
		return ""
	}
	if runes := []rune(line.String()); len(runes) > 60 {
		return fmt.Sprintf("%s... (%d bytes)", string(runes[:60]), len(value))
	}
	return line.String()
}

// pbPayload gives the fields of the message, each with its tag.
func pbPayload(b []byte) []Field {
	names := map[protowire.Number]string{1: "seq", 2: "type", 3: "uri", 4: "meta", 5: "codec", 6: "body"}
	var out []Field
	for at := 0; at < len(b); {
		number, wire, n := protowire.ConsumeField(b[at:])
		if n < 0 {
			break // cannot be: the payload has been decoded
		}
		f := Field{Name: names[number], At: at, Len: n}
		if f.Name == "" {
			f.Name = fmt.Sprintf("field %d", number)
		}
		_, _, tag := protowire.ConsumeTag(b[at:])
		switch value := b[at+tag : at+n]; wire {
		case protowire.VarintType:
			v, _ := protowire.ConsumeVarint(value)
			f.Meaning = strconv.FormatUint(v, 10)
			switch number {
			case 2:
				f.Meaning += " " + packet.TypeText(byte(v))
			case 5:
				f.Meaning = codecText(byte(v))
			}
		case protowire.BytesType:
			v, _ := protowire.ConsumeBytes(value)
			f.Meaning = bodyText(v)
		}
		out = append(out, f)
		at += n
	}
	return out
}
