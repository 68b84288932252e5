package packet

import (
	"bytes"
	"errors"
	"fmt"
)

// Meta is the metadata of a packet: an ordered list of key-value pairs in
// which keys may repeat and are compared byte for byte (spec chapter 8). The
// zero value is empty. It may be read, but not changed, by several goroutines
// at once.
//
// Slices that Peek and VisitAll give are read-only and live until the Meta is
// Reset or parsed into; the packet's owner does that when it puts the packet
// back. Copy what must live longer.
//
// req: TP-META-001, TP-META-002
type Meta struct {
	// data holds keys and values. Bytes in it are never overwritten before
	// Reset, so that slices given out stay as they were.
	data  []byte
	pairs []pair
}

// pair says where in Meta.data a key and a value lie.
type pair struct{ key, keyEnd, val, valEnd uint32 }

// ErrTooManyPairs is wrapped by ParseLimit's error.
var ErrTooManyPairs = errors.New("too many metadata pairs")

func (m *Meta) key(i int) []byte {
	p := m.pairs[i]
	return m.data[p.key:p.keyEnd:p.keyEnd]
}

func (m *Meta) val(i int) []byte {
	p := m.pairs[i]
	return m.data[p.val:p.valEnd:p.valEnd]
}

func (m *Meta) find(key string) int {
	for i := range m.pairs {
		if string(m.key(i)) == key {
			return i
		}
	}
	return -1
}

func (m *Meta) store(s string) (from, to uint32) {
	from = uint32(len(m.data))
	m.data = append(m.data, s...)
	return from, uint32(len(m.data))
}

// Set gives the first pair with the key a new value, in place, or adds a pair.
// Further pairs with the key stay as they are.
//
// req: TP-META-012
func (m *Meta) Set(key, value string) {
	i := m.find(key)
	if i < 0 {
		m.Add(key, value)
		return
	}
	m.compact(len(value))
	m.pairs[i].val, m.pairs[i].valEnd = m.store(value)
}

// Add adds a pair at the end.
//
// req: TP-META-013
func (m *Meta) Add(key, value string) {
	var p pair
	p.key, p.keyEnd = m.store(key)
	p.val, p.valEnd = m.store(value)
	m.pairs = append(m.pairs, p)
}

// Del removes every pair with the key.
//
// req: TP-META-015
func (m *Meta) Del(key string) {
	kept := m.pairs[:0]
	for i, p := range m.pairs {
		if string(m.key(i)) != key {
			kept = append(kept, p)
		}
	}
	m.pairs = kept
}

// compact makes a new data slice when most of the old one is values that Set
// has replaced. Slices given out keep the old one.
func (m *Meta) compact(more int) {
	const slack = 1 << 10
	if len(m.data)+more < slack {
		return
	}
	live := 0
	for _, p := range m.pairs {
		live += int(p.keyEnd-p.key) + int(p.valEnd-p.val)
	}
	if len(m.data) < 2*live+slack {
		return
	}
	old := *m
	m.data = make([]byte, 0, live+more)
	for i, p := range old.pairs { // old and m share the array: pair i is read before it is set
		p.key, p.keyEnd = m.store(string(old.key(i)))
		p.val, p.valEnd = m.store(string(old.val(i)))
		m.pairs[i] = p
	}
}

// Peek gives the value of the first pair with the key. It is nil when there is
// none and when the value is empty; Has tells the two apart.
//
// req: TP-META-014
func (m *Meta) Peek(key string) []byte {
	if i := m.find(key); i >= 0 && m.pairs[i].val != m.pairs[i].valEnd {
		return m.val(i)
	}
	return nil
}

// PeekString is Peek with memory of its own.
func (m *Meta) PeekString(key string) string { return string(m.Peek(key)) }

// Has tells whether there is a pair with the key.
func (m *Meta) Has(key string) bool { return m.find(key) >= 0 }

// Len gives the number of pairs.
func (m *Meta) Len() int { return len(m.pairs) }

// VisitAll calls fn for every pair in order. fn must not change the Meta.
func (m *Meta) VisitAll(fn func(key, value []byte)) {
	for i := range m.pairs {
		fn(m.key(i), m.val(i))
	}
}

// CopyTo makes dst hold the same pairs, in memory of its own.
func (m *Meta) CopyTo(dst *Meta) {
	if dst == m {
		return
	}
	dst.data = append(dst.data[:0], m.data...)
	dst.pairs = append(dst.pairs[:0], m.pairs...)
}

// Reset removes all pairs and keeps the memory for the next ones.
func (m *Meta) Reset() {
	m.data = m.data[:0]
	m.pairs = m.pairs[:0]
}

// Equal tells whether other holds the same pairs in the same order.
func (m *Meta) Equal(other *Meta) bool {
	if m.Len() != other.Len() {
		return false
	}
	for i := range m.pairs {
		if !bytes.Equal(m.key(i), other.key(i)) || !bytes.Equal(m.val(i), other.val(i)) {
			return false
		}
	}
	return true
}

func tooManyPairs(max int) error {
	return fmt.Errorf("%w: at most %d are allowed", ErrTooManyPairs, max)
}
