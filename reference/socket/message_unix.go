//go:build unix

package socket

import (
	"io"
	"net"
	"os"
	"syscall"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// messageOverhead is what the kernel needs of a send buffer beside the message.
const messageOverhead = 32

// maxMessage bounds the buffer for a message whose length is not told, bytes.
// No system's socket buffers hold more by default.
const maxMessage = 4 << 20

// messageLimit is the longest message that nc can send, 0 where nc is a stream.
func messageLimit(nc net.Conn) (limit int) {
	uc, ok := nc.(*net.UnixConn)
	if !ok {
		return 0
	}
	rc, err := uc.SyscallConn()
	if err != nil {
		return 0
	}
	rc.Control(func(fd uintptr) {
		kind, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TYPE)
		if err != nil || kind != syscall.SOCK_SEQPACKET {
			return
		}
		limit = 1 // it keeps messages apart, however little can be found out
		if n, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_SNDBUF); err == nil {
			limit = max(n-messageOverhead, 1)
		}
	})
	return limit
}

// messageSource reads a message as a whole. It takes a buffer only once a
// message is there, of its size where the system tells, else of the packet limit's.
type messageSource struct {
	rc      syscall.RawConn
	env     *packet.Env
	attempt func(fd uintptr) bool
	rd      *reader
	err     error
}

func newMessageSource(rc syscall.RawConn, env *packet.Env) *messageSource {
	s := &messageSource{rc: rc, env: env}
	s.attempt = s.once
	return s
}

func (s *messageSource) fill(rd *reader) error {
	s.rd, s.err = rd, nil
	if err := s.rc.Read(s.attempt); err != nil {
		rd.park()
		return err
	}
	return s.err
}

func (s *messageSource) once(fd uintptr) bool {
	n, errno := retryInterrupted(peekMessage, fd, make([]byte, 1))
	switch {
	case errno == syscall.EAGAIN:
		s.rd.park()
		return false
	case errno != 0:
		s.err = os.NewSyscallError("recvfrom", errno)
		return true
	case n == 0:
		s.err = io.EOF
		return true
	}
	limit := s.env.Limit().MaxPacket
	if uint64(n) > uint64(limit) {
		s.err = overlongMessage(n, limit)
		return true
	}
	if n == 1 {
		n = int(min(limit, maxMessage)) // a system that does not tell, or a message that is too short anyway
	}
	b := s.rd.space(n)[:n]
	cut := false
	n, errno = retryInterrupted(func(fd int, b []byte) (int, error) {
		n, _, flags, _, err := syscall.Recvmsg(fd, b, nil, 0)
		cut = flags&syscall.MSG_TRUNC != 0
		return n, err
	}, fd, b)
	switch {
	case errno != 0:
		s.err = os.NewSyscallError("recvmsg", errno)
	case cut:
		s.err = overlongMessage(0, limit)
	case n == 0:
		s.err = io.EOF
	default:
		s.rd.w += n
	}
	return true
}

// peekMessage waits for nothing and takes nothing: it gives the length of the
// next message, or on some systems no more than that there is one.
func peekMessage(fd int, b []byte) (int, error) {
	n, _, err := syscall.Recvfrom(fd, b, syscall.MSG_PEEK|syscall.MSG_TRUNC)
	return n, err
}

// rawMessageWriter is a rawIO whose messages are not to be gathered.
type rawMessageWriter struct{ w *rawIO }

func (x rawMessageWriter) tryWrite(b []byte) (int, error) { return x.w.tryWrite(b) }
