package suite

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/report"
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
	gate string // a key for the service's gates that no other case has
	stop func() bool
	sent sync.WaitGroup // sends in the background
}

func newLink(ctx context.Context, tg *Target, t *runner.T) *link {
	conn, err := tg.Dial(ctx)
	if err != nil {
		t.Harnessf("dialing the peer: %v", err)
	}
	l := &link{t: t, tg: tg, ctx: ctx, conn: conn, gate: rand.Text()}
	l.stop = context.AfterFunc(ctx, func() { conn.Close() }) // a silent peer ends with the case's time limit
	return l
}

func (l *link) close() {
	l.stop()
	l.conn.Close()
	l.sent.Wait()
}

// another opens a second connection in the same case.
func (l *link) another() *link { return newLink(l.ctx, l.tg, l.t) }

// send writes bytes. A peer that has ended the connection meanwhile is found out by what is read next.
func (l *link) send(parts ...[]byte) {
	if _, err := l.conn.Write(bytes.Join(parts, nil)); err != nil && !ended(err) {
		l.t.Harnessf("writing to the peer: %v", err)
	}
}

// sendBehind writes bytes while the case reads: more than the buffers of the connection hold.
func (l *link) sendBehind(b []byte) {
	l.sent.Go(func() { l.conn.Write(b) }) // an error is found out by what is read
}

// ended tells the legal ways in which the other side ends a connection: FIN or RST.
func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.ErrClosedPipe)
}

// readFrame gives the bytes of the next frame, or the error of the connection.
func (l *link) readFrame() ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(l.conn, head); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head)
	if size < 6 || size > 64<<20 {
		l.t.Fatalf("the peer sent a frame with the size field %x", head)
	}
	frame := append(head, make([]byte, size-4)...)
	_, err := io.ReadFull(l.conn, frame[4:])
	return frame, err
}

// read gives the next packet that the peer sends.
func (l *link) read() oracle.Packet {
	frame, err := l.readFrame()
	if err != nil {
		if l.ctx.Err() != nil {
			l.t.Fatalf("expected a packet, the peer sent nothing within the time limit")
		}
		l.t.Fatalf("expected a packet, the connection ended: %v", err)
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
			p, _, derr := oracle.Decode(frame, oracle.Limits{})
			if derr != nil {
				l.t.Fatalf("the peer sent bytes that are no packet: %v\n%x", derr, frame[:min(len(frame), 96)])
			}
			before = append(before, p)
			continue
		}
		if l.ctx.Err() != nil {
			l.t.Fatalf("expected the peer to end the connection, it is still open at the time limit")
		}
		if !ended(err) {
			l.t.Fatalf("expected the peer to end the connection with FIN or RST, got %v", err)
		}
		return before
	}
}

// call is a packet that a case sends.
type call struct {
	seq   uint64
	ptype byte
	uri   string
	meta  []oracle.Pair
	codec byte
	body  string
	pipe  []byte
}

// frame lays the call out, whatever its fields are.
func (c call) frame() []byte {
	payload := oracle.Payload(c.seq, c.ptype, []byte(c.uri), oracle.EncodeMeta(c.meta), c.codec, []byte(c.body))
	for range c.pipe { // gzip is the one filter of the battery
		payload = oracle.GzipFixed(payload)
	}
	return oracle.Frame(c.pipe, payload)
}

func pull(seq uint64, uri string, codec byte, body string) call {
	return call{seq: seq, ptype: oracle.Pull, uri: uri, codec: codec, body: body}
}

func push(seq uint64, uri string, codec byte, body string) call {
	return call{seq: seq, ptype: oracle.Push, uri: uri, codec: codec, body: body}
}

// ask sends a PULL and gives its REPLY, which must be the next packet, with the PULL's seq and uri.
func (l *link) ask(c call) oracle.Packet {
	l.send(c.frame())
	p := l.read()
	l.isReply(p, c)
	return p
}

func (l *link) isReply(p oracle.Packet, to call) {
	if p.Ptype != oracle.Reply {
		l.t.Fatalf("expected a REPLY (2) to seq %d, got a packet of type %d for %q", to.seq, p.Ptype, p.Uri)
	}
	if p.Seq != to.seq {
		l.t.Fatalf("expected the REPLY to seq %d, got one with seq %d", to.seq, p.Seq)
	}
	if string(p.Uri) != to.uri {
		l.t.Fatalf("expected the REPLY to repeat the uri %q, got %q", to.uri, p.Uri)
	}
}

// success expects a REPLY without an error, with that codec and body.
func (l *link) success(p oracle.Packet, codec byte, body string) {
	if e, ok := oracle.ReplyErrorOf(p.Meta); ok {
		l.t.Fatalf("expected a result, got the error %d %q %q", e.Code, e.Message, e.Detail)
	}
	if p.Codec != codec && len(body) > 0 {
		l.t.Fatalf("expected codec %q, got %q", codec, p.Codec)
	}
	if string(p.Body) != body {
		l.t.Fatalf("the body is not the one expected:\n%s", report.HexDiff([]byte(body), p.Body, nil))
	}
}

// failure expects a REPLY with that error code and gives the error.
func (l *link) failure(p oracle.Packet, code int32) oracle.ReplyError {
	e, ok := oracle.ReplyErrorOf(p.Meta)
	if !ok {
		l.t.Fatalf("expected an error reply with code %d, got a result: codec %q, body %.60q", code, p.Codec, p.Body)
	}
	if e.Code != code {
		l.t.Fatalf("expected the error code %d, got %d %q %q", code, e.Code, e.Message, e.Detail)
	}
	return e
}

// goodSeq is the seq of the calls that prove a session good: one that no case uses.
const goodSeq = 0x600d600d600d600d

// good proves that the session works: an echo is the next thing answered.
func (l *link) good() {
	c := pull(goodSeq, "/conformance/echo", oracle.CodecString, "still good")
	l.success(l.ask(c), oracle.CodecString, "still good")
}

// alive proves that the session is served, by a peer with or without the conformance service: a PULL is answered.
func (l *link) alive() {
	l.ask(pull(goodSeq, "/conformance/echo", oracle.CodecString, "alive"))
}

// othersGood proves that the peer still serves a session of somebody else.
func (l *link) othersGood() {
	other := l.another()
	defer other.close()
	other.alive()
}
