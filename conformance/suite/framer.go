package suite

import (
	"errors"
	"io"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// guardedFramer is the Framer under test; its methods go through runner.T.Call.
type guardedFramer struct {
	b *bench
	f packet.Framer
}

// framer gives the Proto's Framer; the case is skipped where it has none.
func (b *bench) framer() *guardedFramer {
	f, ok := b.open(&stream{}).proto.(packet.Framer)
	if !ok {
		b.Skipf("the Proto is no packet.Framer")
	}
	return &guardedFramer{b, f}
}

func (g *guardedFramer) FrameLen(env *packet.Env, head []byte) (n int, err error) {
	g.b.Call("FrameLen", func() { n, err = g.f.FrameLen(env, head) })
	return n, err
}

func (g *guardedFramer) ParseFrame(frame []byte, p *packet.Packet) (err error) {
	g.b.traceFrame(runner.Sent, "ParseFrame took", frame)
	g.b.Call("ParseFrame", func() { err = g.f.ParseFrame(frame, p) })
	return err
}

func (g *guardedFramer) AppendFrame(dst []byte, p *packet.Packet) (out []byte, err error) {
	g.b.Call("AppendFrame", func() { out, err = g.f.AppendFrame(dst, p) })
	if err == nil {
		g.b.traceFrame(runner.Received, "AppendFrame gave", out)
	}
	return out, err
}

// without reports whether the run goes without a feature.
func (b *bench) without(f runner.Feature) bool { return slices.Contains(b.Without(), f) }

// framerSamples are the packets both paths are compared on.
func (b *bench) framerSamples() []sample {
	samples := mixed(5)
	if !b.without(FeaturePipe) {
		samples = append(samples, piped(6, tagA), piped(7, runs, tagB))
	}
	return samples
}

// readFrame is what a session does over a Framer: find the frame, then parse it. An input that ends too
// early is short; a session sees that, not the Framer, so typed is false for it.
func (g *guardedFramer) readFrame(data []byte, p *packet.Packet) (err error, typed bool) {
	n, err := g.FrameLen(p.Env(), data)
	switch {
	case err != nil:
		return err, true
	case len(data) == 0:
		return io.EOF, false
	case n <= 0 || n > len(data):
		return io.ErrUnexpectedEOF, false
	}
	return g.ParseFrame(data[:n:n], p), true
}

// agree wants one verdict and one packet from both paths.
func (b *bench) agree(f *guardedFramer, env *packet.Env, input []byte, what string) {
	p, q := b.blank(), b.blank()
	p.SetEnv(env)
	q.SetEnv(env)
	plain := b.open(&stream{in: input}).Unpack(p)
	framed, typed := f.readFrame(input, q)
	switch {
	case plain == nil && framed == nil:
		if d := read(p).diff(read(q)); d != "" {
			b.Errorf("%s: Unpack and ParseFrame gave different packets:\n%s", what, d)
		}
		if p.Size() != q.Size() {
			b.Errorf("%s: Unpack set the size to %d, ParseFrame to %d", what, p.Size(), q.Size())
		}
	case plain == nil || framed == nil:
		b.Errorf("%s: Unpack gave %s, the Framer %s", what, describe(plain), describe(framed))
	case !typed && (framed == io.EOF) != (plain == io.EOF) || !typed && framed != io.EOF && !errors.Is(plain, framed):
		b.Errorf("%s: the Framer needs more bytes than there are (%v), Unpack gave %s", what, framed, describe(plain))
	case typed && verdict(plain) != verdict(framed):
		b.Errorf("%s: Unpack gave %s, the Framer %s", what, describe(plain), describe(framed))
	}
}

// fault is what two typed errors have to agree on.
type fault struct {
	class  packet.Class
	stage  packet.Stage
	offset int64
}

func verdict(err error) fault {
	if e, ok := errors.AsType[*packet.Error](err); ok {
		return fault{e.Class, e.Stage, e.Offset}
	}
	return fault{}
}
