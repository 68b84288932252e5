package socket

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// DefaultMaxQueued is the number of bytes that may wait to be written where
// Options.MaxQueued is 0: 1 MiB.
const DefaultMaxQueued = 1 << 20

// Options are the settings of one connection. The zero value works: the
// process-wide registries and limits, no timeouts, DefaultMaxQueued.
type Options struct {
	// Env is set on every packet that is read or written; nil leaves the
	// process defaults.
	Env *packet.Env
	// WriteTimeout bounds each flush that has to wait for the kernel. When it
	// runs out the connection is ended for writing. 0: no bound.
	WriteTimeout time.Duration
	// ReadTimeout is the idle timeout: the longest time between two packets.
	// Where FrameTimeout is 0 it also bounds the time between two arrivals of
	// bytes inside a frame. 0: no bound.
	ReadTimeout time.Duration
	// FrameTimeout bounds the time in which a frame, once begun, must be
	// complete. 0: see ReadTimeout.
	FrameTimeout time.Duration
	// MaxQueued bounds the bytes that were accepted and not yet taken by the
	// kernel, once for WritePacket and once more for TryWritePacket, so that
	// the reader finds room while writers wait for theirs. A larger frame
	// passes alone. 0: DefaultMaxQueued.
	MaxQueued int
}

// Conn is one connection that carries packets. WritePacket, TryWritePacket,
// Flush, Close and the queries may be called by any number of goroutines at
// once; ReadPacket by one at a time, though not always the same.
type Conn struct {
	env    *packet.Env
	framer packet.Framer // nil: the plain path
	hint   atomic.Int32  // size of buffer that the next frame is likely to fill
	stops  bool          // see Interrupts
	rd     reader
	clock  readClock
	w      writer
	plain  *plainIO               // nil: the framer path
	parked atomic.Pointer[parked] // what waits in the reader's place, nil while nothing does
}

// NewConn makes a Conn of nc, which it owns from then on: close it through
// Close. A nil pf means DefaultProtoFunc. pf is called once; what it returns
// decides the path (see the package comment). NewConn starts no goroutine.
func NewConn(nc net.Conn, pf packet.ProtoFunc, o Options) *Conn {
	if pf == nil {
		pf = DefaultProtoFunc()
	}
	if o.MaxQueued <= 0 {
		o.MaxQueued = DefaultMaxQueued
	}
	c := &Conn{env: o.Env}
	c.clock.idle.Store(int64(o.ReadTimeout))
	c.clock.frame.Store(int64(o.FrameTimeout))
	c.w.nc, c.w.max = nc, o.MaxQueued
	c.w.timeout.Store(int64(o.WriteTimeout))
	c.w.message = int32(messageLimit(nc))
	c.w.try, c.rd.src = readinessOf(nc, o.Env, c.w.message > 0)
	proto := pf((*protoIO)(c))
	if f, ok := proto.(packet.Framer); ok {
		c.framer = f
		_, overTLS := nc.(*tls.Conn)
		c.stops = c.w.try != nil || overTLS
	} else {
		c.plainIO().proto = proto
	}
	return c
}

// ReadPacket reads the next packet into p, whose env it sets. It waits until a
// whole packet is there. One goroutine may be in ReadPacket at a time.
//
// A raw body of p may alias the connection's buffer until the next call of
// ReadPacket: call p.Bind or p.Detach before.
//
// At the end of the stream it returns io.EOF itself; an end inside a frame, and
// whatever is wrong with a frame, is a *packet.Error; everything else is a
// *ReadError, which wraps ErrConnClosed after Close. Any error but that of a
// body (stage "body") is final: later calls return it again.
func (c *Conn) ReadPacket(p *packet.Packet) error {
	if c.env != nil {
		p.SetEnv(c.env)
	}
	if c.framer != nil {
		return c.readFramed(p)
	}
	return c.readPlain(p)
}

// WaitPacket waits until the next ReadPacket has something to say: a packet, or
// why there is none, which is left for it. The error is ErrInterrupted, or nil.
// The rules of ReadPacket hold, and what was read so far stays. On the plain
// path, whose Proto reads for itself, it does not wait.
func (c *Conn) WaitPacket() error {
	if c.framer == nil {
		return nil
	}
	return c.waitFrame()
}

// Interrupts says whether Interrupt works: on the connections of package net and
// crypto/tls, and on those with Readiness. What a passed deadline does to others
// is not known.
func (c *Conn) Interrupts() bool { return c.stops }

// Interrupt makes a WaitPacket that waits now, or else a later one, return
// ErrInterrupted. Where Interrupts says no it does nothing.
func (c *Conn) Interrupt() {
	if c.stops {
		c.clock.interrupt(c.w.nc)
	}
}

