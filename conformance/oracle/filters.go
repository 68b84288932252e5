package oracle

import (
	"errors"
	"hash/crc32"
)

// The ids of the filters of chapter 22.
const (
	FilterCrc32c byte = 'c' // req: TP-XFER-025
	FilterZstd   byte = 'z' // req: TP-XFER-030
	FilterAES    byte = 'a' // req: TP-XFER-044
	FilterChaCha byte = 'x' // req: TP-XFER-045
)

// Filter is a filter besides gzip. Undo gives no output longer than limit; it fails with [ErrLimit] where there would be.
type Filter struct {
	Do   func(b []byte) []byte
	Undo func(b []byte, limit int) ([]byte, error)
}

// Filters are what an endpoint offers besides gzip.
type Filters map[byte]Filter

// ErrLimit is what undoing a filter gives when its output would pass the limit.
var ErrLimit = errOver

// TestFilters are the filters of chapter 22 with its test keys, as the party with that sender id has them. The vectors
// are sealed by party [Sealer]; the party that they judge is [Judged]. The filter z writes raw blocks, and reads what
// [Unzstd] reads; a and x use one nonce for everything they seal, which is fit for tests alone.
func TestFilters(self uint32) Filters {
	return Filters{
		FilterCrc32c: {AppendCrc32c, UndoCrc32c},
		FilterZstd:   {ZstdRaw, Unzstd},
		FilterAES:    sealFilter(FilterAES, self),
		FilterChaCha: sealFilter(FilterChaCha, self),
	}
}

func (f Filters) knows(id byte) bool {
	_, ok := f[id]
	return ok || id == FilterGzip
}

func (f Filters) do(id byte, b []byte) []byte {
	if id == FilterGzip {
		return Gzip(b)
	}
	return f[id].Do(b)
}

func (f Filters) undo(id byte, b []byte, limit int) ([]byte, error) {
	if id == FilterGzip {
		return Gunzip(b, limit)
	}
	return f[id].Undo(b, limit)
}

// With gives the Proto for an endpoint that offers these filters and gzip, instead of gzip alone.
func (pr Proto) With(f Filters) Proto {
	pr.filters = f
	return pr
}

// Crc32c is the checksum of filter c.
func Crc32c(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// AppendCrc32c does filter c.
// req: TP-XFER-026
func AppendCrc32c(b []byte) []byte { return Cat(b, U32(Crc32c(b))) }

// UndoCrc32c undoes filter c.
func UndoCrc32c(b []byte, limit int) ([]byte, error) {
	if len(b) < 4 { // req: TP-XFER-027
		return nil, errors.New("there is no room for a checksum")
	}
	data, sum := b[:len(b)-4], b[len(b)-4:]
	if len(data) > limit { // req: TP-XFER-029
		return nil, errOver
	}
	if string(U32(Crc32c(data))) != string(sum) { // req: TP-XFER-028
		return nil, errors.New("the checksum is wrong")
	}
	return data, nil
}
