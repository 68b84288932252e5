package packet

import "io"

// Proto packs and unpacks packets on one connection (spec chapter 14).
type Proto interface {
	// Version gives the Proto's id and name, always the same.
	Version() (id byte, name string)

	// Pack writes the packet with exactly one Write, or nothing when it fails
	// to encode it, and sets the packet's size. It may be called from several
	// goroutines at once with distinct packets.
	Pack(*Packet) error

	// Unpack reads one packet. It forgets what the packet held, but for its
	// NewBodyFunc and Env; it keeps no memory that a later packet overwrites.
	// At the end of the stream it gives io.EOF itself, inside a packet an
	// error that wraps io.ErrUnexpectedEOF. One goroutine at a time.
	Unpack(*Packet) error
}

// ProtoFunc makes a Proto for one connection. The writer that a Proto is given
// may lend it nothing after Write returns, and may be used from several
// goroutines at once.
type ProtoFunc func(io.ReadWriter) Proto

// Framer is what a Proto may offer beside Pack and Unpack so that a session
// can own the buffers. Its three methods are pure functions of their arguments
// and must agree with Pack and Unpack in every verdict and every packet. They
// are safe for concurrent use with distinct packets.
type Framer interface {
	// FrameLen gives the length in bytes of the frame that head begins with,
	// or 0 while it needs more bytes to tell. It checks the limits of env and
	// everything else about the part it looks at; a failure is reported as
	// soon as its bytes are there. The answer does not depend on how many
	// bytes beyond those needed head has.
	FrameLen(env *Env, head []byte) (n int, err error)

	// ParseFrame reads one whole frame, as long as FrameLen said, into p. It
	// does all that Unpack does (the NewBodyFunc, where one is set, included)
	// but one thing: the raw body may be a part of frame until Bind, Detach or
	// Reset.
	ParseFrame(frame []byte, p *Packet) error

	// AppendFrame appends the frame of p to dst. On an error dst comes back
	// with its old length; the bytes before are never changed.
	AppendFrame(dst []byte, p *Packet) ([]byte, error)
}
