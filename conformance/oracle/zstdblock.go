package oracle

import (
	"bytes"
	"encoding/binary"
	"errors"
)

var (
	errZstdBlock = errors.New("the compressed block is broken")

	// ErrBeyond is what [Unzstd] gives for a block that is entropy-coded: the oracle cannot judge it.
	ErrBeyond = errors.New("the block is entropy-coded, which is beyond this oracle")
)

// Where the codes of lengths from 16 on (match lengths: from 32 on) begin, and how many extra bits they have (RFC 8878,
// 3.1.1.3.2.1.1).
var (
	zstdLiteralBase = []int{16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536}
	zstdLiteralBits = []int{1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	zstdMatchBase   = []int{35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539}
	zstdMatchBits   = []int{1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
)

// unpackZstd appends what a compressed block becomes, under a window.
func unpackZstd(out, b []byte, window int, offsets *[3]int) ([]byte, error) {
	literals, b, err := zstdLiterals(b)
	if err != nil {
		return nil, err
	}
	if len(b) < 1 {
		return nil, errZstdBlock
	}
	count := int(b[0])
	if count == 0 {
		if len(b) != 1 {
			return nil, errZstdBlock
		}
		return append(out, literals...), nil
	}
	if count > 127 || len(b) < 2 || b[1] != 0x54 {
		return nil, ErrBeyond
	}
	if len(b) < 6 || b[2] > 35 || b[3] > 31 || b[4] > 52 {
		return nil, errZstdBlock
	}
	literalCode, offsetCode, matchCode := int(b[2]), int(b[3]), int(b[4])
	bits, err := zstdBits(b[5:])
	if err != nil {
		return nil, err
	}
	read := func(n int) (v int) {
		for ; n > 0; n-- {
			if len(bits) == 0 {
				err = errZstdBlock
				return 0
			}
			v, bits = v<<1|int(bits[0]), bits[1:]
		}
		return v
	}
	start := len(out)
	for range count {
		value := 1<<offsetCode + read(offsetCode)
		match := matchCode + 3
		if matchCode >= 32 {
			match = zstdMatchBase[matchCode-32] + read(zstdMatchBits[matchCode-32])
		}
		literal := literalCode
		if literalCode >= 16 {
			literal = zstdLiteralBase[literalCode-16] + read(zstdLiteralBits[literalCode-16])
		}
		offset := zstdOffset(value, literal, offsets)
		if err != nil || literal > len(literals) || offset < 1 {
			return nil, errZstdBlock
		}
		out, literals = append(out, literals[:literal]...), literals[literal:]
		if offset > len(out) || offset > window {
			return nil, errZstdBlock
		}
		for range match {
			out = append(out, out[len(out)-offset])
		}
	}
	out = append(out, literals...)
	if len(bits) != 0 || len(out)-start > zstdMaxBlock {
		return nil, errZstdBlock
	}
	return out, nil
}

// zstdLiterals reads a literals section that is raw or one run.
func zstdLiterals(b []byte) (literals, rest []byte, err error) {
	if len(b) < 3 {
		return nil, nil, errZstdBlock
	}
	kind, head, size := b[0]&3, 1, int(b[0]>>3)
	switch b[0] >> 2 & 3 {
	case 1:
		head, size = 2, int(binary.LittleEndian.Uint16(b)>>4)
	case 3:
		head, size = 3, int(b[0])>>4|int(b[1])<<4|int(b[2])<<12
	}
	b = b[head:]
	switch {
	case kind > 1:
		return nil, nil, ErrBeyond
	case size > zstdMaxBlock, kind == 0 && len(b) < size, kind == 1 && len(b) < 1:
		return nil, nil, errZstdBlock
	case kind == 1:
		return bytes.Repeat(b[:1], size), b[1:], nil
	}
	return b[:size], b[size:], nil
}

// zstdBits gives the bits of a backward bit stream in the order in which they are read.
func zstdBits(b []byte) ([]byte, error) {
	if b[len(b)-1] == 0 {
		return nil, errZstdBlock
	}
	var out []byte
	for i := len(b) - 1; i >= 0; i-- {
		for n := 7; n >= 0; n-- {
			out = append(out, b[i]>>n&1)
		}
	}
	return out[bytes.IndexByte(out, 1)+1:], nil
}

// zstdOffset gives the offset that a value stands for and moves the repeated ones.
func zstdOffset(value, literal int, repeated *[3]int) int {
	if value > 3 {
		*repeated = [3]int{value - 3, repeated[0], repeated[1]}
		return value - 3
	}
	i := value - 1
	if literal == 0 {
		i++
	}
	offset := 0
	if i < 3 {
		offset = repeated[i]
	} else {
		offset = repeated[0] - 1
	}
	switch i {
	case 0:
	case 1:
		repeated[0], repeated[1] = offset, repeated[0]
	default:
		*repeated = [3]int{offset, repeated[0], repeated[1]}
	}
	return offset
}
