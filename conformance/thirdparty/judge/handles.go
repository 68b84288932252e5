package judge

import (
	"fmt"
	"math"
	"sync"
)

// firstHandle is where the numbers begin that stand for something else. Smaller ones stand for themselves.
const firstHandle = 1 << 30

// wide is what a handle stands for.
type wide struct {
	seq   uint64
	ptype byte
}

// handles carries a seq of 64 bits past a field of 32: each wide seq gets a number that fits. Without it, that
// one fault of erpc would hide what all cases with a wide seq say of the rest. The case that judges seq runs
// strict: what does not fit is refused. On a second look a handle carries the packet type as well.
type handles struct {
	mu     sync.Mutex // guards all below
	strict bool
	types  bool // a type other than the three of erpc travels beside
	wide   []wide
	number map[wide]int32
}

func (h *handles) set(strict, types bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.strict, h.types = strict, types
}

// narrow gives the 32 bits and the type that go into the message.
func (h *handles) narrow(seq uint64, ptype byte) (int32, byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	beside := h.types && (ptype < 1 || ptype > 3)
	switch {
	case h.strict && seq > math.MaxUint32:
		return 0, 0, fmt.Errorf("the message has 32 bits for seq, %d needs more", seq)
	case h.strict || seq < firstHandle && !beside:
		return int32(uint32(seq)), ptype, nil
	}
	w := wide{seq, ptype}
	if beside {
		ptype = 1
	}
	if n, ok := h.number[w]; ok {
		return n, ptype, nil
	}
	if h.number == nil {
		h.number = map[wide]int32{}
	}
	n := int32(firstHandle + len(h.wide))
	h.wide = append(h.wide, w)
	h.number[w] = n
	return n, ptype, nil
}

// widen undoes narrow. A number that stands for nothing is taken as it is.
func (h *handles) widen(n int32, ptype byte) (uint64, byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := int(n) - firstHandle
	if h.strict || i < 0 || i >= len(h.wide) {
		return uint64(uint32(n)), ptype
	}
	if h.types && (h.wide[i].ptype < 1 || h.wide[i].ptype > 3) {
		ptype = h.wide[i].ptype
	}
	return h.wide[i].seq, ptype
}
