package oracle

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
)

// The flags of a gzip header (RFC 1952, 2.3.1).
const (
	FlagText    = 1 << 0
	FlagHCRC    = 1 << 1
	FlagExtra   = 1 << 2
	FlagName    = 1 << 3
	FlagComment = 1 << 4
)

// Gunzip undoes the gzip filter: b is one member and nothing else. No output is longer than limit bytes.
// req: TP-XFER-012
func Gunzip(b []byte, limit int) ([]byte, error) {
	out, _, err := gunzip(b, limit)
	return out, err
}

// Finished tells whether b is one complete member, as a sender must write it, and not one that ends with a sync flush.
// req: TP-XFER-013
func Finished(b []byte) bool {
	_, end, err := gunzip(b, math.MaxInt)
	return err == nil && end == endFinal
}

func gunzip(b []byte, limit int) (out []byte, end int, err error) {
	data, err := skipGzipHeader(b)
	if err != nil {
		return nil, 0, err
	}
	out, used, end, err := inflate(data, limit)
	if err != nil { // req: TP-XFER-007, TP-XFER-016
		return nil, 0, err
	}
	if end == endSync { // req: TP-XFER-015
		return out, end, nil
	}
	trailer := data[used:]
	if len(trailer) < 8 { // req: TP-XFER-016
		return nil, 0, errors.New("the gzip trailer is cut")
	}
	if binary.LittleEndian.Uint32(trailer) != crc32.ChecksumIEEE(out) { // req: TP-XFER-017
		return nil, 0, errors.New("the CRC-32 is wrong")
	}
	if binary.LittleEndian.Uint32(trailer[4:]) != uint32(len(out)) { // req: TP-XFER-017
		return nil, 0, errors.New("ISIZE is wrong")
	}
	if len(trailer) > 8 { // req: TP-XFER-018
		return nil, 0, errors.New("bytes follow the gzip member")
	}
	return out, end, nil // req: TP-XFER-014
}

// skipGzipHeader gives what follows the header.
// req: TP-XFER-019
func skipGzipHeader(b []byte) ([]byte, error) {
	cut := errors.New("the gzip header is cut") // req: TP-XFER-016
	if len(b) < 10 {
		return nil, cut
	}
	flags := b[3]
	switch {
	case b[0] != 0x1f || b[1] != 0x8b:
		return nil, errors.New("no gzip magic")
	case b[2] != 8:
		return nil, errors.New("the method is not deflate")
	case flags&0xe0 != 0:
		return nil, errors.New("a reserved flag is set")
	}
	at := 10
	if flags&FlagExtra != 0 {
		if len(b) < at+2 {
			return nil, cut
		}
		at += 2 + int(binary.LittleEndian.Uint16(b[at:]))
	}
	for _, flag := range []byte{FlagName, FlagComment} { // each ends with a zero byte
		if flags&flag == 0 {
			continue
		}
		for at < len(b) && b[at] != 0 {
			at++
		}
		at++
	}
	if at > len(b) {
		return nil, cut
	}
	if flags&FlagHCRC != 0 {
		if len(b) < at+2 {
			return nil, cut
		}
		if binary.LittleEndian.Uint16(b[at:]) != uint16(crc32.ChecksumIEEE(b[:at])) {
			return nil, errors.New("the header's CRC is wrong")
		}
		at += 2
	}
	return b[at:], nil
}
