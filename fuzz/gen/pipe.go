package gen

import (
	"fmt"
	"slices"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Pipe is a transfer pipe: filter ids, outer-most first (spec chapter 7).
type Pipe []byte

// String shows the ids for people.
func (p Pipe) String() string { return fmt.Sprintf("% x", []byte(p)) }

// Pipes generates pipes of these filters: empty, of one, of some, with repeats, and of 255 filters. Those of more
// than eight are of the first three ids alone, which should therefore be cheap and no compressors. Without
// ids all pipes are empty.
func Pipes(ids ...byte) gopter.Gen {
	return generator(func(d draw) Pipe { return pipe(d, ids) }, shrinkPipe(ids))
}

func pipe(d draw, ids []byte) Pipe {
	if len(ids) == 0 {
		return nil
	}
	cheap := ids[:min(3, len(ids))]
	n := 0
	switch k := d.Intn(40); {
	case k < 12:
		n = 0
	case k < 24:
		n = 1
	case k < 37:
		n = 2 + d.Intn(3)
	case k < 39:
		ids, n = cheap, 5+d.Intn(20)
	default:
		ids, n = cheap, xfer.MaxFilters-d.Intn(2)
	}
	var out Pipe
	for range n {
		out = append(out, of(d, ids...))
	}
	if n > 1 && d.one(5) {
		out[1] = out[0] // the same filter twice in a row
	}
	return out
}

// shrinkPipe gives shorter pipes, then such with more of the first id.
func shrinkPipe(ids []byte) func(Pipe) shrinks[Pipe] {
	return func(p Pipe) shrinks[Pipe] {
		out := shorter(p)
		for i, id := range p {
			at := slices.Index(ids, id)
			out.add(at > 0, func() Pipe {
				c := slices.Clone(p)
				c[i] = ids[0]
				return c
			})
		}
		return out
	}
}
