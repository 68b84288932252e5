package xfer

import (
	"fmt"
	"math"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
)

// XferPipe is an ordered list of at most 255 filters, outer-most first. The
// zero value is an empty pipe. It is not safe for concurrent changes.
//
// A change that fails adds nothing, and the pipe remembers the first such
// failure (Err): a packet with that pipe is not sent, rather than sent with
// less than was asked for.
type XferPipe struct {
	filters []XferFilter
	err     error
}

// NewXferPipe makes an empty pipe.
func NewXferPipe() *XferPipe { return new(XferPipe) }

// Append adds filters of Default by id, inner-most last. An id may come more
// than once. The error is an *UnknownError or wraps ErrPipeTooLong.
func (x *XferPipe) Append(ids ...byte) error { return x.AppendFromRegistry(process, ids...) }

// AppendFromRegistry is Append with the filters of r.
//
// req: TP-XFER-004, TP-XFER-005
func (x *XferPipe) AppendFromRegistry(r *Registry, ids ...byte) error {
	if err := x.room(len(ids)); err != nil {
		return err
	}
	n := len(x.filters)
	for _, id := range ids {
		f, err := r.Get(id)
		if err != nil {
			clear(x.filters[n:])
			x.filters = x.filters[:n]
			return x.fail(err)
		}
		x.filters = append(x.filters, f)
	}
	return nil
}

// AppendFilter adds filters that need not be registered where it is called;
// the receiver must know their ids.
func (x *XferPipe) AppendFilter(f ...XferFilter) error {
	if err := x.room(len(f)); err != nil {
		return err
	}
	for _, f := range f {
		if f == nil {
			return x.fail(fmt.Errorf("xfer: %w: a filter of the pipe", ErrNil))
		}
	}
	x.filters = append(x.filters, f...)
	return nil
}

// AppendFrom adds the filters of src, and its failure where it has one.
func (x *XferPipe) AppendFrom(src *XferPipe) {
	if src == nil {
		return
	}
	if src.err != nil {
		x.fail(src.err)
	}
	if x.room(len(src.filters)) == nil {
		x.filters = append(x.filters, src.filters...)
	}
}

func (x *XferPipe) room(n int) error {
	if n > MaxFilters-len(x.filters) {
		return x.fail(fmt.Errorf("%w: it has %d and %d more were asked for", ErrPipeTooLong, len(x.filters), n))
	}
	return nil
}

func (x *XferPipe) fail(err error) error {
	if x.err == nil {
		x.err = err
	}
	return err
}

// Err gives the first failure of a change since the last Reset, nil if there
// was none.
func (x *XferPipe) Err() error { return x.err }

// Len gives the number of filters.
func (x *XferPipe) Len() int { return len(x.filters) }

// Ids gives the filter ids, outer-most first, in memory of their own.
func (x *XferPipe) Ids() []byte { return x.AppendIds(make([]byte, 0, len(x.filters))) }

// AppendIds appends the filter ids, outer-most first, to dst.
//
// req: TP-XFER-001
func (x *XferPipe) AppendIds(dst []byte) []byte {
	for _, f := range x.filters {
		dst = append(dst, f.Id())
	}
	return dst
}

// Range calls fn for the filters, outer-most first, until it returns false.
func (x *XferPipe) Range(fn func(idx int, f XferFilter) bool) {
	for i, f := range x.filters {
		if !fn(i, f) {
			return
		}
	}
}

// Reset makes the pipe empty and forgets its failure. It keeps the list's
// memory.
func (x *XferPipe) Reset() {
	clear(x.filters)
	x.filters = x.filters[:0]
	x.err = nil
}

// OnPack applies the filters, last to first. An empty pipe gives src itself.
// Errors are *FilterError, or Err.
func (x *XferPipe) OnPack(src []byte) ([]byte, error) {
	if x.err == nil && len(x.filters) == 0 {
		return src, nil
	}
	return x.AppendPack(nil, src)
}

// OnUnpack undoes the filters, first to last, without a limit: use it on
// trusted input only. An empty pipe gives src itself. Errors are *FilterError.
func (x *XferPipe) OnUnpack(src []byte) ([]byte, error) {
	return x.OnUnpackLimit(src, math.MaxInt)
}

// OnUnpackLimit undoes the filters, first to last. No filter may give more
// than max bytes: the *FilterError then wraps ErrExceedLimit. An empty pipe
// gives src itself, whatever max.
func (x *XferPipe) OnUnpackLimit(src []byte, max int) ([]byte, error) {
	if x.err == nil && len(x.filters) == 0 {
		return src, nil
	}
	return x.AppendUnpack(nil, src, max)
}

// AppendPack appends OnPack(src) to dst, which must not overlap src. On an
// error it returns dst as it was.
//
// req: TP-XFER-002
func (x *XferPipe) AppendPack(dst, src []byte) ([]byte, error) {
	return x.run(dst, src, math.MaxInt, true)
}

// AppendUnpack appends OnUnpackLimit(src, max) to dst, which must not overlap
// src; max counts the appended bytes alone. On an error it returns dst as it
// was.
//
// req: TP-XFER-003, TP-XFER-009
func (x *XferPipe) AppendUnpack(dst, src []byte, max int) ([]byte, error) {
	return x.run(dst, src, max, false)
}

func (x *XferPipe) run(dst, src []byte, max int, pack bool) ([]byte, error) {
	if x.err != nil {
		return dst, x.err
	}
	var (
		n     = len(x.filters)
		cur   = src
		using = -1 // the scratch buffer that cur may lie in
		lent  [2]*bufpool.Buffer
	)
	defer func() { bufpool.Put(lent[0]); bufpool.Put(lent[1]) }()
	for k := range n {
		i := k
		if pack {
			i = n - 1 - k
		}
		f := x.filters[i]
		a, canAppend := f.(Appender)
		if !canAppend {
			// The result may be cur itself, so using stays as it is.
			out, err := onto(f, cur, max, pack)
			if err != nil {
				return dst, &FilterError{Index: i, Id: f.Id(), Err: err}
			}
			cur = out
			continue
		}
		to := dst
		if k < n-1 {
			using = (using + 1) & 1
			if lent[using] == nil {
				lent[using] = bufpool.Get(len(cur))
			}
			to = lent[using].B[:0]
		}
		out, err := appendTo(a, to, cur, max, pack)
		if err != nil {
			return dst, &FilterError{Index: i, Id: f.Id(), Err: err}
		}
		if k == n-1 {
			return out, nil
		}
		lent[using].B = out
		cur = out
	}
	return append(dst, cur...), nil
}

// onto runs a filter that brings its own memory.
func onto(f XferFilter, src []byte, max int, pack bool) (out []byte, err error) {
	if pack {
		return f.OnPack(src)
	}
	if b, ok := f.(Bounded); ok {
		out, err = b.OnUnpackLimit(src, max)
	} else {
		out, err = f.OnUnpack(src)
	}
	if err == nil && len(out) > max {
		return nil, exceeds(max)
	}
	return out, err
}

func appendTo(a Appender, dst, src []byte, max int, pack bool) (out []byte, err error) {
	if pack {
		return a.AppendPack(dst, src)
	}
	out, err = a.AppendUnpack(dst, src, max)
	if err == nil && len(out)-len(dst) > max {
		return nil, exceeds(max)
	}
	return out, err
}

func exceeds(max int) error {
	return fmt.Errorf("%w of %d bytes", ErrExceedLimit, max)
}
