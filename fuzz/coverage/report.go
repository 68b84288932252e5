package main

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// measurement is what each target reached.
type measurement struct {
	root    string
	blocks  map[place]block // of all rooms
	reached map[string]map[place]bool
	sources map[string]*source
}

// row is a room's line of the table, in statements.
type row struct {
	name              string
	all, allReached   int
	path, pathReached int // without the functions outside
	targets           []string
	missed            []missed
}

// missed is a block that was not reached: outside, explained or a fault.
type missed struct {
	block
	why string
}

type report struct {
	rows   []row
	faults []string
}

func (m *measurement) report() (report, error) {
	var out report
	used := map[excuse]bool{}
	for _, r := range rooms() {
		line := row{name: r.name, targets: r.targets}
		for _, b := range m.in(r) {
			s, err := m.source(b.file)
			if err != nil {
				return report{}, err
			}
			b.function, b.text = s.at(b.line), s.text(b)
			at := place{b.file, b.line, b.col}
			hit := slices.ContainsFunc(r.targets, func(t string) bool { return m.reached[t][at] })
			kind := outsideKind(b)
			line.all += b.statements
			if hit {
				line.allReached += b.statements
			}
			if kind != "" {
				if !hit {
					line.missed = append(line.missed, missed{b, kind})
				}
				continue
			}
			line.path += b.statements
			if hit {
				line.pathReached += b.statements
				continue
			}
			e, ok := excused(b)
			if !ok {
				out.faults = append(out.faults, fmt.Sprintf("%s:%d: %s: neither reached nor explained: %s", b.file, b.line, b.function, b.text))
				continue
			}
			used[e] = true
			line.missed = append(line.missed, missed{b, e.why})
		}
		if line.all == 0 {
			out.faults = append(out.faults, r.name+": no statements: has it moved?")
		}
		out.rows = append(out.rows, line)
	}
	for _, e := range excuses() {
		if !used[e] {
			out.faults = append(out.faults, fmt.Sprintf("%s: %s: an explanation for %q, which is reached or not there", e.file, e.function, e.contains))
		}
	}
	return out, nil
}

// in gives the blocks of a room, in order.
func (m *measurement) in(r room) []block {
	var out []block
	for _, b := range m.blocks {
		if path.Dir(b.file) == r.dir && (r.files == nil || slices.Contains(r.files, path.Base(b.file))) {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b block) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.col, b.col))
	})
	return out
}

func (m *measurement) source(file string) (*source, error) {
	if s := m.sources[file]; s != nil {
		return s, nil
	}
	s, err := readSource(m.root, file)
	m.sources[file] = s
	return s, err
}

// outsideKind gives the kind of functions that a block belongs to, "" where bytes lead to it.
func outsideKind(b block) string {
	_, method, isMethod := strings.Cut(b.function, ".")
	for _, o := range outside() {
		if o.dir == path.Dir(b.file) && (slices.Contains(o.names, path.Base(b.file)) || slices.Contains(o.names, b.function) ||
			isMethod && slices.Contains(o.names, "*."+method)) {
			return o.kind
		}
	}
	return ""
}

func excused(b block) (excuse, bool) {
	for _, e := range excuses() {
		if e.file == b.file && e.function == b.function && strings.Contains(b.text, e.contains) {
			return e, true
		}
	}
	return excuse{}, false
}

func (r report) print(w io.Writer, list bool) {
	fmt.Fprintln(w, "| room | statements | reached | of decoding | reached | | by |\n|---|---|---|---|---|---|---|")
	for _, line := range r.rows {
		fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %s | %s |\n", line.name, line.all, line.allReached, line.path, line.pathReached,
			percent(line.pathReached, line.path), strings.Join(line.targets, ", "))
	}
	if list {
		fmt.Fprintln(w)
		for _, line := range r.rows {
			for _, b := range line.missed {
				fmt.Fprintf(w, "%s:%d: %s: %s\n\t%s\n", b.file, b.line, b.function, b.why, b.text)
			}
		}
	}
	for _, f := range r.faults {
		fmt.Fprintln(w, f)
	}
}

// percent rounds down: 100% is all.
func percent(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d.%d%%", 100*n/of, 1000*n/of%10)
}
