package fuzz

import (
	"bytes"
	"errors"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Filters of users need have none of the methods that the filters of the standard offer beside the least. So a pipe is
// undone once more with its filters in disguise: the result must be the same.
type (
	// bare has the least methods, and knows no limit but one of its own: a Zstandard frame may hold 30,000 times its size.
	bare struct{ f xfer.XferFilter }
	// bounded knows the limit.
	bounded struct{ bare }
	// boundless appends, and passes over the limit that it is given.
	boundless struct{ bare }
)

const bareLimit = 1 << 20

// Id implements xfer.XferFilter.
func (b bare) Id() byte { return b.f.Id() }

// OnPack implements xfer.XferFilter.
func (b bare) OnPack(src []byte) ([]byte, error) { return b.f.OnPack(src) }

// OnUnpack implements xfer.XferFilter.
func (b bare) OnUnpack(src []byte) ([]byte, error) {
	return b.f.(xfer.Bounded).OnUnpackLimit(src, bareLimit)
}

// OnUnpackLimit implements xfer.Bounded.
func (b bounded) OnUnpackLimit(src []byte, max int) ([]byte, error) {
	return b.f.(xfer.Bounded).OnUnpackLimit(src, max)
}

// AppendPack implements xfer.Appender.
func (b boundless) AppendPack(dst, src []byte) ([]byte, error) {
	return b.f.(xfer.Appender).AppendPack(dst, src)
}

// AppendUnpack implements xfer.Appender.
func (b boundless) AppendUnpack(dst, src []byte, _ int) ([]byte, error) {
	return b.f.(xfer.Appender).AppendUnpack(dst, src, bareLimit)
}

// disguise gives the pipe with filter i disguised as the bits i and i+1 of how say.
func disguise(pipe *xfer.XferPipe, how int) *xfer.XferPipe {
	out := xfer.NewXferPipe()
	pipe.Range(func(i int, f xfer.XferFilter) bool {
		dress := []xfer.XferFilter{f, bare{f}, bounded{bare{f}}, boundless{bare{f}}}
		return out.AppendFilter(dress[how>>i&3]) == nil
	})
	return out
}

// disguised undoes src by the pipe and by the disguised one. A filter without a limit may meet a fault behind the limit,
// and then says so.
//
// req: TP-XFER-007
func disguised(t Reporter, pipe *xfer.XferPipe, how int, src []byte, limit int) {
	t.Helper()
	want, werr := pipe.OnUnpackLimit(src, limit)
	got, err := disguise(pipe, how).AppendUnpack([]byte("kept"), src, limit)
	var at, wat *xfer.FilterError
	if (err == nil) != (werr == nil) || !bytes.Equal(got, append([]byte("kept"), want...)) ||
		errors.As(err, &at) != errors.As(werr, &wat) || at != nil && (at.Index != wat.Index || at.Id != wat.Id) ||
		errors.Is(err, xfer.ErrExceedLimit) && !errors.Is(werr, xfer.ErrExceedLimit) {
		t.Fatalf("the pipe %q gives %q, %v, disguised (%d) it gives %q, %v\n%x", pipe.Ids(), want, werr, how, got, err, src)
	}
}
