package xfer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// Crc32cId is the id of the checksum filter, 'c'.
const Crc32cId byte = 'c' // req: TP-XFER-025

// checksumLen is the number of bytes that the checksum adds.
const checksumLen = 4

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)

	// errChecksum has no numbers: what comes in may be an attacker's guess.
	errChecksum = errors.New("crc32c: the checksum does not match the data: they were changed on their way")
)

// checksum appends the CRC-32C of the data (spec section 22.2).
type checksum struct{ id byte }

// NewCrc32c makes a checksum filter with an id. Default holds one with id 'c'.
//
// It appends the CRC-32C (Castagnoli) of the data, four bytes, big-endian, and
// refuses data whose checksum is wrong or missing. It finds accidents; whoever
// changes data on purpose can make the checksum fit. The filter implements
// Bounded and Appender.
func NewCrc32c(id byte) (XferFilter, error) {
	if id == 0 {
		return nil, &RegisterError{Id: id, Err: ErrZeroId}
	}
	return checksum{id: id}, nil
}

// Id gives the filter's id.
func (c checksum) Id() byte { return c.id }

// OnPack gives src and its checksum.
func (c checksum) OnPack(src []byte) ([]byte, error) {
	return c.AppendPack(make([]byte, 0, len(src)+checksumLen), src)
}

// OnUnpack gives the data in front of the checksum, a part of src.
func (c checksum) OnUnpack(src []byte) ([]byte, error) { return c.OnUnpackLimit(src, math.MaxInt) }

// OnUnpackLimit is OnUnpack under a limit.
//
// req: TP-XFER-027, TP-XFER-028, TP-XFER-029
func (c checksum) OnUnpackLimit(src []byte, max int) ([]byte, error) {
	n := len(src) - checksumLen
	switch {
	case n < 0:
		return nil, fmt.Errorf("crc32c: %d bytes, no fewer than %d carry a checksum", len(src), checksumLen)
	case n > max:
		return nil, exceeds(max)
	case crc32.Checksum(src[:n], castagnoli) != binary.BigEndian.Uint32(src[n:]):
		return nil, errChecksum
	}
	return src[:n:n], nil
}

// AppendPack appends src and its checksum to dst.
//
// req: TP-XFER-026
func (c checksum) AppendPack(dst, src []byte) ([]byte, error) {
	dst = append(dst, src...)
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(src, castagnoli)), nil
}

// AppendUnpack appends the data in front of the checksum to dst.
func (c checksum) AppendUnpack(dst, src []byte, max int) ([]byte, error) {
	data, err := c.OnUnpackLimit(src, max)
	return append(dst, data...), err
}
