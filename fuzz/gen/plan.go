package gen

import (
	"fmt"
	"io"
	"slices"

	"github.com/leanovate/gopter"
)

// Plan says how a stream arrives: in which segments, and how it ends. The zero Plan is a stream that arrives at
// once.
type Plan struct {
	// Sizes are the bytes of the segments, taken in turn and again from the first; each is at least 1. None: all
	// that is there comes at once.
	Sizes []int
	// Joint has the last bytes come together with the end, in one Read.
	Joint bool
	// Idle has each second Read give no bytes and no error.
	Idle bool
}

// String shows the plan for people.
func (p Plan) String() string {
	return fmt.Sprintf("{segments %v, joint %t, idle %t}", p.Sizes, p.Joint, p.Idle)
}

// Reader gives a reader of b that follows the plan and ends with end; nil stands for io.EOF. It does not change
// b. Like any reader it is for one goroutine at a time.
func (p Plan) Reader(b []byte, end error) *PlanReader {
	if end == nil {
		end = io.EOF
	}
	return &PlanReader{plan: p, in: b, end: end}
}

// PlanReader reads a stream as its [Plan] says.
type PlanReader struct {
	plan Plan
	in   []byte
	end  error

	reads, segment int
	left           int // bytes of the segment that is being read
}

// Len gives the bytes that are not read yet.
func (r *PlanReader) Len() int { return len(r.in) }

// Read gives bytes of one segment at most.
func (r *PlanReader) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if len(r.in) == 0 {
		return 0, r.end
	}
	r.reads++
	if r.plan.Idle && r.reads%2 == 1 {
		return 0, nil
	}
	if r.left == 0 {
		r.left = len(r.in)
		if s := r.plan.Sizes; len(s) > 0 {
			r.left = max(1, s[r.segment%len(s)])
			r.segment++
		}
	}
	n := copy(b[:min(len(b), r.left, len(r.in))], r.in)
	r.in = r.in[n:]
	r.left -= n
	if r.plan.Joint && len(r.in) == 0 {
		return n, r.end
	}
	return n, nil
}

// Plans generates segment plans: all at once, byte by byte, cuts inside every field of a frame's head, segments of
// some hundred and some thousand bytes.
func Plans() gopter.Gen {
	return generator(func(d draw) Plan {
		p := Plan{Joint: d.one(4), Idle: d.one(6)}
		switch d.Intn(6) {
		case 0:
		case 1:
			p.Sizes = []int{1}
		case 2:
			p.Sizes = []int{1 + d.Intn(30), 1 << 20} // one cut near the beginning
		case 3:
			p.Sizes = []int{of(d, 100, 511, 512, 4095, 4096, 4097, 16384)}
		default:
			for range 1 + d.Intn(6) {
				p.Sizes = append(p.Sizes, 1+d.upTo(of(d, 3, 8, 100, 2000)))
			}
		}
		return p
	}, func(p Plan) (out shrinks[Plan]) {
		out.add(p.Joint, func() Plan { return Plan{p.Sizes, false, p.Idle} })
		out.add(p.Idle, func() Plan { return Plan{p.Sizes, p.Joint, false} })
		within(&out, shorter(p.Sizes), func(s []int) Plan { return Plan{s, p.Joint, p.Idle} })
		for i, n := range p.Sizes {
			within(&out, number(n-1), func(n int) Plan {
				s := slices.Clone(p.Sizes)
				s[i] = n + 1
				return Plan{s, p.Joint, p.Idle}
			})
		}
		return out
	})
}
