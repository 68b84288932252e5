package properties

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// hostileLimit bounds what damaged frames may ask for, in bytes, so that a Proto that takes memory before the bytes
// have come does not end the process.
const hostileLimit = 1 << 20

// verdict is what a Proto makes of a frame.
type verdict struct {
	err error
	p   gen.Packet
}

// differs tells how two verdicts differ: in the packet, or in the class, stage and offset of the error.
func (v verdict) differs(w verdict) string {
	switch {
	case v.err == nil && w.err == nil:
		return v.p.Diff(w.p)
	case v.err == io.EOF || w.err == io.EOF:
		if v.err != w.err {
			return fmt.Sprintf("%v, and %v", v.err, w.err)
		}
		return ""
	}
	var a, b *packet.Error
	typedA, typedB := errors.As(v.err, &a), errors.As(w.err, &b)
	if (v.err == nil) != (w.err == nil) || typedA != typedB || typedA && (a.Class != b.Class || a.Stage != b.Stage || a.Offset != b.Offset) {
		return fmt.Sprintf("%v, and %v", v.err, w.err)
	}
	return ""
}

// read gives the verdict on the first packet of a stream.
func (b *bench) read(env *packet.Env, r io.Reader) verdict {
	p := packet.NewPacket()
	p.SetEnv(env)
	if err := b.pf(&wire{in: r}).Unpack(p); err != nil {
		return verdict{err: err}
	}
	return verdict{p: gen.Read(p)}
}

// parse gives the verdict of the Framer's path on the first packet of a stream that is these bytes.
func (b *bench) parse(env *packet.Env, in []byte) verdict {
	if len(in) == 0 {
		return verdict{err: io.EOF}
	}
	n, err := b.framer.FrameLen(env, in)
	if err != nil {
		return verdict{err: err}
	}
	if n == 0 || n > len(in) {
		return verdict{err: packet.FrameError(packet.ClassShort, len(in), io.ErrUnexpectedEOF)}
	}
	p := packet.NewPacket()
	p.SetEnv(env)
	if err := b.framer.ParseFrame(slices.Clone(in[:n]), p); err != nil {
		return verdict{err: err}
	}
	return verdict{p: gen.Read(p)}
}

func damage(b *bench) gopter.Prop {
	env := b.limited(func(l *packet.Limits) { l.MaxPacket, l.MaxPayload = hostileLimit, hostileLimit })
	return all3(func(in gen.Packet, m gen.Damage, plan gen.Plan) string {
		frame, err := b.pack(in.New(b.env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		frame = m.Apply(frame)
		once := b.read(env, bytes.NewReader(frame))
		if d := once.differs(b.read(env, plan.Reader(frame, nil))); d != "" {
			return fmt.Sprintf("Unpack at once and in segments: %s\n%x", d, frame)
		}
		if b.framer == nil {
			return ""
		}
		if d := once.differs(b.parse(env, frame)); d != "" {
			return fmt.Sprintf("Unpack and the Framer: %s\n%x", d, frame)
		}
		return ""
	}, gen.Packets(b.profile), gen.Damages(), gen.Plans())
}

func framer(b *bench) gopter.Prop {
	return all2(func(in gen.Packet, before string) string {
		frame, err := b.pack(in.New(b.env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		for _, room := range []int{0, len(frame) + 100} {
			dst := append(make([]byte, 0, len(before)+room), before...)
			p := in.New(b.env)
			out, err := b.framer.AppendFrame(dst, p)
			if err != nil || string(out) != before+string(frame) || string(dst) != before {
				return fmt.Sprintf("AppendFrame behind %d bytes gives %d bytes (%v); Pack wrote %d", len(before), len(out), err, len(frame))
			}
			if int(p.Size()) != len(frame) {
				return fmt.Sprintf("AppendFrame set the size %d, the frame has %d bytes", p.Size(), len(frame))
			}
		}
		if wrong := b.lengths(frame, before); wrong != "" {
			return wrong
		}
		v := b.parse(b.env, frame)
		if v.err != nil {
			return fmt.Sprintf("ParseFrame of what Pack wrote: %v", v.err)
		}
		if d := in.Normal().Diff(v.p); d != "" {
			return "after AppendFrame and ParseFrame\n" + d
		}
		return ""
	}, gen.Packets(b.profile), gen.Strings(100))
}

// lengths asks FrameLen with more and more of a frame: it gives 0, then from some byte on the frame's length.
func (b *bench) lengths(frame []byte, behind string) string {
	known := false
	stream := append(slices.Clone(frame), behind...)
	for k := 0; k <= len(stream); k++ {
		if k > 300 && k < len(frame)-1 {
			k = len(frame) - 1
		}
		n, err := b.framer.FrameLen(b.env, stream[:k])
		switch {
		case err != nil:
			return fmt.Sprintf("FrameLen of %d good bytes: %v", k, err)
		case n == 0 && (known || k >= len(frame)), n != 0 && n != len(frame):
			return fmt.Sprintf("FrameLen of %d bytes of a frame of %d: %d", k, len(frame), n)
		}
		known = n != 0
	}
	return ""
}
