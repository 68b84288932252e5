package gen

import (
	"math/rand"

	"github.com/leanovate/gopter"
)

// draw draws from the random numbers of a run, and from nothing else: a seed brings back a run.
type draw struct{ *rand.Rand }

// one gives true once in n times.
func (d draw) one(n int) bool { return d.Intn(n) == 0 }

// of gives one of the values.
func of[T any](d draw, values ...T) T { return values[d.Intn(len(values))] }

// upTo gives 0 to n, small values more often than large ones.
func (d draw) upTo(n int) int {
	if n <= 0 {
		return 0
	}
	return d.Intn(d.Intn(n+1) + 1)
}

// shrinks are values simpler than one, the most daring first. Each is made when it is asked for, and reports
// whether there is such a value.
type shrinks[T any] []func() (T, bool)

// add adds a value, if ok.
func (s *shrinks[T]) add(ok bool, make func() T) {
	if ok {
		*s = append(*s, func() (T, bool) { return make(), true })
	}
}

// within adds the shrinks of a part, each put in place by put.
func within[T, P any](s *shrinks[T], parts shrinks[P], put func(P) T) {
	for _, part := range parts {
		*s = append(*s, func() (t T, ok bool) {
			p, ok := part()
			if !ok {
				return t, false
			}
			return put(p), true
		})
	}
}

// generator makes a gopter generator. Each shrink has to be simpler than its value, by a measure that has an
// end, or shrinking would go round in circles.
func generator[T any](make func(d draw) T, shrink func(T) shrinks[T]) gopter.Gen {
	shrinker := func(v any) gopter.Shrink {
		list := shrink(v.(T))
		return func() (any, bool) {
			for len(list) > 0 {
				next := list[0]
				list = list[1:]
				if t, ok := next(); ok {
					return t, true
				}
			}
			return nil, false
		}
	}
	return func(p *gopter.GenParameters) *gopter.GenResult {
		return gopter.NewGenResult(make(draw{p.Rng}), shrinker)
	}
}

// runs gives where to cut a list of n elements: first the whole, then halves, quarters and so on, down to single
// elements; of long lists no more than about 64 pieces of a kind, or shrinking would take too long.
func runs(n int) (out [][2]int) {
	for size := n; size > 0 && (n/size <= 64 || n <= 300); size /= 2 {
		for at := 0; at < n; at += size {
			out = append(out, [2]int{at, min(at+size, n)})
		}
	}
	return out
}

// shorter gives the list without some run of its elements, for each run of runs.
func shorter[L ~[]E, E any](l L) (out shrinks[L]) {
	for _, r := range runs(len(l)) {
		out.add(true, func() L { return append(append(L(nil), l[:r[0]]...), l[r[1]:]...) })
	}
	return out
}

// number gives numbers nearer to 0: 0, the half, without one of its bits, one less.
func number[N int | int32 | uint64 | uint32 | byte](n N) (out shrinks[N]) {
	out.add(n != 0, func() N { return 0 })
	out.add(n/2 != 0, func() N { return n / 2 })
	for k := 0; k < 64; k++ {
		bit := N(1) << k
		out.add(n > 1 && bit != 0 && n&bit != 0, func() N { return n &^ bit })
	}
	out.add(n > 1, func() N { return n - 1 })
	out.add(n < 0 && n+1 != 0, func() N { return n + 1 })
	return out
}
