package mutants

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// yield gives other goroutines their turn, more than once: the first may find them about to wait.
func yield() {
	for range 5 {
		runtime.Gosched()
	}
}

// prefix is the bytes of size, protocol id and filter count.
const prefix = 6

func over(what string) error {
	return fmt.Errorf("%s: %w", what, packet.ErrExceedPacketSizeLimit)
}

// putSize and size write and read the size field.
func (x *plain) putSize(b []byte, n int) {
	if x.is("size-excludes-itself") {
		n -= 4
	}
	if x.is("size-little-endian") {
		binary.LittleEndian.PutUint32(b, uint32(n))
		return
	}
	binary.BigEndian.PutUint32(b, uint32(n))
}

func (x *plain) size(b []byte) uint32 {
	n := binary.BigEndian.Uint32(b)
	switch {
	case x.is("size-little-endian"):
		return binary.LittleEndian.Uint32(b)
	case x.is("size-excludes-itself"):
		return n + 4
	}
	return n
}

// FrameLen makes the checks of chapter 5, each as soon as its bytes are there.
func (x *plain) FrameLen(env *packet.Env, head []byte) (int, error) {
	if len(head) < 4 {
		return 0, nil
	}
	size, l := x.size(head), env.Limit()
	switch {
	case size < prefix && !x.is("size-minimum-unchecked"):
		return 0, packet.FrameError(packet.ClassLength, 0, errors.New("the size is below that of any frame"))
	case x.over("read-packet", uint64(size), uint64(l.MaxPacket)) && !x.is("limit-after-memory"):
		if x.is("limit-untyped") {
			return 0, packet.FrameError(packet.ClassLimit, 0, errors.New("too large"))
		}
		return 0, packet.FrameError(packet.ClassLimit, 0, over("the frame"))
	case len(head) < 5:
		return 0, nil
	case head[4] != 'f' && !x.is("id-unchecked"):
		return 0, packet.FrameError(packet.ClassVersion, 4, errors.New("another protocol id"))
	case len(head) < prefix:
		return 0, nil
	}
	n := int(head[5])
	if prefix+n > int(size) && !x.is("filter-count-unchecked") {
		return 0, packet.FrameError(packet.ClassLength, 5, errors.New("the filter ids do not fit"))
	}
	if n == 0 && !x.is("payload-limit-unchecked") && x.over("read-payload", uint64(size-prefix), uint64(l.MaxPayload)) {
		return 0, packet.FrameError(packet.ClassLimit, 0, over("the payload"))
	}
	for i := prefix; i < prefix+n; i++ {
		if i >= len(head) {
			return 0, nil
		}
		if _, err := env.FilterRegistry().Get(head[i]); err != nil && !x.is("unknown-filter-skipped") {
			return 0, packet.FrameError(packet.ClassFilterUnknown, i, err)
		}
	}
	if x.is("length-needs-more") && len(head) > int(size) {
		return int(size) + 1, nil
	}
	return int(size), nil
}

// ParseFrame reads a frame into p; the raw body may be a part of frame.
func (x *plain) ParseFrame(frame []byte, p *packet.Packet) error {
	if !x.is("packet-not-reset") {
		p.ResetForUnpack()
	}
	env := x.env(p)
	size, err := x.FrameLen(env, frame)
	switch {
	case err != nil:
		return err
	case size == 0 || size > len(frame):
		return packet.FrameError(packet.ClassShort, len(frame), io.ErrUnexpectedEOF)
	}
	if x.is("limit-after-memory") && size > int(env.Limit().MaxPacket) {
		return packet.FrameError(packet.ClassLimit, 0, over("the frame"))
	}
	ids := frame[prefix : prefix+int(frame[5])]
	payload, err := x.undo(env, ids, frame[prefix+len(ids):size], p)
	if err != nil {
		return err
	}
	l := env.Limit()
	if err := x.parsePayload(payload, p, l); err != nil {
		p.ResetForUnpack()
		return err
	}
	p.SetSize(uint32(size))
	switch {
	case x.is("size-off-read"):
		p.SetSize(uint32(size) - 1)
	case x.is("size-of-payload"):
		p.SetSize(uint32(prefix + len(ids) + len(payload)))
	}
	return x.bind(p)
}

// AppendFrame appends the frame of p to dst and sets its size.
func (x *plain) AppendFrame(dst []byte, p *packet.Packet) ([]byte, error) {
	if x.is("prefix-overwritten") {
		dst = dst[:0]
	}
	if err := p.XferPipe().Err(); err != nil && !x.is("pipe-error-ignored") {
		return dst, pipeError(err)
	}
	l := p.Env().Limit()
	payload, err := x.payload(p, l)
	if err != nil {
		return dst, err
	}
	ids := p.XferPipe().Ids()
	packed, err := x.apply(p.XferPipe(), payload)
	if err != nil {
		return dst, err
	}
	if x.is("ids-written-reversed") {
		slices.Reverse(ids)
	}
	frame := append([]byte{0, 0, 0, 0, 'f', byte(len(ids))}, ids...)
	if x.is("ids-not-written") {
		frame = frame[:prefix]
		frame[5] = 0
	}
	frame = append(frame, packed...)
	counted := len(frame)
	if x.is("write-limit-before-pipe") {
		counted = prefix + len(ids) + len(payload)
	}
	if x.over("write-packet", uint64(counted), uint64(l.MaxPacket)) && !x.is("write-limit-unchecked") {
		return dst, packet.PackError(packet.ClassLimit, over("the frame"))
	}
	x.putSize(frame, len(frame))
	p.SetSize(uint32(len(frame)))
	if x.is("size-off-written") {
		p.SetSize(uint32(len(frame)) - 1)
	}
	return append(dst, frame...), nil
}

// pipeError classes what a pipe remembers.
func pipeError(err error) error {
	var unknown *xfer.UnknownError
	if errors.As(err, &unknown) {
		return packet.PackError(packet.ClassFilterUnknown, err)
	}
	return packet.PackError(packet.ClassLimit, err)
}
