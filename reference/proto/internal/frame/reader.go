package frame

import (
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
)

const (
	// firstRead bounds the memory taken before any byte of a frame's payload
	// is there. It then doubles as bytes arrive.
	firstRead = 16 << 10
	// maxEmptyReads is how often in a row a reader may give nothing.
	maxEmptyReads = 100
)

// frameReader reads one frame into a lent buffer and not a byte more.
type frameReader struct {
	f   *Format
	r   io.Reader
	buf *bufpool.Buffer
	err error // came beside bytes; due when more are asked for
}

func (in *frameReader) release() { bufpool.Put(in.buf) }

// readPrefix reads up to and with the filter ids and gives the frame's length.
// It looks at what it has after every read, so that a fault is reported
// without waiting for bytes that may never come.
//
// req: TP-FRAME-008
func (in *frameReader) readPrefix(env *packet.Env) (int, error) {
	for {
		have := in.buf.B
		size, err := in.f.FrameLen(env, have)
		if size != 0 || err != nil {
			return size, err
		}
		need := prefixLen
		if len(have) >= prefixLen {
			need += int(have[5])
		}
		if err := in.readSome(need); err != nil {
			return 0, err
		}
	}
}

// readTo reads on to size bytes, into larger buffers as they fill: never more
// than firstRead or twice what has arrived.
//
// req: TP-FRAME-013, TP-LIM-010, TP-PROTO-016
func (in *frameReader) readTo(size int) error {
	for len(in.buf.B) < size {
		room := cap(in.buf.B)
		if room < size && (len(in.buf.B) == room || room < firstRead) {
			larger := bufpool.Get(min(size, max(firstRead, 2*room)))
			larger.B = append(larger.B, in.buf.B...)
			bufpool.Put(in.buf)
			in.buf = larger
		}
		if err := in.readSome(min(size, cap(in.buf.B))); err != nil {
			return err
		}
	}
	return nil
}

// readSome appends at least one byte to the buffer and makes it no longer than
// need.
//
// req: TP-FRAME-011, TP-FRAME-012, TP-PROTO-011, TP-PROTO-027
func (in *frameReader) readSome(need int) error {
	b := in.buf.B
	have := len(b)
	for range maxEmptyReads {
		n, err := 0, in.err
		if err == nil {
			n, err = in.r.Read(b[have:need])
		}
		switch {
		case n > 0:
			in.buf.B, in.err = b[:have+n], err
			return nil
		case err == nil:
			continue
		case err == io.EOF && have == 0:
			return io.EOF
		case (err == io.EOF || err == io.ErrUnexpectedEOF) && have > 0:
			return shortFrame(have)
		}
		return fmt.Errorf("%s: read at byte %d of the frame: %w", in.f.Name, have, err)
	}
	return fmt.Errorf("%s: read at byte %d of the frame: %w", in.f.Name, have, io.ErrNoProgress)
}
