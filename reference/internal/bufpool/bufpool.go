// Package bufpool lends byte slices by size class.
//
// A buffer comes from Get and goes back with Put. Between the two it belongs
// to the caller alone, who may grow B with append; after Put nobody may touch
// it. The classes are powers of two from 512 bytes to 1 MiB; the large ones hold
// an eighth more, for a body of such a size with what belongs to it. What is
// larger is made fresh and left to the garbage collector, so the pool never holds
// on to the memory of one huge packet.
//
// All functions are safe for concurrent use.
package bufpool

import (
	"math/bits"
	"sync"
)

const (
	minShift = 9  // 512 B: a small packet and its header
	maxShift = 20 // 1 MiB: above this a buffer is not kept
	classes  = maxShift - minShift + 1

	roomyShift = 17 // from 128 KiB on a class holds an eighth more

	// MaxKept is the capacity in bytes above which Put drops a buffer.
	MaxKept = 1<<maxShift + 1<<(maxShift-3)
)

// Buffer is one lent slice. The zero value is an empty buffer.
type Buffer struct {
	// B holds the bytes. The owner may append to it and replace it.
	B []byte
}

// Pools hold *Buffer, not []byte: a pointer goes into a sync.Pool without an
// allocation.
var pools [classes]sync.Pool

// class gives the index of the smallest class that holds n bytes.
func class(n int) int {
	if n <= 1<<minShift {
		return 0
	}
	c := bits.Len(uint(n-1)) - minShift
	if n <= size(c-1) {
		return c - 1
	}
	return c
}

// size is what a class holds.
func size(class int) int {
	n := 1 << (class + minShift)
	if class+minShift >= roomyShift {
		n += n / 8
	}
	return n
}

// Get lends a buffer with len(B) == 0 and cap(B) >= n bytes.
// A negative n counts as 0.
func Get(n int) *Buffer {
	c := class(n)
	if c >= classes {
		return &Buffer{B: make([]byte, 0, n)}
	}
	if b, ok := pools[c].Get().(*Buffer); ok {
		b.B = b.B[:0]
		return b
	}
	return &Buffer{B: make([]byte, 0, size(c))}
}

// Put takes a buffer back. The caller must not use b or any part of b.B again.
// nil, a buffer smaller than the smallest class and one larger than MaxKept
// are dropped.
func Put(b *Buffer) {
	if b == nil {
		return
	}
	n := cap(b.B)
	if n < 1<<minShift || n > MaxKept {
		b.B = nil
		return
	}
	// An appended-to slice can have any capacity: it serves the class that it
	// can wholly hold.
	c := bits.Len(uint(n)) - 1 - minShift
	if size(c) > n {
		c--
	}
	pools[c].Put(b)
}
