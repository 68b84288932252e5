package gen

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/leanovate/gopter"
)

// Edit is one change to a byte string.
type Edit struct {
	Kind EditKind
	At   int    // modulo the length, so that an edit fits any string; below 0 it counts from the end
	N    int    // Cut, Double: bytes of the run
	With uint32 // Set: the low byte is written; Set32: the number, big-endian; Insert: the low byte
}

// EditKind says what an Edit does.
type EditKind byte

// The kinds of edits.
const (
	Set    EditKind = iota // writes one byte
	Set32                  // writes four bytes
	Insert                 // inserts a byte
	Cut                    // takes a run out
	Double                 // inserts a run a second time
	End                    // ends the bytes here
)

// String shows the edit for people.
func (e Edit) String() string {
	return fmt.Sprintf("%s at %d (n %d, with %#x)", [...]string{"set", "set32", "insert", "cut", "double", "end"}[e.Kind], e.At, e.N, e.With)
}

// Damage is a list of edits, made one after the other.
type Damage []Edit

// Apply gives the damaged bytes in memory of their own.
func (m Damage) Apply(b []byte) []byte {
	b = slices.Clone(b)
	for _, e := range m {
		if len(b) == 0 {
			break
		}
		at := (e.At%len(b) + len(b)) % len(b)
		to := min(at+max(e.N, 1), len(b))
		switch e.Kind {
		case Set:
			b[at] = byte(e.With)
		case Set32:
			if at+4 <= len(b) {
				binary.BigEndian.PutUint32(b[at:], e.With)
			}
		case Insert:
			b = slices.Insert(b, at, byte(e.With))
		case Cut:
			b = slices.Delete(b, at, to)
		case Double:
			b = slices.Insert(b, to, slices.Clone(b[at:to])...)
		case End:
			b = b[:at]
		}
	}
	return b
}

// Damages generates damage to frames: mostly one edit, mostly near the beginning, where the lengths are, or at the end. One in
// ten does nothing.
func Damages() gopter.Gen {
	return generator(func(d draw) Damage {
		var m Damage
		for range of(d, 0, 1, 1, 1, 1, 1, 1, 2, 3, 4) {
			at := d.Intn(of(d, 6, 12, 40, 200, 1<<16))
			if d.one(5) {
				at = -1 - d.upTo(20)
			}
			with := of(d, 0, 1, 2, 0x7f, 0x80, 0xff, '%', '&', '"', 0xffff, 0x7fffffff, 0xffffffff, d.Uint32(), d.Uint32())
			m = append(m, Edit{EditKind(d.Intn(6)), at, 1 + d.upTo(20), with})
		}
		return m
	}, func(m Damage) shrinks[Damage] {
		out := shorter(m)
		for i, e := range m {
			put := func(e Edit) Damage {
				c := slices.Clone(m)
				c[i] = e
				return c
			}
			within(&out, number(e.At), func(n int) Damage { return put(Edit{e.Kind, n, e.N, e.With}) })
			within(&out, number(e.N), func(n int) Damage { return put(Edit{e.Kind, e.At, n, e.With}) })
			within(&out, number(e.With), func(n uint32) Damage { return put(Edit{e.Kind, e.At, e.N, n}) })
		}
		return out
	})
}
