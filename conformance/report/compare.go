package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"sort"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// Kind says what became of a case between two reports.
type Kind string

// The kinds of changes, in the order in which they are told.
const (
	KindBroken Kind = "broken" // passed in A; fails, panics or hangs in B
	KindBlind  Kind = "blind"  // passed in A; the judge itself failed on it in B
	KindFixed  Kind = "fixed"  // did not pass in A; passes in B
	KindOther  Kind = "other"  // another verdict, none of the above
	KindNew    Kind = "new"    // only in B
	KindGone   Kind = "gone"   // only in A
)

// Kinds lists the kinds in the order in which they are told.
func Kinds() []Kind { return []Kind{KindBroken, KindBlind, KindFixed, KindOther, KindNew, KindGone} }

// Change is a case whose verdict is not the same in both reports. A is nil for a new case, B for one that is gone.
type Change struct {
	Kind Kind
	ID   string
	A, B *Case
}

// Pace is a case that took notably longer, or shorter, in B than in A.
type Pace struct {
	ID   string
	A, B float64 // milliseconds
}

// Comparison is two reports side by side.
type Comparison struct {
	A, B    *Document
	Changes []Change // by kind, then id
	Paces   []Pace   // the greatest differences first
}

// What counts as a notable change of time: machines differ, and so do two runs on one.
const (
	minPace    = 50  // milliseconds of difference
	factorPace = 1.5 // or less than its inverse
	maxPaces   = 20
)

// Compare puts two reports side by side. The documents are shared, not copied.
func Compare(a, b *Document) *Comparison {
	c := &Comparison{A: a, B: b}
	inA := index(a)
	inB := index(b)
	for i := range a.Cases {
		if old := &a.Cases[i]; inB[old.ID] == nil {
			c.Changes = append(c.Changes, Change{KindGone, old.ID, old, nil})
		}
	}
	for i := range b.Cases {
		now := &b.Cases[i]
		old := inA[now.ID]
		if old == nil {
			c.Changes = append(c.Changes, Change{KindNew, now.ID, nil, now})
			continue
		}
		if kind, changed := changeOf(old.Verdict, now.Verdict); changed {
			c.Changes = append(c.Changes, Change{kind, now.ID, old, now})
		}
		if d := math.Abs(now.MS - old.MS); d >= minPace && (now.MS > factorPace*old.MS || old.MS > factorPace*now.MS) {
			c.Paces = append(c.Paces, Pace{now.ID, old.MS, now.MS})
		}
	}
	rank := map[Kind]int{}
	for i, k := range Kinds() {
		rank[k] = i
	}
	sort.SliceStable(c.Changes, func(i, j int) bool {
		x, y := c.Changes[i], c.Changes[j]
		return rank[x.Kind] < rank[y.Kind] || x.Kind == y.Kind && x.ID < y.ID
	})
	sort.SliceStable(c.Paces, func(i, j int) bool {
		return math.Abs(c.Paces[i].B-c.Paces[i].A) > math.Abs(c.Paces[j].B-c.Paces[j].A)
	})
	c.Paces = c.Paces[:min(len(c.Paces), maxPaces)]
	return c
}

func index(d *Document) map[string]*Case {
	out := map[string]*Case{}
	for i := range d.Cases {
		out[d.Cases[i].ID] = &d.Cases[i]
	}
	return out
}

func changeOf(a, b runner.Verdict) (Kind, bool) {
	switch {
	case a == b:
		return "", false
	case a == runner.Pass && b == runner.HarnessError:
		return KindBlind, true
	case a == runner.Pass && b.Bad():
		return KindBroken, true
	case a.Bad() && b == runner.Pass:
		return KindFixed, true
	}
	return KindOther, true
}

// Count gives how many changes of a kind there are.
func (c *Comparison) Count(k Kind) int {
	n := 0
	for _, change := range c.Changes {
		if change.Kind == k {
			n++
		}
	}
	return n
}

// kindText words a kind for people.
func kindText(k Kind) string {
	switch k {
	case KindBroken:
		return "broken in B"
	case KindBlind:
		return "the judge failed in B on what passed in A"
	case KindFixed:
		return "fixed in B"
	case KindNew:
		return "new in B"
	case KindGone:
		return "gone from B"
	}
	return "another verdict"
}

// Text writes the comparison for people: what changed, by kind, and the times. The error is w's.
func (c *Comparison) Text(w io.Writer) error {
	var b bytes.Buffer
	for _, side := range []struct {
		letter string
		d      *Document
	}{{"A", c.A}, {"B", c.B}} {
		d := side.d
		fmt.Fprintf(&b, "%s  %s: %s\n   MUST    %s\n   SHOULD  %s\n", side.letter, title(oneLine(d.Target)), d.outcome(), d.Totals.Must, d.Totals.Should)
	}
	for _, kind := range Kinds() {
		n := c.Count(kind)
		if n == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s (%d)\n", kindText(kind), n)
		for _, change := range c.Changes {
			if change.Kind == kind {
				writeChange(&b, change)
			}
		}
	}
	if len(c.Paces) > 0 {
		b.WriteString("\ntimes that changed most\n")
		for _, p := range c.Paces {
			fmt.Fprintf(&b, "  %s  %s -> %s\n", oneLine(p.ID), ms(p.A), ms(p.B))
		}
	}
	fmt.Fprintf(&b, "\n%s\n", c.summary())
	_, err := w.Write(b.Bytes())
	return err
}

func writeChange(b *bytes.Buffer, change Change) {
	from, to, level := "none", "none", runner.Level("")
	detail := ""
	if change.A != nil {
		from, level = string(change.A.Verdict), change.A.Level
	}
	if change.B != nil {
		to, level = string(change.B.Verdict), change.B.Level
		if change.B.Verdict.Bad() {
			detail = lines(change.B.Detail)[0]
		}
	}
	fmt.Fprintf(b, "  %s  %s  %s -> %s\n", oneLine(change.ID), level, from, to)
	if detail != "" {
		fmt.Fprintf(b, "    %s\n", detail)
	}
}

// summary is the outcome in a line.
func (c *Comparison) summary() string {
	if len(c.Changes) == 0 {
		return "every case has the same verdict in both"
	}
	return fmt.Sprintf("%d broken, %d fixed, %d otherwise changed, %d new, %d gone",
		c.Count(KindBroken), c.Count(KindFixed), c.Count(KindOther)+c.Count(KindBlind), c.Count(KindNew), c.Count(KindGone))
}
