package xfer

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The parts of a Zstandard frame, RFC 8878 section 3.1.1. The frame is walked
// here before the library sees it, because the library takes several frames
// for one, skips skippable ones, and trusts the content size.
const (
	zstdMagic = 0xfd2fb528 // little-endian

	zstdSingleSegment = 1 << 5
	zstdReservedBit   = 1 << 3
	zstdChecksumFlag  = 1 << 2

	zstdChecksumLen    = 4
	zstdBlockHeaderLen = 3

	blockRaw        = 0
	blockRLE        = 1
	blockCompressed = 2

	// maxZstdWindow is the largest window that a frame may ask for.
	maxZstdWindow = 8 << 20 // req: TP-XFER-037
	minZstdWindow = 1 << 10
	maxZstdBlock  = 128 << 10
)

// zstdFrame is what a frame says of itself.
type zstdFrame struct {
	window    uint64
	content   uint64 // Frame_Content_Size, where known is set
	known     bool
	least     uint64 // bytes of content that are certain: raw and RLE blocks
	most      uint64 // bytes that the blocks can hold at all
	headerLen int
}

// walkZstd checks that b is one frame and nothing else, and that the frame
// keeps the rules of spec section 22.3 as far as they show without decoding.
//
// req: TP-XFER-034, TP-XFER-038, TP-XFER-039
func walkZstd(b []byte, max int) (f zstdFrame, err error) {
	if err := f.header(b); err != nil {
		return f, err
	}
	if f.known && f.content > uint64(max) { // req: TP-XFER-040
		return f, exceeds(max)
	}
	if f.window > maxZstdWindow {
		return f, fmt.Errorf("zstd: the frame needs a window of %d bytes, at most %d are allowed", f.window, maxZstdWindow)
	}
	if err := f.blocks(b); err != nil {
		return f, err
	}
	switch {
	case f.known && (f.content < f.least || f.content > f.most): // req: TP-XFER-041, TP-XFER-042
		return f, fmt.Errorf("zstd: the content size says %d bytes, the blocks hold %d to %d", f.content, f.least, f.most)
	case f.least > uint64(max):
		return f, exceeds(max)
	}
	return f, nil
}

// header reads the frame header.
//
// req: TP-XFER-035, TP-XFER-036
func (f *zstdFrame) header(b []byte) error {
	cut := func() error { return fmt.Errorf("zstd: the frame header is cut short after %d bytes", len(b)) }
	if len(b) < 4 {
		return cut()
	}
	if binary.LittleEndian.Uint32(b) != zstdMagic {
		return errors.New("zstd: the data does not begin with 28 b5 2f fd")
	}
	if len(b) < 5 {
		return cut()
	}
	flags, n := b[4], 5
	single := flags&zstdSingleSegment != 0
	windowLen, dictLen := 1, []int{0, 1, 2, 4}[flags&3]
	if single {
		windowLen = 0
	}
	sizeLen := []int{0, 2, 4, 8}[flags>>6]
	if sizeLen == 0 && single {
		sizeLen = 1
	}
	switch {
	case flags&zstdReservedBit != 0:
		return fmt.Errorf("zstd: a reserved bit is set in the frame header descriptor %#02x", flags)
	case flags&zstdChecksumFlag == 0:
		return errors.New("zstd: the frame has no content checksum: its sender must turn it on")
	case len(b) < n+windowLen+dictLen+sizeLen:
		return cut()
	}
	if !single {
		exp, mantissa := uint(b[n]>>3), uint64(b[n]&7)
		base := uint64(1) << (10 + exp)
		f.window = base + base/8*mantissa
	}
	n += windowLen
	if dict := littleEndian(b[n : n+dictLen]); dict != 0 {
		return fmt.Errorf("zstd: the frame needs dictionary %d, there are none", dict)
	}
	n += dictLen
	if f.known = sizeLen > 0; f.known {
		f.content = littleEndian(b[n : n+sizeLen])
		if sizeLen == 2 {
			f.content += 256
		}
	}
	if single {
		f.window = f.content
	}
	f.headerLen = n + sizeLen
	return nil
}

// largest gives Block_Maximum_Size: no block has, or gives, more bytes.
func (f *zstdFrame) largest() uint64 { return min(max(f.window, minZstdWindow), maxZstdBlock) }

// blocks walks from block to block to the end of the frame.
func (f *zstdFrame) blocks(b []byte) error {
	largest := f.largest()
	for n := f.headerLen; ; {
		if len(b)-n < zstdBlockHeaderLen {
			return fmt.Errorf("zstd: the frame is cut short after %d bytes, inside a block header", len(b))
		}
		head := littleEndian(b[n : n+zstdBlockHeaderLen])
		n += zstdBlockHeaderLen
		last, kind, size := head&1 != 0, head>>1&3, head>>3
		if size > largest {
			return fmt.Errorf("zstd: a block of %d bytes, the frame allows %d", size, largest)
		}
		stored := int(size)
		switch kind {
		case blockRaw:
			f.least, f.most = f.least+size, f.most+size
		case blockRLE:
			f.least, f.most = f.least+size, f.most+size
			stored = 1
		case blockCompressed:
			f.most += largest
		default:
			return errors.New("zstd: a block of the reserved type")
		}
		if len(b)-n < stored {
			return fmt.Errorf("zstd: the frame is cut short after %d bytes, inside a block", len(b))
		}
		n += stored
		if !last {
			continue
		}
		switch left := len(b) - n - zstdChecksumLen; {
		case left < 0:
			return errors.New("zstd: the content checksum is cut short")
		case left > 0:
			return fmt.Errorf("zstd: %d bytes after the end of the frame", left)
		}
		return nil
	}
}

// littleEndian reads a number of up to eight bytes.
func littleEndian(b []byte) (v uint64) {
	for i, c := range b {
		v |= uint64(c) << (8 * i)
	}
	return v
}
