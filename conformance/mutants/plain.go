package mutants

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// plain is fast/1 written to be read beside the standard: no pools, nothing kept between calls. It is the
// base of most mutants, and clean while bug is empty. Each place that asks is("...") is a fault point: the
// mutant `proto-...` does something else there, and nowhere else.
type plain struct {
	rw  io.ReadWriter
	bug string

	mu     sync.Mutex // guards what only faults keep between calls
	buf    []byte
	limits *packet.Limits
	last   *packet.Packet
	calls  int
}

// plainWith makes a packet.ProtoFunc with one fault; "" for the clean base.
func plainWith(bug string) packet.ProtoFunc {
	return func(rw io.ReadWriter) packet.Proto { return &plain{rw: rw, bug: bug} }
}

func (x *plain) is(bug string) bool { return x.bug == bug }

// over tells whether n is over a limit. Each limit has two fault points.
func (x *plain) over(what string, n, limit uint64) bool {
	switch x.bug {
	case what + "-limit-too-low":
		return n >= limit
	case what + "-limit-too-high":
		return n > limit+1
	}
	return n > limit
}

// call counts the calls of a Proto with a fault that needs to know.
func (x *plain) call() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.calls++
	return x.calls
}

// Version gives 'f' and "fast".
func (x *plain) Version() (byte, string) {
	switch {
	case x.is("name-changes"):
		return 'f', "fast" + strconv.Itoa(x.call())
	case x.is("name-empty"):
		return 'f', ""
	}
	return 'f', "fast"
}

// Pack writes the frame of p with one Write.
func (x *plain) Pack(p *packet.Packet) error {
	if x.is("packet-changed") {
		p.SetSeq(p.Seq() + 1)
	}
	if x.is("retained-pack") {
		x.last = p
	}
	frame, err := x.AppendFrame(nil, p)
	if err != nil {
		if x.is("written-before-encoded") {
			_, _ = x.rw.Write([]byte{0, 0, 0, 24, 'f', 0})
		}
		return err
	}
	if x.is("packets-mixed") { // the frame is shared under a lock: no data race, and wrong all the same
		frame = x.share(frame)
	}
	if x.is("instances-mixed") {
		frame = everyone.share(frame)
	}
	if x.is("two-writes") {
		if _, err := x.rw.Write(frame[:4]); err != nil {
			return err
		}
		frame = frame[4:]
	}
	n, err := x.rw.Write(frame)
	if x.is("packet-put-back") {
		packet.PutPacket(p)
	}
	if x.is("short-write-retried") && err == nil && n < len(frame) {
		n, err = x.rw.Write(frame[n:])
		frame = frame[:n]
	}
	switch {
	case x.is("writer-error-hidden"):
		return nil
	case err == nil && n < len(frame) && !x.is("short-write-ignored"):
		return io.ErrShortWrite
	}
	return err
}

// everyone is what the instances of a Proto with that fault share.
var everyone plain

// share swaps a frame for that of another goroutine, if there is one.
func (x *plain) share(frame []byte) []byte {
	x.mu.Lock()
	x.buf = frame
	x.mu.Unlock()
	yield()
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.buf
}

// Unpack reads one frame and not a byte more.
func (x *plain) Unpack(p *packet.Packet) error {
	if !x.is("packet-not-reset") {
		p.ResetForUnpack()
	}
	if x.is("retained-unpack") {
		x.last = p
	}
	frame, err := x.readFrame(x.env(p))
	if err != nil {
		return x.readFailed(err)
	}
	if x.is("buffer-reused") || x.is("buffer-lent-to-values") {
		frame = x.reuse(frame)
	}
	if err := x.ParseFrame(frame, p); err != nil {
		if x.is("stream-lost-after-body") && packet.ClassOf(err) == packet.ClassBody {
			_, _ = x.rw.Read(make([]byte, 4))
		}
		if x.is("panics-on-bad-header") && packet.ClassOf(err) == packet.ClassHeader {
			panic("a header field does not fit")
		}
		return err
	}
	if !x.is("buffer-reused") {
		p.Detach()
	}
	return nil
}

// reuse puts the frame into the one buffer that a Proto with that fault has.
func (x *plain) reuse(frame []byte) []byte {
	x.buf = append(x.buf[:0], frame...)
	return x.buf
}

// env gives the environment of the packet that is read.
func (x *plain) env(p *packet.Packet) *packet.Env {
	env := p.Env()
	if x.is("limits-remembered") {
		if x.limits == nil {
			l := env.Limit()
			x.limits = &l
		}
		return &packet.Env{Limits: *x.limits, Codecs: env.CodecRegistry(), Filters: env.FilterRegistry()}
	}
	return env
}

// readFailed gives the error of Unpack for one of readFrame.
func (x *plain) readFailed(err error) error {
	cut := errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case x.is("cut-is-clean-end") && cut:
		return io.EOF
	case x.is("hangs-on-cut") && cut:
		select {}
	case x.is("clean-end-is-cut") && err == io.EOF:
		return io.ErrUnexpectedEOF
	case x.is("clean-end-wrapped") && err == io.EOF:
		return fmt.Errorf("fast: read: %w", err)
	case x.is("reader-error-hidden") && err != io.EOF && packet.ClassOf(err) == "":
		return io.EOF
	case x.is("panics-on-version") && packet.ClassOf(err) == packet.ClassVersion:
		panic("unexpected protocol id")
	}
	return err
}

// readFrame reads one frame; memory grows with what has arrived.
func (x *plain) readFrame(env *packet.Env) ([]byte, error) {
	var buf bytes.Buffer
	for {
		size, err := x.FrameLen(env, buf.Bytes())
		if err != nil {
			return nil, err
		}
		if size == 0 {
			if err := x.readMore(&buf, 1); err != nil {
				return nil, err
			}
			continue
		}
		if x.is("memory-before-bytes") {
			buf.Grow(size)
		}
		if x.is("reads-one-byte-on") {
			size++
		}
		if x.is("short-read-taken") {
			rest := make([]byte, size-buf.Len())
			_, _ = x.rw.Read(rest) // once, and whatever it gave is taken
			return append(buf.Bytes(), rest...), nil
		}
		if err := x.readRest(&buf, size); err != nil {
			return nil, err
		}
		return buf.Bytes(), nil
	}
}

// readRest reads on to size bytes.
func (x *plain) readRest(buf *bytes.Buffer, size int) error {
	if err := x.readMore(buf, size-buf.Len()); err != nil {
		return err
	}
	if x.is("reads-ahead") {
		_, _ = x.rw.Read(make([]byte, 512)) // what came early is lost
	}
	return nil
}

func (x *plain) readMore(buf *bytes.Buffer, n int) error {
	_, err := io.CopyN(buf, x.rw, int64(n))
	at := buf.Len()
	switch {
	case err == nil:
		return nil
	case err == io.EOF && at == 0:
		return io.EOF
	case at > 0 && (err == io.EOF || err == io.ErrUnexpectedEOF):
		return packet.FrameError(packet.ClassShort, at, fmt.Errorf("the stream ended inside the frame: %w", io.ErrUnexpectedEOF))
	}
	return fmt.Errorf("fast: read at byte %d of the frame: %w", at, err)
}
