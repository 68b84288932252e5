package report

import (
	"fmt"
	"sort"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// Field names a range of bytes, so that a difference can be told by name.
type Field = runner.Field

// rowBytes is how many bytes a line of a diff shows.
const rowBytes = 16

// HexDiff compares two byte strings line by line, 16 bytes a line, with offsets, and marks each byte that
// differs. Lines that agree are shown once, long runs of them are folded. fields, which may be nil, annotate
// the expected bytes: a differing line names the fields it touches. Equal inputs give one line that says so.
func HexDiff(want, got []byte, fields []Field) string {
	var b strings.Builder
	first := firstDifference(want, got)
	if first < 0 {
		return fmt.Sprintf("the %d bytes are equal\n", len(want))
	}
	fmt.Fprintf(&b, "first difference at byte %d%s; expected %d bytes, got %d\n", first, fieldAt(fields, first), len(want), len(got))
	rows := (max(len(want), len(got)) + rowBytes - 1) / rowBytes
	shown := 0
	for row := 0; row < rows; {
		at := row * rowBytes
		if same(want, got, at) {
			run := row
			for run < rows && same(want, got, run*rowBytes) {
				run++
			}
			row = writeEqual(&b, want, row, run, rows)
			continue
		}
		if shown == maxRows {
			fmt.Fprintf(&b, "  ... more differences follow\n")
			break
		}
		shown++
		writeRow(&b, want, got, at, fields)
		row++
	}
	return b.String()
}

// maxRows bounds the differing lines of one diff: past it, everything is wrong and more hex helps nobody.
const maxRows = 16

// writeEqual shows rows [row, run), which agree, keeping one line of context beside a difference.
func writeEqual(b *strings.Builder, want []byte, row, run, rows int) int {
	if run-row <= 3 {
		for ; row < run; row++ {
			fmt.Fprintf(b, "  %06x        %s\n", row*rowBytes, hexRow(want, row*rowBytes))
		}
		return run
	}
	if row > 0 {
		fmt.Fprintf(b, "  %06x        %s\n", row*rowBytes, hexRow(want, row*rowBytes))
		row++
	}
	last := run
	if run < rows {
		last = run - 1
	}
	fmt.Fprintf(b, "  ... %d equal bytes\n", min(len(want), last*rowBytes)-row*rowBytes)
	if last < run {
		fmt.Fprintf(b, "  %06x        %s\n", last*rowBytes, hexRow(want, last*rowBytes))
	}
	return run
}

func writeRow(b *strings.Builder, want, got []byte, at int, fields []Field) {
	names := fieldNames(fields, at)
	fmt.Fprintf(b, "  %06x  want  %s%s\n", at, hexRow(want, at), names)
	fmt.Fprintf(b, "          got   %s\n", hexRow(got, at))
	var marks strings.Builder
	for i := at; i < at+rowBytes; i++ {
		if i-at == rowBytes/2 {
			marks.WriteByte(' ')
		}
		if differs(want, got, i) {
			marks.WriteString("^^ ")
		} else {
			marks.WriteString("   ")
		}
	}
	fmt.Fprintf(b, "                %s\n", strings.TrimRight(marks.String(), " "))
}

// hexRow shows one line of bytes in hex and, behind it, as text.
func hexRow(p []byte, at int) string {
	var hex, text strings.Builder
	for i := at; i < at+rowBytes; i++ {
		if i-at == rowBytes/2 {
			hex.WriteByte(' ')
		}
		if i >= len(p) {
			hex.WriteString("   ")
			continue
		}
		fmt.Fprintf(&hex, "%02x ", p[i])
		if p[i] >= 0x20 && p[i] < 0x7f {
			text.WriteByte(p[i])
		} else {
			text.WriteByte('.')
		}
	}
	return fmt.Sprintf("%-49s |%s|", hex.String(), text.String())
}

func differs(want, got []byte, i int) bool {
	if i >= len(want) || i >= len(got) {
		return i < len(want) || i < len(got)
	}
	return want[i] != got[i]
}

func same(want, got []byte, at int) bool {
	for i := at; i < at+rowBytes; i++ {
		if differs(want, got, i) {
			return false
		}
	}
	return true
}

func firstDifference(want, got []byte) int {
	for i := range max(len(want), len(got)) {
		if differs(want, got, i) {
			return i
		}
	}
	return -1
}

// fieldNames lists the fields that a line touches, in order of their offsets.
func fieldNames(fields []Field, at int) string {
	var touched []Field
	for _, f := range fields {
		if f.At < at+rowBytes && f.At+f.Len > at {
			touched = append(touched, f)
		}
	}
	if len(touched) == 0 {
		return ""
	}
	sort.SliceStable(touched, func(i, j int) bool { return touched[i].At < touched[j].At })
	names := make([]string, len(touched))
	for i, f := range touched {
		names[i] = f.Name
	}
	return "  " + strings.Join(names, ", ")
}

func fieldAt(fields []Field, i int) string {
	for _, f := range fields {
		if i >= f.At && i < f.At+f.Len {
			return " (" + f.Name + ")"
		}
	}
	return ""
}
