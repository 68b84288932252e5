package oracle

import (
	"encoding/binary"
	"hash/crc32"
)

// The functions of this file build gzip members byte by byte, so that the bytes never depend on a compressor's version.

// GzipHeader is the header of a member: flags, then the optional fields in the order of RFC 1952, each already in its
// form on the wire (see [GzipExtra], [GzipString]).
func GzipHeader(flags byte, fields ...[]byte) []byte {
	return Cat([]byte{0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 0xff}, Cat(fields...))
}

// GzipExtra is the field of FEXTRA.
func GzipExtra(data []byte) []byte {
	return Cat(binary.LittleEndian.AppendUint16(nil, uint16(len(data))), data)
}

// GzipString is the field of FNAME or FCOMMENT.
func GzipString(s string) []byte { return append([]byte(s), 0) }

// GzipHeaderCRC is the field of FHCRC over the header before it.
func GzipHeaderCRC(before []byte) []byte {
	return binary.LittleEndian.AppendUint16(nil, uint16(crc32.ChecksumIEEE(before)))
}

// StoredBlock is a stored block of at most 65,535 bytes that begins at a byte boundary.
func StoredBlock(final bool, data []byte) []byte {
	head := []byte{0}
	if final {
		head[0] = 1
	}
	head = binary.LittleEndian.AppendUint16(head, uint16(len(data)))
	head = binary.LittleEndian.AppendUint16(head, ^uint16(len(data)))
	return Cat(head, data)
}

// SyncMark is what a sync flush at a byte boundary writes: an empty stored block that is not final.
func SyncMark() []byte { return StoredBlock(false, nil) }

// GzipTrailer is CRC-32 and ISIZE of plain.
func GzipTrailer(plain []byte) []byte {
	return RawTrailer(crc32.ChecksumIEEE(plain), uint32(len(plain)))
}

// RawTrailer is a trailer with these numbers, true or not.
func RawTrailer(crc, isize uint32) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, crc), isize)
}

// StoredBlocks is plain in stored blocks; the last one is final when final is true.
func StoredBlocks(plain []byte, final bool) []byte {
	var out []byte
	for len(plain) > 0xffff {
		out = append(out, StoredBlock(false, plain[:0xffff])...)
		plain = plain[0xffff:]
	}
	return append(out, StoredBlock(final, plain)...)
}

// Gzip is a complete member of stored blocks.
// req: TP-XFER-013
func Gzip(plain []byte) []byte {
	return Cat(GzipHeader(0), StoredBlocks(plain, true), GzipTrailer(plain))
}

// GzipSync is a member that ends with a sync flush, as the original sends it: no final block, no trailer.
func GzipSync(plain []byte) []byte {
	return Cat(GzipHeader(0), StoredBlocks(plain, false), SyncMark())
}

// GzipFixed is a complete member of one fixed-Huffman block of literals.
func GzipFixed(plain []byte) []byte {
	var w BitWriter
	w.FixedBlock(true)
	for _, c := range plain {
		w.Literal(c)
	}
	w.EndOfBlock()
	return Cat(GzipHeader(0), w.Bytes(), GzipTrailer(plain))
}

// GzipRun is a complete member whose output is n times the byte c: thirteen bits a 258 bytes of output.
func GzipRun(c byte, n int) []byte {
	var w BitWriter
	w.FixedBlock(true)
	left := n
	if left > 0 {
		w.Literal(c)
		left--
	}
	for ; left >= 258; left -= 258 {
		w.Repeat258()
	}
	for ; left > 0; left-- {
		w.Literal(c)
	}
	w.EndOfBlock()
	plain := make([]byte, n)
	for i := range plain {
		plain[i] = c
	}
	return Cat(GzipHeader(0), w.Bytes(), GzipTrailer(plain))
}

// BitWriter writes deflate blocks bit by bit.
type BitWriter struct {
	out []byte
	n   uint // bits in the last byte of out; 0 when it is full
}

// Bits writes the low n bits of v, the lowest first: the order of everything but Huffman codes.
func (w *BitWriter) Bits(v uint32, n int) {
	for ; n > 0; n-- {
		if w.n == 0 {
			w.out = append(w.out, 0)
		}
		w.out[len(w.out)-1] |= byte(v&1) << w.n
		w.n = (w.n + 1) % 8
		v >>= 1
	}
}

// Code writes a Huffman code of n bits, the highest first.
func (w *BitWriter) Code(v uint32, n int) {
	for n--; n >= 0; n-- {
		w.Bits(v>>n&1, 1)
	}
}

// FixedBlock begins a block of fixed Huffman codes.
func (w *BitWriter) FixedBlock(final bool) {
	bit := uint32(0)
	if final {
		bit = 1
	}
	w.Bits(bit, 1)
	w.Bits(1, 2)
}

// Literal writes one byte in a fixed block.
func (w *BitWriter) Literal(c byte) {
	if c < 144 {
		w.Code(0x30+uint32(c), 8)
	} else {
		w.Code(0x190+uint32(c)-144, 9)
	}
}

// Repeat258 writes, in a fixed block, the last byte of output 258 times more.
func (w *BitWriter) Repeat258() {
	w.Code(0xc5, 8) // length code 285
	w.Code(0, 5)    // distance code 0: one byte back
}

// EndOfBlock ends a fixed block.
func (w *BitWriter) EndOfBlock() { w.Code(0, 7) }

// Sync flushes: the three bits of an empty stored block, the rest of the byte, its two lengths.
func (w *BitWriter) Sync() {
	w.Bits(0, 3)
	w.n = 0
	w.out = append(w.out, 0, 0, 0xff, 0xff)
}

// Bytes gives what was written, the last byte filled up with zero bits.
func (w *BitWriter) Bytes() []byte { return w.out }
