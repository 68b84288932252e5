package socket

import (
	"context"
	"errors"
	"fmt"
)

// ErrWriteClosed says that CloseWrite was called: the connection takes no more
// packets, though it may still be read. The packet was not accepted, nothing of
// it leaves. It wraps ErrConnClosed.
var ErrWriteClosed = fmt.Errorf("closed for writing: %w", ErrConnClosed)

// CloseWrite ends the sending half: it takes no more packets, waits until what
// was accepted is with the kernel, and then tells the other side that nothing
// more comes. Reading goes on. Where the connection cannot be closed by half it
// returns an error that wraps errors.ErrUnsupported, and all but the telling is
// done. The other errors are those of Flush and of the net.Conn. It may be
// called more than once and at any time.
func (c *Conn) CloseWrite(ctx context.Context) error {
	if ctx == nil {
		ctx = context.Background()
	}
	packed := c.w.seal()
	select {
	case <-packed:
	case <-ctx.Done():
		return fmt.Errorf("socket: a packet is still being encoded: %w", ctx.Err())
	}
	if err := c.w.waitFlushed(ctx); err != nil {
		return err
	}
	half, ok := c.w.nc.(interface{ CloseWrite() error })
	if !ok {
		return fmt.Errorf("socket: a %T cannot close its sending half: %w", c.w.nc, errors.ErrUnsupported)
	}
	return half.CloseWrite()
}

// seal refuses packets from now on, those too that wait for room. The channel is
// closed when no plain Proto packs any more.
func (w *writer) seal() (packed <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealed = true
	w.sendAwayLocked()
	r := w.more()
	if r.packed == nil {
		r.packed = make(chan struct{})
		if r.packing == 0 {
			close(r.packed)
		}
	}
	return r.packed
}

// refusalLocked says why no packet is taken; nil where one is.
func (w *writer) refusalLocked() error {
	if w.err == nil && w.sealed {
		return ErrWriteClosed
	}
	return w.err
}
