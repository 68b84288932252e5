package socket

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// ErrConnClosed says that Close was called on the connection before, or while,
// the failed operation ran. Test for it with errors.Is.
var ErrConnClosed = errors.New("connection is closed")

// ErrQueueFull says that TryWritePacket or HoldPacket found no room: the other side does not
// read what is written to it. The packet was not accepted, nothing of it leaves.
var ErrQueueFull = errors.New("write queue is full: the other side does not read")

// ErrInterrupted says that Interrupt was called while WaitPacket waited. The
// connection is as it was.
var ErrInterrupted = errors.New("the wait for a packet was interrupted")

// WriteError says that a flush failed. The connection takes no more packets;
// what was accepted and not flushed is lost, and Conn.Unflushed counts it.
type WriteError struct {
	// Addr is the address of the other side, "" where it has none.
	Addr string
	// Flushed is the number of bytes of the stream that the kernel has taken,
	// since the connection began. The byte after them, and all later ones, have
	// certainly not left.
	Flushed uint64
	// Lost is the number of bytes that were accepted and not flushed.
	Lost uint64
	// Err is the connection's own error.
	Err error
}

// Error names the address, the position and the reason.
func (e *WriteError) Error() string {
	hint := ""
	if errors.Is(e.Err, os.ErrDeadlineExceeded) {
		hint = " (the other side did not read in time: WriteTimeout)"
	}
	return fmt.Sprintf("socket: write to %s failed after %d bytes, %d bytes lost%s: %v",
		orUnnamed(e.Addr), e.Flushed, e.Lost, hint, e.Err)
}

// Unwrap gives the connection's error.
func (e *WriteError) Unwrap() error { return e.Err }

// ReadError says that reading ended for a reason other than the end of the
// stream or a fault in what came: a timeout, a reset, or our own Close.
type ReadError struct {
	// Addr is the address of the other side, "" where it has none.
	Addr string
	// Have is the number of bytes of an unfinished frame that were there; 0
	// between packets. In a plain Proto it counts what the Proto was given.
	Have int
	// Timeout is the time that ran out, 0 when none did: FrameTimeout when
	// InFrame is true, else ReadTimeout.
	Timeout time.Duration
	// InFrame is true when FrameTimeout ran out.
	InFrame bool
	// Err is the connection's own error, or ErrConnClosed.
	Err error
}

// Error says what was waited for and why that ended.
func (e *ReadError) Error() string {
	switch {
	case e.Timeout > 0 && e.InFrame:
		return fmt.Sprintf("socket: a frame from %s was not complete within %v (FrameTimeout), %d bytes had come: %v",
			orUnnamed(e.Addr), e.Timeout, e.Have, e.Err)
	case e.Timeout > 0:
		return fmt.Sprintf("socket: nothing came from %s for %v (ReadTimeout), %d bytes of a frame were there: %v",
			orUnnamed(e.Addr), e.Timeout, e.Have, e.Err)
	case e.Have > 0:
		return fmt.Sprintf("socket: read from %s failed inside a frame, %d bytes of it had come: %v",
			orUnnamed(e.Addr), e.Have, e.Err)
	}
	return fmt.Sprintf("socket: read from %s failed: %v", orUnnamed(e.Addr), e.Err)
}

// Unwrap gives the connection's error.
func (e *ReadError) Unwrap() error { return e.Err }

func orUnnamed(addr string) string {
	if addr == "" || addr == "@" {
		return "the other side"
	}
	return addr
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// errShortWrite stands in for a connection that takes less than it was given
// and says nothing.
var errShortWrite = io.ErrShortWrite
