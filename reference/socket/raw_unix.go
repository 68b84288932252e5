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
	w := &rawWriter{rc: rc}
	w.attempt = w.once
	if message {
		return rawMessageWriter{w}, newMessageSource(rc, env)
	}
	s := &rawSource{rc: rc}
	s.attempt = s.once
	return w, s
}

// rawSource takes a buffer only for the moment in which it tries to read: when
// nothing is there it gives the buffer back and waits for the poller.
type rawSource struct {
	rc      syscall.RawConn
	attempt func(fd uintptr) bool // once, made a func a single time
	rd      *reader
	err     error
}

func (s *rawSource) fill(rd *reader) error {
	s.rd, s.err = rd, nil
	if err := s.rc.Read(s.attempt); err != nil {
		rd.park()
		return err
	}
	return s.err
}

func (s *rawSource) once(fd uintptr) bool {
	b := s.rd.space(s.rd.want())
	n, err := retryInterrupted(sysRead, fd, b)
	switch {
	case err == syscall.EAGAIN:
		s.rd.park()
		return false
	case err != nil:
		s.err = os.NewSyscallError("read", err)
	case n == 0:
		s.err = io.EOF
	default:
		s.rd.got(n, len(b))
	}
	return true
}

// rawWriter tries to write and never waits. The active flusher alone uses it.
type rawWriter struct {
	rc      syscall.RawConn
	attempt func(fd uintptr) bool
	b       []byte
	n       int
	err     error
}

func (w *rawWriter) gathers() {}

func (w *rawWriter) tryWrite(b []byte) (int, error) {
	w.b, w.n, w.err = b, 0, nil
	err := w.rc.Write(w.attempt)
	w.b = nil
	if err == nil {
		err = w.err
	}
	return w.n, err
}

func (w *rawWriter) once(fd uintptr) bool {
	n, err := retryInterrupted(sysWrite, fd, w.b)
	switch {
	case err == syscall.EAGAIN:
	case err != nil:
		w.err = os.NewSyscallError("write", err)
	default:
		w.n = n
	}
	return true
}

func retryInterrupted(call func(int, []byte) (int, error), fd uintptr, b []byte) (int, error) {
	for {
		n, err := call(int(fd), b)
		if err != syscall.EINTR {
			return n, err
		}
	}
}
