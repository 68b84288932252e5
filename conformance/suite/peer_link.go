package suite

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// link is one connection to the peer under test, with raw bytes on our side of it. Its methods end the case
// when the peer does not do what they expect. Nothing waits for silence: that something is ignored is proven
// by a good exchange afterwards.
type link struct {
	t    *runner.T
	tg   *Target
	ctx  context.Context
	conn net.Conn
	run  *run
	name string // of the connection, for the trace: "connection 2"
	gate string // a key for the service's gates that no other case has
	stop func() bool
	sent sync.WaitGroup // sends in the background
}

// close ends the connection, and with it what is sent in the background.
func (l *link) close() {
	l.stop()
	l.conn.Close()
	l.sent.Wait()
}

func newLink(ctx context.Context, tg *Target, t *runner.T, r *run) *link {
	conn, err := tg.connect(ctx)
	if err != nil && r.conns == 0 {
		t.Harnessf("%v", err)
	}
	if err != nil { // the peer was there when the case began
		t.Fatalf("expected the peer to serve another connection, none can be had: %v", err)
	}
	r.conns++
	l := &link{t: t, tg: tg, ctx: ctx, conn: conn, run: r, name: fmt.Sprintf("connection %d", r.conns), gate: rand.Text()}
	l.stop = context.AfterFunc(ctx, func() { conn.Close() }) // a silent peer ends with the case's time limit
	return l
}

// another opens a second connection in the same case.
func (l *link) another() *link {
	other := newLink(l.ctx, l.tg, l.t, l.run)
	other.announce()
	return other
}

// announce tells the testee which case the connection is for, where it offers the service.
func (l *link) announce() {
	if l.run.id != "" {
		l.sendAs(l.name+", the case's id", announcement(l.run.id).frame())
	}
}

// send writes bytes. A peer that has ended the connection meanwhile is found out by what is read next.
func (l *link) send(parts ...[]byte) { l.sendAs(l.name, bytes.Join(parts, nil)) }

func (l *link) sendAs(note string, b []byte) {
	l.t.Trace(runner.Sent, note, b)
	l.write(b)
}

func (l *link) write(b []byte) {
	l.conn.SetWriteDeadline(time.Now().Add(l.run.silence))
	_, err := l.conn.Write(b)
	switch {
	case err == nil || ended(err):
	case l.ctx.Err() != nil:
		l.t.Fatalf("the peer took no more bytes within the time limit")
	case errors.Is(err, os.ErrDeadlineExceeded):
		l.t.Fatalf("the peer took no byte for %v, the time limit for silence", l.run.silence)
	default:
		l.t.Harnessf("writing to the peer: %v", err)
	}
}

// drip writes a byte at a time, as far as the network lets them go apart.
func (l *link) drip(b []byte) {
	l.t.Trace(runner.Sent, l.name+", a byte at a time", b)
	for i := range b {
		l.write(b[i : i+1])
	}
}

// sendBehind writes bytes while the case reads: more than the buffers of the connection hold.
func (l *link) sendBehind(b []byte) {
	l.t.Trace(runner.Sent, l.name, b)
	l.conn.SetWriteDeadline(time.Time{})
	l.sent.Go(func() { l.conn.Write(b) }) // an error is found out by what is read
}

// ended tells the legal ways in which the other side ends a connection: FIN or RST.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.ErrClosedPipe)
}

// Read reads from the connection for at most the time of silence. It makes a TLS stream that ends without
// the alert that should come first an end like any other.
func (l *link) Read(b []byte) (int, error) {
	l.conn.SetReadDeadline(time.Now().Add(l.run.silence))
	n, err := l.conn.Read(b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// readFrame gives the bytes of the next frame, or the error of the connection.
func (l *link) readFrame() ([]byte, error) {
	head := make([]byte, 4)
	if n, err := io.ReadFull(l, head); err != nil {
		l.tracedEnd(head[:n], err)
		return nil, err
	}
	size := binary.BigEndian.Uint32(head)
	if size < 6 || size > 64<<20 {
		l.t.Trace(runner.Received, l.name, head)
		l.t.Fatalf("the peer sent a frame with the size field %x, which is %q as text", head, head)
	}
	frame := append(head, make([]byte, size-4)...)
	n, err := io.ReadFull(l, frame[4:])
	if err != nil {
		l.tracedEnd(frame[:4+n], err)
		return frame, err
	}
	l.t.Trace(runner.Received, l.name, frame)
	return frame, nil
}

// tracedEnd keeps how the reading of a connection ended, with what had come of a frame.
func (l *link) tracedEnd(b []byte, err error) {
	l.t.Trace(runner.Received, fmt.Sprintf("%s, then: %v", l.name, err), b)
}

// broken ends the case where something was expected and the connection had nothing more to give.
func (l *link) broken(expected string, err error) {
	switch {
	case l.ctx.Err() != nil:
		l.t.Fatalf("expected %s, the peer sent nothing within the time limit", expected)
	case errors.Is(err, os.ErrDeadlineExceeded):
		l.t.Fatalf("expected %s, the peer sent nothing for %v, the time limit for silence", expected, l.run.silence)
	default:
		l.t.Fatalf("expected %s, the connection ended: %v", expected, err)
	}
}

// read gives the next packet that the peer sends.
func (l *link) read() oracle.Packet {
	frame, err := l.readFrame()
	if err != nil {
		l.broken("a packet", err)
	}
	p, n, derr := oracle.Decode(frame, oracle.Limits{MaxPacket: 64 << 20, MaxPayload: 64 << 20})
	if derr != nil {
		l.t.Fatalf("the peer sent %d bytes that are no packet: %v\n%x", len(frame), derr, frame[:min(len(frame), 96)])
	}
	if n != len(frame) {
		l.t.Harnessf("the oracle took %d of %d bytes", n, len(frame))
	}
	return p
}

// readEnd expects the peer to end the connection, with FIN or RST, and gives the packets that came before.
func (l *link) readEnd() []oracle.Packet {
	var before []oracle.Packet
	for {
		frame, err := l.readFrame()
		if err == nil {
			p, _, derr := oracle.Decode(frame, oracle.Limits{MaxPacket: 64 << 20, MaxPayload: 64 << 20})
			if derr != nil {
				l.t.Fatalf("the peer sent bytes that are no packet: %v\n%x", derr, frame[:min(len(frame), 96)])
			}
			before = append(before, p)
			continue
		}
		if l.ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) {
			l.t.Fatalf("expected the peer to end the connection, it is still open at the time limit")
		}
		if !ended(err) {
			l.t.Fatalf("expected the peer to end the connection with FIN or RST, got %v", err)
		}
		return before
	}
}
