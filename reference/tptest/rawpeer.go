package tptest

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// DefaultPatience is how long a RawPeer waits for what it expects.
const DefaultPatience = 5 * time.Second

// maxRawFrame is the largest frame that a RawPeer takes, bytes.
const maxRawFrame = 64 << 20

// RawPeer is a peer by script, over any net.Conn. Whatever does not go as
// expected ends the test, so its methods belong on the test's own goroutine.
type RawPeer struct {
	// Patience is how long each step may take; virtual time inside a bubble.
	Patience time.Duration

	t  testing.TB
	nc net.Conn
}

// NewRawPeer makes a RawPeer of nc, which is closed when the test ends.
func NewRawPeer(t testing.TB, nc net.Conn) *RawPeer {
	t.Cleanup(func() { nc.Close() })
	return &RawPeer{Patience: DefaultPatience, t: t, nc: nc}
}

// Conn gives the connection.
func (r *RawPeer) Conn() net.Conn { return r.nc }

// Send writes b.
func (r *RawPeer) Send(b []byte) {
	r.t.Helper()
	r.nc.SetWriteDeadline(time.Now().Add(r.Patience))
	if n, err := r.nc.Write(b); err != nil {
		r.t.Fatalf("raw peer: sending %d bytes: %d went out: %v", len(b), n, err)
	}
}

// SendHex writes the bytes of s; white space and '|' between them are for people.
func (r *RawPeer) SendHex(s string) {
	r.t.Helper()
	r.Send(Hex(r.t, s))
}

// SendPacket writes a fast/1 frame of the packet that the settings make.
func (r *RawPeer) SendPacket(settings ...packet.PacketSetting) {
	r.t.Helper()
	r.Send(Frame(r.t, settings...))
}

// Expect reads as many bytes as want has and fails where they differ.
func (r *RawPeer) Expect(want []byte) {
	r.t.Helper()
	got := make([]byte, len(want))
	n, err := r.readFull(got)
	if err != nil {
		r.t.Fatalf("raw peer: %d of %d expected bytes came (% x): %v", n, len(want), got[:n], err)
	}
	if !bytes.Equal(got, want) {
		r.t.Fatalf("raw peer:\n got % x\nwant % x", got, want)
	}
}

// ExpectHex is Expect of the bytes of s.
func (r *RawPeer) ExpectHex(s string) {
	r.t.Helper()
	r.Expect(Hex(r.t, s))
}

// ExpectFrame reads one frame, whose first four bytes are its size, big-endian,
// themselves counted.
func (r *RawPeer) ExpectFrame() []byte {
	r.t.Helper()
	head := make([]byte, 4)
	if n, err := r.readFull(head); err != nil {
		r.t.Fatalf("raw peer: expected a frame, %d bytes came: %v", n, err)
	}
	size := binary.BigEndian.Uint32(head)
	if size < 4 || size > maxRawFrame {
		r.t.Fatalf("raw peer: expected a frame, its size field says %d", size)
	}
	frame := append(head, make([]byte, size-4)...)
	if n, err := r.readFull(frame[4:]); err != nil {
		r.t.Fatalf("raw peer: a frame of %d bytes ended after %d: %v", size, n+4, err)
	}
	return frame
}

// ExpectPacket reads one fast/1 frame and decodes it. The raw body is the
// packet's own.
func (r *RawPeer) ExpectPacket() *packet.Packet {
	r.t.Helper()
	return Parse(r.t, r.ExpectFrame())
}

// ExpectEOF fails if anything but a clean end of the stream comes.
func (r *RawPeer) ExpectEOF() {
	r.t.Helper()
	if n, err := r.readOne(); err != io.EOF {
		r.t.Fatalf("raw peer: expected the end of the stream, got %d bytes, %v", n, err)
	}
}

// ExpectEnd fails if anything but the end of the connection comes, clean or by
// a reset.
func (r *RawPeer) ExpectEnd() {
	r.t.Helper()
	n, err := r.readOne()
	if n > 0 || err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
		r.t.Fatalf("raw peer: expected the end of the connection, got %d bytes, %v", n, err)
	}
}

// ExpectNothing fails if anything comes within d. It is for virtual time: in
// real time it proves nothing and takes d.
func (r *RawPeer) ExpectNothing(d time.Duration) {
	r.t.Helper()
	r.nc.SetReadDeadline(time.Now().Add(d))
	if n, err := r.nc.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		r.t.Fatalf("raw peer: expected nothing for %v, got %d bytes, %v", d, n, err)
	}
}

// CloseWrite ends the sending half, where the connection has halves.
func (r *RawPeer) CloseWrite() {
	r.t.Helper()
	c, ok := r.nc.(interface{ CloseWrite() error })
	if !ok {
		r.t.Fatalf("raw peer: a %T has no CloseWrite", r.nc)
	}
	if err := c.CloseWrite(); err != nil {
		r.t.Fatalf("raw peer: CloseWrite: %v", err)
	}
}

// Close closes the connection.
func (r *RawPeer) Close() { r.nc.Close() }

func (r *RawPeer) readOne() (int, error) {
	r.nc.SetReadDeadline(time.Now().Add(r.Patience))
	return r.nc.Read(make([]byte, 1))
}

func (r *RawPeer) readFull(b []byte) (int, error) {
	r.nc.SetReadDeadline(time.Now().Add(r.Patience))
	return io.ReadFull(r.nc, b)
}

// framer is fast/1 without a connection.
var framer = fast.New(nil).(packet.Framer)

// Frame encodes a packet as fast/1.
func Frame(t testing.TB, settings ...packet.PacketSetting) []byte {
	t.Helper()
	b, err := framer.AppendFrame(nil, packet.NewPacket(settings...))
	if err != nil {
		t.Fatalf("encoding a packet: %v", err)
	}
	return b
}

// Parse decodes a fast/1 frame; the packet owns its raw body.
func Parse(t testing.TB, frame []byte) *packet.Packet {
	t.Helper()
	p := packet.NewPacket()
	n, err := framer.FrameLen(nil, frame)
	if err == nil && n != len(frame) {
		t.Fatalf("decoding a packet: %d bytes given, the frame has %d", len(frame), n)
	}
	if err == nil {
		err = framer.ParseFrame(frame, p)
	}
	if err != nil {
		t.Fatalf("decoding a packet: %v", err)
	}
	p.Detach()
	return p
}

// Hex decodes hex digits; white space and '|' are for people.
func Hex(t testing.TB, s string) []byte {
	t.Helper()
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n|", r) {
			return -1
		}
		return r
	}, s)
	b, err := hex.DecodeString(clean)
	if err != nil {
		t.Fatalf("%q is not hex: %v", s, err)
	}
	return b
}
