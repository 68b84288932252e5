// Package dump shows a frame of fast/1, json/1 or pb/1 to people: every field with its offset, bytes and meaning.
package dump

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/json"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
)

// Field is one named run of bytes.
type Field struct {
	Name    string
	At, Len int
	Meaning string
}

// Frame gives the fields of a decoded frame before the pipe: payload is "" where a pipe hides its fields.
func Frame(wire []byte, p *packet.Packet) []Field {
	ids := p.XferPipe().Ids()
	out := []Field{
		{"size", 0, 4, fmt.Sprintf("%d bytes, these four included", binary.BigEndian.Uint32(wire))},
		{"protocol", 4, 1, quoteByte(wire[4]) + " " + protoName(wire[4])},
		{"filters", 5, 1, strconv.Itoa(len(ids))},
	}
	for i, id := range ids {
		out = append(out, Field{fmt.Sprintf("filter %d", i), 6 + i, 1, quoteByte(id)})
	}
	if at := 6 + len(ids); len(ids) > 0 {
		out = append(out, Field{"payload", at, len(wire) - at, "behind the pipe, undone below"})
	} else {
		for _, f := range Payload(wire[4], wire[at:]) {
			f.At += at
			out = append(out, f)
		}
	}
	return out
}

// Payload gives the fields of an undone payload that has been decoded without an error by the Proto of that
// protocol id.
func Payload(id byte, b []byte) []Field {
	switch id {
	case json.Id:
		return jsonPayload(b)
	case pb.Id:
		return pbPayload(b)
	}
	return fastPayload(b)
}

func fastPayload(b []byte) []Field {
	uriLen := int(binary.BigEndian.Uint32(b[9:]))
	metaAt := 13 + uriLen
	metaLen := int(binary.BigEndian.Uint32(b[metaAt:]))
	codecAt := metaAt + 4 + metaLen
	return []Field{
		{"seq", 0, 8, strconv.FormatUint(binary.BigEndian.Uint64(b), 10)},
		{"type", 8, 1, fmt.Sprintf("%d %s", b[8], packet.TypeText(b[8]))},
		{"uri length", 9, 4, strconv.Itoa(uriLen)},
		{"uri", 13, uriLen, strconv.Quote(string(b[13:metaAt]))},
		{"meta length", metaAt, 4, strconv.Itoa(metaLen)},
		{"meta", metaAt + 4, metaLen, strconv.Quote(string(b[metaAt+4 : codecAt]))},
		{"codec", codecAt, 1, codecText(b[codecAt])},
		{"body", codecAt + 1, len(b) - codecAt - 1, bodyText(b[codecAt+1:])},
	}
}

// Write prints the fields, sixteen bytes a line, and marks the byte at mark (none when negative).
func Write(w io.Writer, wire []byte, fields []Field, mark int) {
	for _, f := range fields {
		if f.Len == 0 {
			fmt.Fprintf(w, "  %6d  %-47s  %-12s empty\n", f.At, "", f.Name)
			continue
		}
		for off := 0; off < f.Len; off += 16 {
			at, end := f.At+off, f.At+min(off+16, f.Len)
			if off >= 64 {
				fmt.Fprintf(w, "  %6d  ... %d more bytes\n", at, f.Len-off)
				break
			}
			name, meaning := "", ""
			if off == 0 {
				name, meaning = f.Name, f.Meaning
			}
			line := fmt.Sprintf("  %6d  %-47s  %-12s %s", at, spaced(wire[at:end]), name, meaning)
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			if mark >= at && mark < end {
				fmt.Fprintf(w, "          %s^^ here\n", strings.Repeat("   ", mark-at))
			}
		}
	}
}

// Raw prints bytes without fields: what is left to show of a frame that does not decode.
func Raw(w io.Writer, b []byte, mark int) {
	Write(w, b, []Field{{Name: "", At: 0, Len: len(b), Meaning: printable(b[:min(len(b), 16)])}}, mark)
	if mark >= len(b) {
		fmt.Fprintf(w, "  %6d  the input ends here\n", len(b))
	}
}

func spaced(b []byte) string {
	var s strings.Builder
	for i, c := range b {
		if i > 0 {
			s.WriteByte(' ')
		}
		fmt.Fprintf(&s, "%02x", c)
	}
	return s.String()
}

func quoteByte(c byte) string {
	if c > ' ' && c < 0x7f {
		return "'" + string(rune(c)) + "'"
	}
	return fmt.Sprintf("%#02x", c)
}

func codecText(id byte) string {
	if id == codec.NilCodecId {
		return "none"
	}
	c, err := codec.Get(id)
	if err != nil {
		return quoteByte(id) + " not registered here"
	}
	return quoteByte(id) + " " + c.Name()
}

func bodyText(b []byte) string {
	const most = 60
	text := printable(b[:min(len(b), most)])
	if len(b) > most {
		text += fmt.Sprintf("... (%d bytes)", len(b))
	}
	return text
}

func printable(b []byte) string {
	if !utf8.Valid(b) {
		return ""
	}
	q := strconv.Quote(string(b))
	return q[1 : len(q)-1]
}
