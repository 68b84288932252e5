package vectorgen

import (
	"fmt"
	"io/fs"

	"github.com/henrylee2cn/teleport/spec"
	"github.com/henrylee2cn/teleport/vectors"
)

// Options of [Check]. The zero value checks the embedded vectors against the oracle and the embedded standard.
type Options struct {
	// FS holds the files; nil means the embedded ones.
	FS fs.FS
	// Known tells whether the standard has a requirement; nil asks the embedded standard.
	Known func(id string) bool
	// Others are implementations that must agree besides the oracle.
	Others []Implementation
	// Measure runs a function and gives the bytes of memory that it allocated; where it is set, the Others must keep the
	// memory allowances. See [MeasureAllocated]. The oracle is naive and is not held to them.
	Measure func(func()) int64
}

// Report is what a check found.
type Report struct {
	// Areas count the cases by area, in the order of the files; Total counts all.
	Areas []AreaCounts
	Total vectors.Counts
	// Names are the implementations that were asked, the oracle first.
	Names []string
	// Problems are what is wrong, one line each; none when all is well.
	Problems []string
}

// AreaCounts are the numbers of one area.
type AreaCounts struct {
	Area string
	vectors.Counts
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// Check checks the vectors: the schema, the sums of the index, that ids are unique and requirements exist, that every
// case makes sense in itself, and that the oracle and the other implementations agree with every case.
func Check(o Options) *Report {
	r := &Report{}
	if o.FS == nil {
		o.FS = vectors.FS()
	}
	if o.Known == nil {
		o.Known = func(id string) bool { _, ok := spec.Lookup(id); return ok }
	}
	checkFiles(r, o.FS)
	files, err := vectors.Load(o.FS)
	if err != nil {
		r.problem("%v", err)
		return r
	}
	ids := map[string]bool{}
	for _, f := range files {
		counts := AreaCounts{Area: f.Area}
		checkFlags(r, &f)
		for i := range f.Cases {
			c := &f.Cases[i]
			if ids[c.ID] {
				r.problem("%s: the id is used twice", c.ID)
			}
			ids[c.ID] = true
			checkCase(r, &f, c, o.Known)
			counts.Add(c.Result)
			r.Total.Add(c.Result)
		}
		r.Areas = append(r.Areas, counts)
	}
	askAll(r, files, Oracle(), nil)
	for _, imp := range o.Others {
		askAll(r, files, imp, o.Measure)
	}
	return r
}

// askAll judges an implementation by every case.
func askAll(r *Report, files []vectors.File, imp Implementation, measure func(func()) int64) {
	r.Names = append(r.Names, imp.Name())
	for _, f := range files {
		for i := range f.Cases {
			if err := Judge(&f.Cases[i], imp, measure); err != nil {
				r.problem("%s: %s: %v", f.Cases[i].ID, imp.Name(), err)
			}
		}
	}
}
