package gen

import (
	"fmt"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// The ids of the filters of [Filters], those of this package in the range for private use.
const (
	MarkA  byte = 0xF1 // appends 'A' and wants it back: a wrong order shows
	MarkB  byte = 0xF2 // appends 'B'
	Flip   byte = 0xF3 // changes every byte, keeps the length
	Gzip   byte = oracle.FilterGzip
	Crc32c byte = oracle.FilterCrc32c
)

// FilterIds are the ids of the filters of [Filters], cheap ones first, as [Profile].Filters wants them.
func FilterIds() []byte { return []byte{MarkA, MarkB, Flip, Crc32c, Gzip} }

// Filters makes a registry with gzip, the checksum 'c' and three small filters of this package, for packets
// whose pipe is of [FilterIds]. The error says that one of the standard's is not registered in this process.
func Filters() (*xfer.Registry, error) {
	r := xfer.NewRegistry(nil)
	for _, id := range []byte{Gzip, Crc32c} {
		f, err := xfer.Get(id)
		if err != nil {
			return nil, err
		}
		if err := r.Add(f); err != nil {
			return nil, err
		}
	}
	for _, f := range []xfer.XferFilter{mark{MarkA, 'A'}, mark{MarkB, 'B'}, flip{}} {
		if err := r.Add(f); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// OracleFilters are the filters of [Filters] as the oracle has them.
func OracleFilters() oracle.Filters {
	own := func(f xfer.XferFilter) oracle.Filter {
		return oracle.Filter{
			Do: func(b []byte) []byte { out, _ := f.OnPack(b); return out }, // ours never fail to pack
			Undo: func(b []byte, limit int) ([]byte, error) {
				out, err := f.OnUnpack(b)
				if err == nil && len(out) > limit {
					return nil, oracle.ErrLimit
				}
				return out, err
			},
		}
	}
	return oracle.Filters{
		MarkA: own(mark{MarkA, 'A'}), MarkB: own(mark{MarkB, 'B'}), Flip: own(flip{}),
		Crc32c: {Do: oracle.AppendCrc32c, Undo: oracle.UndoCrc32c},
	}
}

// mark appends one byte and demands it back.
type mark struct{ id, letter byte }

func (m mark) Id() byte { return m.id }

func (m mark) OnPack(src []byte) ([]byte, error) { return append(slices.Clone(src), m.letter), nil }

func (m mark) OnUnpack(src []byte) ([]byte, error) {
	if len(src) == 0 || src[len(src)-1] != m.letter {
		return nil, fmt.Errorf("gen: the mark %q is not there: undone in the wrong order, or on other bytes", m.letter)
	}
	return slices.Clone(src[:len(src)-1]), nil
}

// flip changes every byte, both ways alike.
type flip struct{}

func (flip) Id() byte { return Flip }

func (flip) OnPack(src []byte) ([]byte, error) {
	out := slices.Clone(src)
	for i := range out {
		out[i] ^= 0x5a
	}
	return out, nil
}

func (f flip) OnUnpack(src []byte) ([]byte, error) { return f.OnPack(src) }
