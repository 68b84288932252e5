//go:build unix

package socket

import (
	"io"
	"net"
	"os"
	"syscall"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// rawReadiness gives the non-blocking way to a TCP or unix connection,
// nil for any other.
func rawReadiness(nc net.Conn, env *packet.Env, message bool) (tryWriter, source) {
	var sc syscall.Conn
	switch t := nc.(type) {
	case *net.TCPConn:
		sc = t
	case *net.UnixConn:
		sc = t
	default:
		return nil, nil
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return nil, nil
	}
	x := &rawIO{rc: rc}
	x.writes = x.write
	if message {
		return rawMessageWriter{x}, newMessageSource(rc, env)
	}
	x.reads = x.read
	return x, x
}

// rawIO is the way past the methods of a connection of package net. One goroutine
// reads, and one writes: the active flusher.
type rawIO struct {
	rc            syscall.RawConn
	reads, writes func(fd uintptr) bool // read and write, made funcs a single time

	rd *reader
	b  []byte // to write
	n  int32  // of them written

	readErr, writeErr int32 // syscall.Errno
	ended             bool
}

// fill takes a buffer only for the moment in which it tries to read: when nothing
// is there it gives the buffer back and waits for the poller.
func (x *rawIO) fill(rd *reader) error {
	x.rd, x.readErr = rd, 0
	if err := x.rc.Read(x.reads); err != nil {
		rd.park()
		return err
	}
	switch {
	case x.readErr != 0:
		return os.NewSyscallError("read", syscall.Errno(x.readErr))
	case x.ended:
		return io.EOF
	}
	return nil
}

func (x *rawIO) read(fd uintptr) bool {
	b := x.rd.space(x.rd.want())
	n, errno := retryInterrupted(syscall.Read, fd, b)
	switch {
	case errno == syscall.EAGAIN:
		x.rd.park()
		return false
	case errno != 0:
		x.readErr = int32(errno)
	case n == 0:
		x.ended = true
	default:
		x.rd.got(n, len(b))
	}
	return true
}

func (x *rawIO) gathers() {}

// tryWrite tries to write and never waits.
func (x *rawIO) tryWrite(b []byte) (int, error) {
	x.b, x.n, x.writeErr = b, 0, 0
	err := x.rc.Write(x.writes)
	x.b = nil
	if err == nil && x.writeErr != 0 {
		err = os.NewSyscallError("write", syscall.Errno(x.writeErr))
	}
	return int(x.n), err
}

func (x *rawIO) write(fd uintptr) bool {
	n, errno := retryInterrupted(syscall.Write, fd, x.b)
	switch {
	case errno == syscall.EAGAIN:
	case errno != 0:
		x.writeErr = int32(errno)
	default:
		x.n = int32(n) // no system writes more at once
	}
	return true
}

func retryInterrupted(call func(int, []byte) (int, error), fd uintptr, b []byte) (int, syscall.Errno) {
	for {
		n, err := call(int(fd), b)
		if err == nil {
			return n, 0
		}
		errno, ok := err.(syscall.Errno)
		if !ok {
			errno = syscall.EIO // what has no number is no success either
		}
		if errno != syscall.EINTR {
			return n, errno
		}
	}
}
