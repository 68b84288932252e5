package xfer

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// compress/gzip cannot tell a member cut after a sync flush from any other
// cut, and takes several members for one. So the member is parsed here and
// only the deflate stream is left to compress/flate.

// Flags of the member header, RFC 1952 section 2.3.1.
const (
	flagHCRC    = 1 << 1
	flagExtra   = 1 << 2
	flagName    = 1 << 3
	flagComment = 1 << 4
	flagsUnused = 0xe0

	gzipHeaderLen  = 10
	gzipTrailerLen = 8
)

// inflater is a decompressor and the reader that it pulls from.
type inflater struct {
	src deflateReader
	z   io.ReadCloser // also a flate.Resetter
}

var inflaters = sync.Pool{New: func() any {
	f := new(inflater)
	f.z = flate.NewReader(&f.src)
	return f
}}

// appendGunzip appends the content of the one member in src to dst.
//
// req: TP-XFER-014, TP-XFER-015, TP-XFER-016, TP-XFER-017, TP-XFER-018
func appendGunzip(dst, src []byte, max int) ([]byte, error) {
	head, err := gzipHeader(src)
	if err != nil {
		return dst, err
	}
	f := inflaters.Get().(*inflater)
	defer func() {
		f.src = deflateReader{}
		inflaters.Put(f)
	}()
	f.src = deflateReader{b: src[head:]}
	if err := f.z.(flate.Resetter).Reset(&f.src, nil); err != nil {
		return dst, err
	}
	start := len(dst)
	out, err := readLimit(dst, f.z, len(src), max)
	switch {
	case errors.Is(err, ErrExceedLimit):
		return dst, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		if f.src.afterSyncFlush() {
			return out, nil
		}
		return dst, fmt.Errorf("gzip: the deflate data is cut short after %d bytes of the member", len(src))
	case err != nil:
		return dst, fmt.Errorf("gzip: byte %d of the member: %w", head+f.src.off, err)
	}
	return checkTrailer(dst, out, start, src[head+f.src.off:])
}

// checkTrailer compares CRC-32 and ISIZE with what was decompressed.
func checkTrailer(dst, out []byte, start int, trailer []byte) ([]byte, error) {
	if len(trailer) < gzipTrailerLen {
		return dst, fmt.Errorf("gzip: the trailer is cut short: %d of %d bytes", len(trailer), gzipTrailerLen)
	}
	content := out[start:]
	if got, want := crc32.ChecksumIEEE(content), binary.LittleEndian.Uint32(trailer); got != want {
		return dst, fmt.Errorf("gzip: CRC-32 of the content is %08x, the trailer says %08x", got, want)
	}
	if got, want := uint32(len(content)), binary.LittleEndian.Uint32(trailer[4:]); got != want {
		return dst, fmt.Errorf("gzip: the content has %d bytes, the trailer says %d", got, want)
	}
	if n := len(trailer) - gzipTrailerLen; n > 0 {
		return dst, fmt.Errorf("gzip: %d bytes after the end of the member", n)
	}
	return out, nil
}

// gzipHeader checks the member header at the start of b and gives its length.
//
// req: TP-XFER-019
func gzipHeader(b []byte) (int, error) {
	cut := func() (int, error) {
		return 0, fmt.Errorf("gzip: the header is cut short after %d bytes", len(b))
	}
	if len(b) > 0 && b[0] != 0x1f || len(b) > 1 && b[1] != 0x8b {
		return 0, errors.New("gzip: the data does not begin with 1f 8b")
	}
	if len(b) > 2 && b[2] != 8 {
		return 0, fmt.Errorf("gzip: method %d is not deflate (8)", b[2])
	}
	if len(b) > 3 && b[3]&flagsUnused != 0 {
		return 0, fmt.Errorf("gzip: reserved bits are set in the flags %#02x", b[3])
	}
	if len(b) < gzipHeaderLen {
		return cut()
	}
	flags, n := b[3], gzipHeaderLen
	if flags&flagExtra != 0 {
		if len(b)-n < 2 {
			return cut()
		}
		n += 2 + int(binary.LittleEndian.Uint16(b[n:]))
		if n > len(b) {
			return cut()
		}
	}
	for _, flag := range [...]byte{flagName, flagComment} {
		if flags&flag == 0 {
			continue
		}
		end := bytes.IndexByte(b[n:], 0)
		if end < 0 {
			return cut()
		}
		n += end + 1
	}
	if flags&flagHCRC != 0 {
		if len(b)-n < 2 {
			return cut()
		}
		got, want := uint16(crc32.ChecksumIEEE(b[:n])), binary.LittleEndian.Uint16(b[n:])
		if got != want {
			return 0, fmt.Errorf("gzip: CRC-16 of the header is %04x, the header says %04x", got, want)
		}
		n += 2
	}
	return n, nil
}

// firstRoom is the least room made for output, in bytes.
const firstRoom = 512

// readLimit appends all of r to dst. It takes memory only as output comes, and
// never for more than max bytes of it (plus one, to see that there are more).
//
// req: TP-XFER-007
func readLimit(dst []byte, r io.Reader, hint, max int) ([]byte, error) {
	start := len(dst)
	for {
		have := len(dst) - start
		if have > max {
			return dst, exceeds(max)
		}
		if len(dst) == cap(dst) {
			more := have
			if more < firstRoom {
				more = firstRoom
			}
			if have == 0 && more < hint {
				more = hint // the output is seldom smaller than the input
			}
			if room := max - have; room < more {
				more = room + 1
			}
			grown := make([]byte, len(dst), len(dst)+more)
			copy(grown, dst)
			dst = grown
		}
		room := dst[len(dst):cap(dst)]
		if left := max - have; left < len(room) {
			room = room[:left+1]
		}
		n, err := r.Read(room)
		dst = dst[:len(dst)+n]
		if err == nil {
			continue
		}
		if len(dst)-start > max {
			return dst, exceeds(max)
		}
		if err == io.EOF {
			return dst, nil
		}
		return dst, err
	}
}

// deflateReader hands compress/flate its input and follows the stored blocks
// in it. flate reads the bits of blocks with ReadByte, and with Read the
// length of a stored block (LEN and NLEN, four bytes) and then its content;
// so a sync flush, an empty stored block, shows as a length of zero.
type deflateReader struct {
	b      []byte
	off    int
	stored int  // content bytes of the stored block still to come
	flush  bool // the last bytes read were the length of an empty stored block
}

// ReadByte implements io.ByteReader; with it flate never reads too far.
func (r *deflateReader) ReadByte() (byte, error) {
	if r.off == len(r.b) {
		return 0, io.EOF
	}
	c := r.b[r.off]
	r.off++
	r.flush = false
	return c, nil
}

// Read implements io.Reader.
func (r *deflateReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.off == len(r.b) {
		return 0, io.EOF
	}
	n := copy(p, r.b[r.off:])
	at := r.b[r.off : r.off+n]
	r.off += n
	r.flush = false
	switch {
	case r.stored > 0:
		r.stored -= min(n, r.stored)
	case n == 4:
		r.stored = int(binary.LittleEndian.Uint16(at))
		r.flush = r.stored == 0 // flate compares LEN with NLEN
	}
	return n, nil
}

// afterSyncFlush tells whether the input is used up and its end was the end
// of a sync flush.
func (r *deflateReader) afterSyncFlush() bool { return r.flush && r.off == len(r.b) }
