package floor

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// A frame is a length (of all that follows it), the number of the caller, and a body; big-endian.
const (
	lengthSize = 4
	headSize   = lengthSize + 8

	// maxFrame is far over what any workload sends; it only keeps a stray connection from taking memory.
	maxFrame = 64 << 20

	// slowMark in the number of the caller is for the calls that sleep in a mixed workload.
	slowMark = 1 << 63
)

// beginFrame appends the head of a frame whose length endFrame fills in.
func beginFrame(b []byte, caller uint64) []byte {
	b = append(b, 0, 0, 0, 0)
	return binary.BigEndian.AppendUint64(b, caller)
}

// endFrame completes the frame that begins at start and ends with b.
func endFrame(b []byte, start int) []byte {
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-lengthSize))
	return b
}

func callerOf(frame []byte) uint64 { return binary.BigEndian.Uint64(frame[lengthSize:]) }

// frameSize reads the size of the frame that begins with head, its length field included.
func frameSize(head []byte) (int, error) {
	n := binary.BigEndian.Uint32(head)
	if n < headSize-lengthSize || n > maxFrame {
		return 0, fmt.Errorf("floor: a frame of %d bytes", n)
	}
	return lengthSize + int(n), nil
}

// frameReader reads frames through a buffer, and those that outgrow it into memory that it keeps.
type frameReader struct {
	r     *bufio.Reader
	large []byte
}

func newFrameReader(r io.Reader, size int) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, size)}
}

// next returns the next frame, which is valid until next is called again.
func (f *frameReader) next() ([]byte, error) {
	head, err := f.r.Peek(lengthSize)
	if err != nil {
		return nil, err
	}
	n, err := frameSize(head)
	if err != nil {
		return nil, err
	}
	if n > f.r.Size() {
		f.large = slices.Grow(f.large[:0], n)[:n]
		_, err = io.ReadFull(f.r, f.large)
		return f.large, err
	}
	frame, err := f.r.Peek(n)
	if err != nil {
		return nil, err
	}
	f.r.Discard(n)
	return frame, nil
}

// whole says whether the next frame is in the buffer already, so that reading it cannot block.
func (f *frameReader) whole() bool {
	if f.r.Buffered() < lengthSize {
		return false
	}
	head, _ := f.r.Peek(lengthSize)
	n, err := frameSize(head)
	return err == nil && f.r.Buffered() >= n
}