// WritePacket encodes p, whose env and size it sets, and accepts it for
// writing. It waits for room in the queue as long as ctx lasts; a nil ctx lasts
// for ever. After it returns p is the caller's again. Acceptance is not
// delivery: see Flush, OnWriteError and Untouched.
//
// An encoding error is a *packet.Error and leaves the connection as it was.
// Else the error is a *WriteError, ErrConnClosed, or wraps that of ctx. The
// Ticket is zero where the packet was not accepted; Untouched(t) is right either
// way.
func (c *Conn) WritePacket(ctx context.Context, p *packet.Packet) (Ticket, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	if err := ctx.Err(); err != nil {
		return Ticket{}, fmt.Errorf("socket: the packet was not sent: %w", err)
	}
	return c.write(ctx, p, waitForRoom)
}

// HoldPacket is WritePacket for who writes several packets in a row: it does
// not flush, and does not wait, for room or for anything else. Where there is no
// room it returns ErrQueueFull and the packet is not accepted. Whoever holds
// packets owes the connection a Release; any other write releases them too.
func (c *Conn) HoldPacket(p *packet.Packet) (Ticket, error) {
	return c.write(context.Background(), p, holdBack)
}

// Release has flushed what HoldPacket left, without waiting for the other side.
func (c *Conn) Release() { c.w.release() }

// TryWritePacket is WritePacket for the reader: it never waits, neither for
// room nor for the wire. Where there is no room it returns ErrQueueFull and the
// packet is not accepted. The flush runs on a goroutine of the Conn.
func (c *Conn) TryWritePacket(p *packet.Packet) (Ticket, error) {
	return c.write(context.Background(), p, neverWait)
}

// Flush waits until everything that was accepted before the call is with the
// kernel. It returns a *WriteError when a part of it is lost, ErrConnClosed when
// Close came first, or the error of ctx.
func (c *Conn) Flush(ctx context.Context) error {
	if ctx == nil {
		ctx = context.Background()
	}
	return c.w.waitFlushed(ctx)
}

// Frames says whether the Proto is a Framer: the connection then owns its
// buffers, and any goroutine may go on with what another has read.
func (c *Conn) Frames() bool { return c.framer != nil }

// Buffered tells whether the next ReadPacket finds a whole packet without
// waiting. Only the goroutine that reads may ask. On the plain path it is always
// false.
func (c *Conn) Buffered() bool { return c.framer != nil && c.wholeFrame() }

// Untouched tells, after a write failed or the connection was closed, that no
// byte of the frame can have left, so that the packet may be sent again
// elsewhere. While the connection is healthy it is false. It is true for a zero
// Ticket: that packet was never accepted. A write that is still under way when
// Close is called counts as left until its outcome is known.
func (c *Conn) Untouched(t Ticket) bool { return c.w.untouched(t) }

// Unflushed gives how many frames, and how many bytes, were accepted and are not
// wholly with the kernel. After a failure it is what was lost.
func (c *Conn) Unflushed() (frames int, bytes int) { return c.w.unflushed() }

// Err gives what ended the connection for writing: nil while it is healthy, else
// the *WriteError of the first failed flush or ErrConnClosed, whichever came
// first.
func (c *Conn) Err() error { return c.w.failure() }

// OnWriteError has f called with the *WriteError when a flush fails: once, by
// the goroutine that flushed, with no lock held. If it has failed already f is
// called at once. f is not called for what Close interrupts. A later call of
// OnWriteError replaces an f that has not been called.
func (c *Conn) OnWriteError(f func(error)) { c.w.onError(f) }

// Close closes the net.Conn and wakes everybody who waits in ReadPacket,
// WritePacket or Flush. It does not flush: call Flush before where that
// matters. Only the first call does anything; it returns the net.Conn's error.
func (c *Conn) Close() error {
	if !c.w.close() {
		return nil
	}
	err := c.w.nc.Close()
	c.wakeParked()
	return err
}

// SetReadTimeout changes Options.ReadTimeout, also for a ReadPacket that waits
// now, and for a parked connection: the new timeout then counts from now.
func (c *Conn) SetReadTimeout(d time.Duration) {
	c.clock.setIdle(c.w.nc, d)
	c.retime()
}

// ReadTimeout gives the idle timeout, 0 for none.
func (c *Conn) ReadTimeout() time.Duration { return time.Duration(c.clock.idle.Load()) }

// SetFrameTimeout changes Options.FrameTimeout from the next frame on.
func (c *Conn) SetFrameTimeout(d time.Duration) { c.clock.frame.Store(int64(d)) }

// SetWriteTimeout changes Options.WriteTimeout from the next flush on.
func (c *Conn) SetWriteTimeout(d time.Duration) { c.w.timeout.Store(int64(d)) }

// WriteTimeout gives the bound of a flush, 0 for none.
func (c *Conn) WriteTimeout() time.Duration { return time.Duration(c.w.timeout.Load()) }

// NetConn gives the connection underneath, for its addresses and settings. Who
// reads from it or writes to it breaks the stream of packets.
func (c *Conn) NetConn() net.Conn { return c.w.nc }

// Version gives the id and the name of the Proto.
func (c *Conn) Version() (byte, string) {
	if c.framer == nil {
		return c.plain.proto.Version()
	}
	return c.framer.(packet.Proto).Version()
}

func addrOf(nc net.Conn) string {
	if a := nc.RemoteAddr(); a != nil {
		return a.String()
	}
	return ""
}
