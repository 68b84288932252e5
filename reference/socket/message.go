package socket

import (
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// This file is about connections that keep messages apart, unixpacket: one
// packet is one message, neither cut nor joined.

// MessageSizeError says that a packet is longer than one message of the
// connection can be. It is the cause of a *packet.Error of class limit.
type MessageSizeError struct {
	Size int // of the frame, bytes
	Max  int // that one message holds, bytes
}

func (e *MessageSizeError) Error() string {
	return fmt.Sprintf("the packet has %d bytes and one message of the connection holds %d at most (SetWriteBuffer raises it)", e.Size, e.Max)
}

// messageFits checks a frame that is to be one message.
func (w *writer) messageFits(n int) error {
	if w.message == 0 || n <= int(w.message) {
		return nil
	}
	return packet.PackError(packet.ClassLimit, &MessageSizeError{Size: n, Max: int(w.message)})
}

// overlongMessage is a message that is longer than packets may be.
func overlongMessage(n int, limit uint32) error {
	if n > 0 {
		return packet.FrameError(packet.ClassLimit, 0,
			fmt.Errorf("%w: a message of %d bytes, the limit is %d", packet.ErrExceedPacketSizeLimit, n, limit))
	}
	return packet.FrameError(packet.ClassLimit, 0,
		fmt.Errorf("%w: a message of more than %d bytes", packet.ErrExceedPacketSizeLimit, limit))
}

// trailingBytes is what is wrong with a message that goes on after its packet.
func trailingBytes(n int) error {
	return packet.FrameError(packet.ClassLength, 0,
		fmt.Errorf("%d bytes follow the packet in its message: expected one packet a message", n))
}

// readMessage is Read for a plain Proto: it gives no bytes of a second message
// where the first has begun to be read.
func (x *plainIO) readMessage(b []byte) (n int, err error) {
	m := &x.msg
	if m.r == m.w {
		if x.got > 0 {
			return 0, io.EOF // the message is over
		}
		if err := x.c.rd.src.fill(m); err != nil {
			return 0, err
		}
	}
	n = copy(b, m.buf.B[m.r:m.w])
	if m.r += n; m.r == m.w {
		m.release()
	}
	return n, nil
}

// messageRest is the number of bytes that the Proto left of a message.
func (x *plainIO) messageRest() (n int) {
	if x.c.w.message == 0 || x.br == nil {
		return 0
	}
	return x.br.Buffered() + x.msg.w - x.msg.r
}
