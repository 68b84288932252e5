package report

import (
	"fmt"
	"sort"
	"strings"
)

// dumpBytes is how many bytes of one field a dump shows.
const dumpBytes = 64

// HexDump shows bytes a field a line: offset, name, hex. Bytes that no field covers get lines of their own,
// 16 bytes each; long fields are cut, with their length told. fields may be nil.
func HexDump(p []byte, fields []Field) string {
	fields = append([]Field(nil), fields...)
	sort.SliceStable(fields, func(i, j int) bool { return fields[i].At < fields[j].At })
	width := 0
	for _, f := range fields {
		width = max(width, len(f.Name))
	}
	var b strings.Builder
	at := 0
	for _, f := range fields {
		if f.At < at || f.At+f.Len > len(p) { // overlaps, or lies: the plain lines show the bytes
			continue
		}
		dumpPlain(&b, p, at, f.At, width)
		dumpLine(&b, p, f.At, f.At+f.Len, f.Name, width)
		at = f.At + f.Len
	}
	dumpPlain(&b, p, at, len(p), width)
	return b.String()
}

func dumpPlain(b *strings.Builder, p []byte, from, to, width int) {
	for lines := 0; from < to; lines++ {
		if lines == 8 {
			fmt.Fprintf(b, "  ... %d more bytes\n", to-from)
			return
		}
		end := min(from+rowBytes, to)
		dumpLine(b, p, from, end, "", width)
		from = end
	}
}

func dumpLine(b *strings.Builder, p []byte, from, to int, name string, width int) {
	more := ""
	if to-from > dumpBytes {
		more = fmt.Sprintf(" ... (%d bytes)", to-from)
		to = from + dumpBytes
	}
	fmt.Fprintf(b, "  %06x  %-*s  % x%s\n", from, width, name, p[from:to], more)
}
