package oracle

import (
	"bytes"
	"encoding/binary"
	"errors"
)

const (
	zstdMaxBlock  = 128 << 10
	zstdMaxWindow = 8 << 20
)

// zstdBlock is a block as its header shows it.
type zstdBlock struct {
	kind    byte
	size    int
	content []byte
}

// zstdHead is what a frame header says.
type zstdHead struct {
	window, size uint64
	sized        bool
}

// Unzstd undoes filter z. Of compressed blocks it knows raw and run-length literals, and sequences whose tables have one
// code each: enough to read what [ZstdPackedBlock] and the others of zstdbuild.go build. It has no Huffman and no FSE
// decoder, so it is a judge of frames and of built blocks, not of what a compressor writes; see [CheckZstd] for that.
func Unzstd(b []byte, limit int) ([]byte, error) {
	h, blocks, sum, err := walkZstd(b, limit)
	if err != nil {
		return nil, err
	}
	var out []byte
	offsets := [3]int{1, 4, 8}
	for _, blk := range blocks {
		switch blk.kind {
		case 0:
			out = append(out, blk.content...)
		case 1:
			out = append(out, bytes.Repeat(blk.content, blk.size)...)
		case 2:
			if out, err = unpackZstd(out, blk.content, int(max(h.window, 1024)), &offsets); err != nil {
				return nil, err
			}
		}
		if h.sized && uint64(len(out)) > h.size { // req: TP-XFER-041
			return nil, errors.New("the content is longer than the content size")
		}
		if len(out) > limit { // req: TP-XFER-007
			return nil, errOver
		}
	}
	if h.sized && uint64(len(out)) != h.size { // req: TP-XFER-041
		return nil, errors.New("the content is shorter than the content size")
	}
	if !bytes.Equal(ZstdSum(out), sum) { // req: TP-XFER-043
		return nil, errors.New("the checksum is wrong")
	}
	return out, nil
}

// CheckZstd checks what shows of a frame without undoing its blocks: everything that a sender owes but the content.
func CheckZstd(b []byte, limit int) error {
	_, _, _, err := walkZstd(b, limit)
	return err
}

// walkZstd reads a frame up to its blocks' contents.
// req: TP-XFER-034, TP-XFER-039
func walkZstd(b []byte, limit int) (h zstdHead, blocks []zstdBlock, sum []byte, err error) {
	cut := errors.New("the Zstandard frame is cut")
	if len(b) < 5 || !bytes.HasPrefix(b, ZstdMagic()) {
		return h, nil, nil, errors.New("no Zstandard frame")
	}
	d := b[4]
	if d&ZstdReserved != 0 { // req: TP-XFER-038
		return h, nil, nil, errors.New("the reserved bit is set")
	}
	if d&ZstdChecksum == 0 { // req: TP-XFER-035
		return h, nil, nil, errors.New("there is no content checksum")
	}
	rest := b[5:]
	take := func(n int) uint64 { // a little-endian number; cut short, the error stays
		if len(rest) < n {
			err, rest = cut, nil
			return 0
		}
		var v [8]byte
		copy(v[:], rest[:n])
		rest = rest[n:]
		return binary.LittleEndian.Uint64(v[:])
	}
	single := d&ZstdSingle != 0
	if !single {
		w := take(1)
		base := uint64(1) << (10 + w>>3)
		h.window = base + base/8*(w&7)
	}
	dictionary := take([]int{0, 1, 2, 4}[d&3])
	sizeBytes := []int{0, 2, 4, 8}[d>>6]
	if sizeBytes == 0 && single {
		sizeBytes = 1
	}
	h.sized, h.size = sizeBytes > 0, take(sizeBytes)
	if sizeBytes == 2 {
		h.size += 256
	}
	if single {
		h.window = h.size
	}
	switch {
	case err != nil:
		return h, nil, nil, err
	case dictionary != 0: // req: TP-XFER-036
		return h, nil, nil, errors.New("the frame needs a dictionary")
	case h.sized && h.size > uint64(limit): // req: TP-XFER-040
		return h, nil, nil, errOver
	case h.window > zstdMaxWindow: // req: TP-XFER-037
		return h, nil, nil, errors.New("the window is too large")
	}
	largest := min(max(h.window, 1024), zstdMaxBlock)
	var least, most uint64
	for last := false; !last; {
		head := take(3)
		if err != nil {
			return h, nil, nil, err
		}
		last = head&1 == 1
		blk := zstdBlock{kind: byte(head >> 1 & 3), size: int(head >> 3)}
		if blk.kind == 3 || uint64(blk.size) > largest { // req: TP-XFER-038
			return h, nil, nil, errors.New("a block of the reserved type, or too large a block")
		}
		stored := blk.size
		if blk.kind == 1 {
			stored = 1
		}
		if len(rest) < stored {
			return h, nil, nil, cut
		}
		blk.content, rest = rest[:stored], rest[stored:]
		if blk.kind == 2 {
			most += largest
		} else {
			least, most = least+uint64(blk.size), most+uint64(blk.size)
		}
		blocks = append(blocks, blk)
	}
	if len(rest) != 4 {
		return h, nil, nil, errors.New("the checksum is cut, or bytes follow the frame")
	}
	if h.sized && (h.size < least || h.size > most) { // req: TP-XFER-041, TP-XFER-042
		return h, nil, nil, errors.New("the blocks cannot hold as much as the content size says, or hold more")
	}
	return h, blocks, rest, nil
}
