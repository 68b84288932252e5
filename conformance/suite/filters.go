package suite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Ids of the suite's own filters, all in the range for private use. They live in the bench's registry only.
const (
	tagA       byte = 0xE1 // appends 'A', wants it back: order shows
	tagB       byte = 0xE2
	tagC       byte = 0xE3
	xorFilter  byte = 0xE4 // changes every byte, keeps the length
	sameFilter byte = 0xE5 // gives its input back, the very slice
	noPack     byte = 0xE6 // fails when packing
	noUnpack   byte = 0xE7 // fails when unpacking
	runs       byte = 0xE8 // run-length coding: expands without bound when undone
	padding    byte = 0xEA // appends a run of zeros, takes it off again when undone
	nobody     byte = 0xEE // registered nowhere
)

// paddingBytes is how many zeros the padding filter appends.
const paddingBytes = 100_000

var errFilter = errors.New("conformance: this filter always fails")

// filterLog records the calls of the tag filters, in order.
type filterLog struct {
	mu    sync.Mutex
	calls []filterCall
}

type filterCall struct {
	id      byte
	pack    bool
	in, out []byte
}

func (l *filterLog) add(c filterCall) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
}

// take gives the calls since the last take.
func (l *filterLog) take() []filterCall {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.calls
	l.calls = nil
	return out
}

// funcFilter is a filter made of two functions.
type funcFilter struct {
	id           byte
	pack, unpack func([]byte) ([]byte, error)
}

func (f funcFilter) Id() byte                            { return f.id }
func (f funcFilter) OnPack(src []byte) ([]byte, error)   { return f.pack(src) }
func (f funcFilter) OnUnpack(src []byte) ([]byte, error) { return f.unpack(src) }

func testFilters(log *filterLog) []xfer.XferFilter {
	same := func(src []byte) ([]byte, error) { return src, nil }
	fails := func([]byte) ([]byte, error) { return nil, errFilter }
	xor := func(src []byte) ([]byte, error) {
		runtime.Gosched() // widens every race window of Pack
		out := make([]byte, len(src))
		for i, c := range src {
			out[i] = c ^ 0x5a
		}
		return out, nil
	}
	return []xfer.XferFilter{
		tag(tagA, 'A', log), tag(tagB, 'B', log), tag(tagC, 'C', log),
		funcFilter{xorFilter, xor, xor},
		funcFilter{sameFilter, same, same},
		funcFilter{noPack, fails, same},
		funcFilter{noUnpack, same, fails},
		runLength{},
		funcFilter{padding,
			func(src []byte) ([]byte, error) { return append(slices.Clone(src), make([]byte, paddingBytes)...), nil },
			func(src []byte) ([]byte, error) {
				if len(src) < paddingBytes {
					return nil, errors.New("conformance: the padding is gone")
				}
				return slices.Clone(src[:len(src)-paddingBytes]), nil
			},
		},
	}
}

// tag gives a filter that appends one byte and demands it back: undone in a wrong order, it fails.
func tag(id, mark byte, log *filterLog) xfer.XferFilter {
	return funcFilter{id,
		func(src []byte) ([]byte, error) {
			out := append(slices.Clone(src), mark)
			log.add(filterCall{id, true, slices.Clone(src), slices.Clone(out)})
			return out, nil
		},
		func(src []byte) ([]byte, error) {
			if len(src) == 0 || src[len(src)-1] != mark {
				log.add(filterCall{id, false, slices.Clone(src), nil})
				return nil, fmt.Errorf("conformance: filter %q undone in the wrong order or on other bytes", mark)
			}
			out := slices.Clone(src[:len(src)-1])
			log.add(filterCall{id, false, slices.Clone(src), slices.Clone(out)})
			return out, nil
		},
	}
}

// runLength codes each run of a byte as its length (u32) and the byte.
type runLength struct{}

func (runLength) Id() byte { return runs }

func (runLength) OnPack(src []byte) ([]byte, error) {
	out := []byte{}
	for len(src) > 0 {
		n := 1
		for n < len(src) && src[n] == src[0] {
			n++
		}
		out = append(binary.BigEndian.AppendUint32(out, uint32(n)), src[0])
		src = src[n:]
	}
	return out, nil
}

func (f runLength) OnUnpack(src []byte) ([]byte, error) { return f.OnUnpackLimit(src, 1<<26) }

// OnUnpackLimit stops before it takes memory for more than max bytes.
func (runLength) OnUnpackLimit(src []byte, max int) ([]byte, error) {
	if len(src)%5 != 0 {
		return nil, errors.New("conformance: not run-length coded")
	}
	total := 0
	for p := src; len(p) > 0; p = p[5:] {
		if total += int(binary.BigEndian.Uint32(p)); total > max {
			return nil, fmt.Errorf("conformance: run-length output past %d bytes: %w", max, xfer.ErrExceedLimit)
		}
	}
	out := make([]byte, 0, total)
	for p := src; len(p) > 0; p = p[5:] {
		out = append(out, bytes.Repeat(p[4:5], int(binary.BigEndian.Uint32(p)))...)
	}
	return out, nil
}

// yieldCodecID is a codec for strings that gives other goroutines their turn while it encodes.
const yieldCodecID byte = 0xE9

// unknownCodec is registered nowhere.
const unknownCodec byte = 0xEF

type yieldCodec struct{}

func (yieldCodec) Id() byte     { return yieldCodecID }
func (yieldCodec) Name() string { return "conformance-yield" }

func (yieldCodec) Marshal(v any) ([]byte, error) {
	s, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("conformance: this codec takes a string, not %T", v)
	}
	for range 3 {
		runtime.Gosched()
	}
	return []byte(s), nil
}

func (yieldCodec) Unmarshal(data []byte, v any) error {
	s, ok := v.(*string)
	if !ok {
		return fmt.Errorf("conformance: this codec fills a *string, not %T", v)
	}
	*s = string(data)
	return nil
}

var _ xfer.Bounded = runLength{}
