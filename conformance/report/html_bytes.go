package report

import (
	"fmt"
	"sort"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// pieceView is one piece of a trace.
type pieceView struct {
	Dir                 runner.Direction
	Arrow, Length, Note string
	Rows                []byteRow
}

// byteRow is a field, or a run of bytes that no field names.
type byteRow struct {
	Offset, Name, Class, Hex, Text string
}

const (
	maxFieldBytes = 64 // of a field, on a page
	maxPlainRows  = 8  // of bytes that no field names, in a row
)

func viewPiece(p Piece) pieceView {
	view := pieceView{Dir: p.Dir, Arrow: "→", Length: plural(p.Len, "byte"), Note: oneLine(p.Note)}
	if p.Dir == runner.Received {
		view.Arrow = "←"
	}
	view.Rows = byteRows(p.Bytes, fields(p.Fields))
	if p.Len > len(p.Bytes) {
		view.Rows = append(view.Rows, byteRow{Hex: fmt.Sprintf("… %d bytes more", p.Len-len(p.Bytes))})
	}
	return view
}

// byteRows cuts b at its fields. Fields that overlap or leave b are passed over: plain rows show their bytes.
func byteRows(b []byte, fields []Field) []byteRow {
	fields = append([]Field(nil), fields...)
	sort.SliceStable(fields, func(i, j int) bool { return fields[i].At < fields[j].At })
	var out []byteRow
	at := 0
	for i, f := range fields {
		if f.At < at || f.Len < 0 || f.At > len(b) || f.Len > len(b)-f.At {
			continue
		}
		out = plainRows(out, b, at, f.At)
		if len(out) > maxRows*4 {
			break
		}
		out = append(out, fieldRow(b, f, i))
		at = f.At + f.Len
	}
	return plainRows(out, b, at, len(b))
}

func fieldRow(b []byte, f Field, i int) byteRow {
	shown := b[f.At : f.At+min(f.Len, maxFieldBytes)]
	row := byteRow{Offset: fmt.Sprintf("%04x", f.At), Name: oneLine(f.Name), Class: fmt.Sprintf("f%d", i%6), Hex: fmt.Sprintf("% x", shown)}
	if text := printable(shown); f.Len > 2 && strings.Trim(text, ".") != "" { // numbers say nothing as text
		row.Text = text
	}
	if f.Len > len(shown) {
		row.Hex += fmt.Sprintf(" … (%d bytes)", f.Len)
	}
	return row
}

func plainRows(out []byteRow, b []byte, from, to int) []byteRow {
	for n := 0; from < to; n++ {
		if n == maxPlainRows {
			return append(out, byteRow{Hex: fmt.Sprintf("… %d bytes more", to-from)})
		}
		end := min(from+rowBytes, to)
		out = append(out, byteRow{Offset: fmt.Sprintf("%04x", from), Hex: fmt.Sprintf("% x", b[from:end]), Text: printable(b[from:end])})
		from = end
	}
	return out
}

func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f {
			return '.'
		}
		return r
	}, string(toRunes(b)))
}

// toRunes takes each byte for a character of its own.
func toRunes(b []byte) []rune {
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return out
}

// diffView is two byte strings side by side.
type diffView struct {
	What, Lengths string
	Rows          []diffRow
}

type diffRow struct {
	Gap, Offset, Fields string
	Want, Got           []run
}

// run is bytes in hex that all differ, or all do not.
type run struct {
	Text    string
	Differs bool
}

// viewDiff shows the lines that differ, with one line around them.
func viewDiff(d Diff) diffView {
	v := diffView{What: oneLine(d.What), Lengths: fmt.Sprintf("Expected %s, got %s.", plural(d.ExpectedLen, "byte"), plural(d.GotLen, "byte"))}
	if v.What == "" {
		v.What = "the bytes"
	}
	want, got := []byte(d.Expected), []byte(d.Got)
	total := (max(len(want), len(got)) + rowBytes - 1) / rowBytes
	keep := make([]bool, total)
	shown := 0
	for r := range total {
		if same(want, got, r*rowBytes) || shown == maxRows {
			continue
		}
		shown++
		for _, near := range []int{r - 1, r, r + 1} {
			if near >= 0 && near < total {
				keep[near] = true
			}
		}
	}
	for r := 0; r < total; {
		if keep[r] {
			at := r * rowBytes
			v.Rows = append(v.Rows, diffRow{Offset: fmt.Sprintf("%04x", at), Want: runs(want, got, at), Got: runs(got, want, at),
				Fields: strings.TrimSpace(oneLine(fieldNames(fields(d.Fields), at)))})
			r++
			continue
		}
		from, what := r, "that agree"
		for r < total && !keep[r] {
			if !same(want, got, r*rowBytes) {
				what = "more"
			}
			r++
		}
		v.Rows = append(v.Rows, diffRow{Gap: fmt.Sprintf("… %d lines of 16 bytes %s", r-from, what)})
	}
	return v
}

// runs gives a line of p, cut where it starts or ceases to differ from other.
func runs(p, other []byte, at int) []run {
	var out []run
	for i := at; i < min(at+rowBytes, len(p)); i++ {
		d := differs(p, other, i)
		if len(out) == 0 || out[len(out)-1].Differs != d {
			out = append(out, run{Differs: d})
		} else {
			out[len(out)-1].Text += " "
		}
		out[len(out)-1].Text += fmt.Sprintf("%02x", p[i])
	}
	for i := 1; i < len(out); i++ { // the space between two runs is marked in neither
		if out[i].Differs {
			out[i-1].Text += " "
		} else {
			out[i].Text = " " + out[i].Text
		}
	}
	return out
}
