package xfer

import (
	"compress/gzip"
	"fmt"
	"math"
	"sync"
)

// GzipId is the id of the gzip filter, 'g'.
const GzipId byte = 'g' // req: TP-XFER-012

// gzipFilter compresses with RFC 1952 (spec section 7.3).
type gzipFilter struct {
	id      byte
	level   int
	writers sync.Pool // *gzipWriter of this level
}

// gzipWriter is a compressor and the slice that it appends to.
type gzipWriter struct {
	dst []byte
	z   *gzip.Writer
}

func (w *gzipWriter) Write(b []byte) (int, error) {
	w.dst = append(w.dst, b...)
	return len(b), nil
}

// NewGzip makes a gzip filter with an id and a level of compress/gzip (-2 to
// 9; -1 is the library's choice, 0 stores). Default holds one with id 'g' and
// level 5. A reader undoes every level.
//
// It writes complete members. It reads a complete member, or one that ends
// exactly after a sync flush, which is what the original Teleport sends; every
// other truncation, a wrong checksum or length, and anything after the member
// are errors. The filter implements Bounded and Appender.
func NewGzip(id byte, level int) (XferFilter, error) {
	if id == 0 {
		return nil, &RegisterError{Id: id, Err: ErrZeroId}
	}
	if level < gzip.HuffmanOnly || level > gzip.BestCompression {
		return nil, fmt.Errorf("xfer: gzip level %d is not in -2..9", level)
	}
	return newGzip(id, level), nil
}

// newGzip needs arguments that NewGzip has checked.
func newGzip(id byte, level int) *gzipFilter { return &gzipFilter{id: id, level: level} }

// Id gives the filter's id.
func (g *gzipFilter) Id() byte { return g.id }

// OnPack compresses src into one complete member.
func (g *gzipFilter) OnPack(src []byte) ([]byte, error) { return g.AppendPack(nil, src) }

// OnUnpack is OnUnpackLimit without a limit.
func (g *gzipFilter) OnUnpack(src []byte) ([]byte, error) {
	return g.OnUnpackLimit(src, math.MaxInt)
}

// OnUnpackLimit undoes OnPack and stops when the output would exceed max
// bytes.
func (g *gzipFilter) OnUnpackLimit(src []byte, max int) ([]byte, error) {
	return g.AppendUnpack(nil, src, max)
}

// AppendPack appends one complete member to dst.
//
// req: TP-XFER-013, TP-XFER-010
func (g *gzipFilter) AppendPack(dst, src []byte) ([]byte, error) {
	w, ok := g.writers.Get().(*gzipWriter)
	if !ok {
		w = new(gzipWriter)
		z, err := gzip.NewWriterLevel(w, g.level)
		if err != nil {
			return dst, err
		}
		w.z = z
	}
	w.dst = dst
	w.z.Reset(w)
	_, err := w.z.Write(src)
	if err == nil {
		err = w.z.Close()
	}
	out := w.dst
	w.dst = nil
	g.writers.Put(w)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// AppendUnpack appends the content of the member in src to dst.
func (g *gzipFilter) AppendUnpack(dst, src []byte, max int) ([]byte, error) {
	return appendGunzip(dst, src, max)
}
