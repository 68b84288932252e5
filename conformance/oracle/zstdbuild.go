package oracle

import (
	"encoding/binary"
	"math/big"
)

// The functions of this file build Zstandard frames byte by byte, right or wrong, as those of gzip do for members.

// ZstdMagic begins a frame.
func ZstdMagic() []byte { return []byte{0x28, 0xb5, 0x2f, 0xfd} }

// The bits of a frame header descriptor (RFC 8878, 3.1.1.1.1). The content size field has 0 bytes (1 in a single segment)
// without a size flag, else as many as the flag says.
const (
	ZstdChecksum = 1 << 2
	ZstdReserved = 1 << 3
	ZstdUnused   = 1 << 4
	ZstdSingle   = 1 << 5
	ZstdSize2    = 1 << 6
	ZstdSize4    = 2 << 6
	ZstdSize8    = 3 << 6
)

// ZstdHeader is a frame header: the descriptor, then window descriptor, dictionary id and content size as they are given.
func ZstdHeader(descriptor byte, fields ...byte) []byte {
	return Cat(ZstdMagic(), U8(descriptor), fields)
}

// ZstdSingleHeader is the header of a single segment with a checksum, its content size in the shortest form.
func ZstdSingleHeader(size int) []byte {
	switch {
	case size < 256:
		return ZstdHeader(ZstdSingle|ZstdChecksum, byte(size))
	case size < 65536+256:
		return ZstdHeader(ZstdSingle|ZstdChecksum|ZstdSize2, binary.LittleEndian.AppendUint16(nil, uint16(size-256))...)
	}
	return ZstdHeader(ZstdSingle|ZstdChecksum|ZstdSize4, binary.LittleEndian.AppendUint32(nil, uint32(size))...)
}

// ZstdBlock is a block: its header, true or not, and content.
func ZstdBlock(last bool, kind byte, size int, content []byte) []byte {
	head := uint32(size)<<3 | uint32(kind)<<1
	if last {
		head |= 1
	}
	return Cat(binary.LittleEndian.AppendUint32(nil, head)[:3], content)
}

// ZstdRawBlock is a block of data that is not compressed.
func ZstdRawBlock(last bool, data []byte) []byte { return ZstdBlock(last, 0, len(data), data) }

// ZstdRunBlock is a block of n times the byte c.
func ZstdRunBlock(last bool, c byte, n int) []byte { return ZstdBlock(last, 1, n, U8(c)) }

// ZstdPackedBlock is a compressed block of these parts.
func ZstdPackedBlock(last bool, literals, sequences []byte) []byte {
	return ZstdBlock(last, 2, len(literals)+len(sequences), Cat(literals, sequences))
}

// ZstdRawLiterals is a literals section that is not compressed, of less than 4,096 bytes.
func ZstdRawLiterals(data []byte) []byte {
	return Cat(binary.LittleEndian.AppendUint16(nil, uint16(len(data)<<4|1<<2)), data)
}

// ZstdRunLiterals is a literals section of n times the byte c, n below 4,096.
func ZstdRunLiterals(c byte, n int) []byte {
	return Cat(binary.LittleEndian.AppendUint16(nil, uint16(n<<4|1<<2|1)), U8(c))
}

// ZstdNoSequences is a sequences section without sequences.
func ZstdNoSequences() []byte { return []byte{0} }

// ZstdExtra are the extra bits of a code.
type ZstdExtra struct{ Value, Bits uint }

// ZstdSequences is a sequences section whose three tables have one code each, for literal lengths, offsets and match
// lengths, so that the bit stream has nothing but extra bits: for each sequence those of the offset, of the match length
// and of the literal length.
func ZstdSequences(literal, offset, match byte, extras ...ZstdExtra) []byte {
	stream := big.NewInt(1) // read from its highest bit, which only marks the beginning
	for _, e := range extras {
		stream.Lsh(stream, e.Bits)
		stream.Or(stream, new(big.Int).SetUint64(uint64(e.Value)))
	}
	packed := stream.Bytes()
	for i, j := 0, len(packed)-1; i < j; i, j = i+1, j-1 { // little-endian
		packed[i], packed[j] = packed[j], packed[i]
	}
	return Cat([]byte{byte(len(extras) / 3), 0x54, literal, offset, match}, packed)
}

// ZstdSum is the checksum of a frame with that content.
func ZstdSum(content []byte) []byte {
	return binary.LittleEndian.AppendUint32(nil, uint32(XXH64(content)))
}

// ZstdRaw is a frame of raw blocks, a single segment.
// req: TP-XFER-031, TP-XFER-032, TP-XFER-033
func ZstdRaw(content []byte) []byte {
	out, rest := ZstdSingleHeader(len(content)), content
	for len(rest) > zstdMaxBlock {
		out = append(out, ZstdRawBlock(false, rest[:zstdMaxBlock])...)
		rest = rest[zstdMaxBlock:]
	}
	return Cat(out, ZstdRawBlock(true, rest), ZstdSum(content))
}
