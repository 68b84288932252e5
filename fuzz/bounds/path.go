package bounds

import (
	"errors"
	"io"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Path is one way of a Proto to decode.
type Path struct {
	Name   string
	Stream bool // it reads a stream, and so may outgrow buffers: see Outgrown
	// Decode decodes the packets of in under env, one after the other, each into a fresh packet, until one is
	// refused or in ends, which is the end of the stream. It gives how many there were and what the Proto
	// refused with, nil for nothing.
	Decode func(env *packet.Env, in []byte) (packets int, err error)
}

// Allowed gives the bytes of memory that the path may allocate for input of n bytes.
func (p Path) Allowed(n int) uint64 {
	if p.Stream {
		return Allowed(n) + Outgrown(n)
	}
	return Allowed(n)
}

// Paths gives the ways of the Protos that pf makes: Unpack on a stream that comes in one piece ("unpack"), and
// byte by byte ("bytes"); and for a packet.Framer its methods, as a session uses them ("framer").
func Paths(pf packet.ProtoFunc) []Path {
	paths := []Path{
		{"unpack", true, func(env *packet.Env, in []byte) (int, error) { return unpack(pf, env, &Input{Data: in}) }},
		{"bytes", true, func(env *packet.Env, in []byte) (int, error) { return unpack(pf, env, &Input{Data: in, Most: 1}) }},
	}
	framer, ok := pf(&Input{}).(packet.Framer)
	if !ok {
		return paths
	}
	return append(paths, Path{"framer", false, func(env *packet.Env, in []byte) (int, error) { return frames(framer, env, in) }})
}

func unpack(pf packet.ProtoFunc, env *packet.Env, in *Input) (packets int, err error) {
	for x := pf(in); ; packets++ {
		if err := x.Unpack(fresh(env)); err == io.EOF { // itself: a clean end
			return packets, nil
		} else if err != nil {
			return packets, err
		}
	}
}

func frames(f packet.Framer, env *packet.Env, in []byte) (packets int, err error) {
	for ; len(in) > 0; packets++ {
		n, err := f.FrameLen(env, in)
		switch {
		case err != nil:
			return packets, err
		case n <= 0 || n > len(in): // a session waits for the rest, and the stream ends
			return packets, packet.FrameError(packet.ClassShort, len(in), io.ErrUnexpectedEOF)
		}
		if err := f.ParseFrame(in[:n:n], fresh(env)); err != nil {
			return packets, err
		}
		in = in[n:]
	}
	return packets, nil
}

func fresh(env *packet.Env) *packet.Packet {
	p := packet.NewPacket()
	p.SetEnv(env)
	return p
}

// Input is a stream that ends with Data and counts what is asked of it. It is for one goroutine.
type Input struct {
	Data []byte // what is still to be read
	Most int    // bytes that one Read gives at most; 0: no bound

	Reads int // calls of Read
}

// Read implements io.Reader.
func (in *Input) Read(b []byte) (int, error) {
	in.Reads++
	if len(in.Data) == 0 {
		return 0, io.EOF
	}
	if in.Most > 0 && len(b) > in.Most {
		b = b[:in.Most]
	}
	n := copy(b, in.Data)
	in.Data = in.Data[n:]
	return n, nil
}

// Write refuses: what is only decoded writes nothing.
func (in *Input) Write([]byte) (int, error) { return 0, errors.New("bounds: this stream is only read") }
