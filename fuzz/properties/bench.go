package properties

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// bench is the workbench of one law: the Proto, and what packets are made with.
type bench struct {
	pf      packet.ProtoFunc
	profile gen.Profile
	env     *packet.Env
	claim   *oracle.Proto // what the Proto says it is, where the oracle knows that
	framer  packet.Framer // nil where the Proto is none
}

func newBench(pf packet.ProtoFunc, c *config) (*bench, error) {
	filters, err := gen.Filters()
	if err != nil {
		return nil, err
	}
	b := &bench{pf: pf, profile: c.profile(), env: &packet.Env{Limits: c.limits, Filters: filters}}
	b.framer, _ = pf(&wire{}).(packet.Framer)
	if pr, ok := oracle.ProtoByName(suite.Claims(pf)); ok && !c.lacks(conformance.FeatureWire) {
		pr = pr.With(gen.OracleFilters())
		b.claim = &pr
	}
	return b, nil
}

// limited gives the environment with other limits.
func (b *bench) limited(change func(*packet.Limits)) *packet.Env {
	e := *b.env
	change(&e.Limits)
	return &e
}

// oracleLimits gives the limits of an environment as the oracle has them.
func oracleLimits(env *packet.Env) oracle.Limits {
	l := env.Limit()
	return oracle.Limits{MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}
}

// wire is what a Proto is given: it reads from in and keeps each write.
type wire struct {
	in io.Reader

	mu     sync.Mutex // guards writes
	writes [][]byte
}

func (w *wire) Read(p []byte) (int, error) {
	if w.in == nil {
		return 0, io.EOF
	}
	return w.in.Read(p)
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes = append(w.writes, slices.Clone(p))
	return len(p), nil
}

// pack packs a packet through a new Proto and gives its frame, or why there is none.
func (b *bench) pack(p *packet.Packet) ([]byte, error) {
	w := &wire{}
	return packOn(w, b.pf(w), p)
}

// packOn packs a packet through a Proto that writes to w. A failing Pack must have written nothing.
func packOn(w *wire, x packet.Proto, p *packet.Packet) ([]byte, error) {
	before := len(w.writes)
	err := x.Pack(p)
	switch n := len(w.writes) - before; {
	case err != nil && n > 0:
		return nil, fmt.Errorf("Pack failed (%v), but wrote %d times", err, n)
	case err != nil:
		return nil, err
	case n != 1:
		return nil, fmt.Errorf("Pack wrote %d times, expected once", n)
	}
	return w.writes[before], nil
}

// frames packs packets through one Proto.
func (b *bench) frames(packets []gen.Packet) (frames [][]byte, err error) {
	w := &wire{}
	x := b.pf(w)
	for i, p := range packets {
		frame, err := packOn(w, x, p.New(b.env))
		if err != nil {
			return nil, fmt.Errorf("packing packet %d: %w", i, err)
		}
		frames = append(frames, frame)
	}
	return frames, nil
}

// unpack reads one packet from these bytes through a new Proto, and how many bytes it left.
func (b *bench) unpack(env *packet.Env, in []byte) (p *packet.Packet, left int, err error) {
	r := bytes.NewReader(in)
	p = packet.NewPacket()
	p.SetEnv(env)
	err = b.pf(&wire{in: r}).Unpack(p)
	return p, r.Len(), err
}

// whole reads in, in which there has to be want and then the clean end. It tells what is wrong.
func (b *bench) whole(want gen.Packet, in []byte) string {
	x := b.pf(&wire{in: bytes.NewReader(in)})
	p := packet.NewPacket()
	p.SetEnv(b.env)
	if err := x.Unpack(p); err != nil {
		return fmt.Sprintf("Unpack of what Pack wrote failed: %v", err)
	}
	if d := want.Normal().Diff(gen.Read(p)); d != "" {
		return "after Pack and Unpack\n" + d
	}
	if err := x.Unpack(p); err != io.EOF {
		return fmt.Sprintf("behind the packet Unpack gives %v, expected io.EOF itself", err)
	}
	return ""
}

// refused tells what is wrong with an error that should be of class limit.
func refused(err error, packetLimit bool) string {
	switch {
	case err == nil:
		return "it was taken"
	case packet.ClassOf(err) != packet.ClassLimit:
		return fmt.Sprintf("the error has class %q, expected limit: %v", packet.ClassOf(err), err)
	case packetLimit && !errors.Is(err, packet.ErrExceedPacketSizeLimit):
		return fmt.Sprintf("the error does not wrap ErrExceedPacketSizeLimit: %v", err)
	}
	return ""
}
