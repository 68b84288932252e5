package fuzz

import (
	"bytes"
	"errors"
	"io"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/proto/json"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
)

// dialect is one Proto of the standard, written twice.
type dialect struct {
	name   string
	oracle oracle.Proto
	make   packet.ProtoFunc
}

// dialects gives the Protos of the standard; their order is that of the bytes which choose one.
func dialects() []dialect {
	return []dialect{{"fast", oracle.Fast, fast.New}, {"json", oracle.JSON, json.New}, {"pb", oracle.PB, pb.New}}
}

// runDecodeFast holds the first frame of a stream against the oracle.
func runDecodeFast(t Reporter, in []byte) { sameFrame(t, dialects()[0], in) }

// sameFrame decodes the first frame of in, all ways, and encodes what came of it again.
func sameFrame(t Reporter, d dialect, in []byte) {
	t.Helper()
	if tooLarge := sameFrameUnder(t, d, in, small); tooLarge {
		sameFrameUnder(t, d, in, wide)
	}
}

// verdict is what the oracle says of a stream's first frame.
type verdict struct {
	p      oracle.Packet
	n      int
	err    *oracle.Error
	beyond bool // the oracle is no judge of this frame
}

func ask(d dialect, in []byte, l packet.Limits) (v verdict) {
	v.p, v.n, v.err = judge(d.oracle, &v.beyond).Decode(in, oracleLimits(l))
	return v
}

// sameFrameUnder tells whether a limit was met.
func sameFrameUnder(t Reporter, d dialect, in []byte, l packet.Limits) (tooLarge bool) {
	t.Helper()
	want := ask(d, in, l)
	env := &packet.Env{Limits: l, Filters: registries(t).judged}
	pipe := 0
	if len(in) > 5 {
		pipe = int(in[5])
	}
	var got *packet.Packet
	var left int
	var err error
	withinMemory(t, allowance(len(in), pipe, l.MaxPayload), d.name+"/1: reading", func() {
		r := bytes.NewReader(in)
		got = packet.NewPacket(packet.WithEnv(env))
		err = d.make(readOnly{r}).Unpack(got)
		left = r.Len()
	})
	if !want.beyond {
		sameVerdict(t, d, want, got, err, in)
	}
	if err == nil {
		if read := len(in) - left; read != int(got.Size()) {
			t.Fatalf("the frame has %d bytes, %d were read\n%x", got.Size(), read, in)
		}
	}
	sameFramer(t, d, env, in, got, err)
	if err == nil {
		sameAgain(t, d, got, want)
	}
	return packet.ClassOf(err) == packet.ClassLimit
}

// sameVerdict holds what reading gave against the oracle.
func sameVerdict(t Reporter, d dialect, want verdict, got *packet.Packet, err error, in []byte) {
	t.Helper()
	switch {
	case want.err != nil:
		sameError(t, want.err, err, in)
	case want.n == 0: // a clean end
		if err != io.EOF {
			t.Fatalf("at a clean end the reference says %v, want io.EOF itself", err)
		}
	case err != nil:
		t.Fatalf("the oracle takes it, the reference says %v\n%x", err, in)
	case int(got.Size()) != want.n:
		t.Fatalf("the frame has %d bytes, the reference says %d\n%x", want.n, got.Size(), in)
	default:
		samePacket(t, want.p, got)
	}
}

// sameError wants the oracle's class, stage and offset, and of a cut frame the error of Go's libraries.
func sameError(t Reporter, want *oracle.Error, err error, in []byte) {
	t.Helper()
	var perr *packet.Error
	if !errors.As(err, &perr) || string(perr.Class) != want.Class || string(perr.Stage) != want.Stage || perr.Offset != want.Offset {
		t.Fatalf("the oracle says %v, the reference %v\n%x", want, err, in)
	}
	if want.Class == oracle.Short && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%v does not wrap io.ErrUnexpectedEOF", err)
	}
}

// sameFramer reads the frame without a stream, and wants what Unpack gave. FrameLen must give the same answer for any
// part of the frame that is long enough.
func sameFramer(t Reporter, d dialect, env *packet.Env, in []byte, want *packet.Packet, werr error) {
	t.Helper()
	framer, ok := d.make(readOnly{bytes.NewReader(nil)}).(packet.Framer)
	if !ok || len(in) == 0 {
		return
	}
	n, err := framer.FrameLen(env, in)
	for _, head := range []int{0, 1, 4, 5, 6, 7, len(in) / 2, len(in) - 1} {
		if head > len(in) {
			continue
		}
		if m, merr := framer.FrameLen(env, in[:head]); m != 0 && m != n || merr != nil && !sameErr(merr, err) {
			t.Fatalf("FrameLen of %d bytes gives %d, %v, of all %d, %v\n%x", head, m, merr, n, err, in)
		}
	}
	got := packet.NewPacket(packet.WithEnv(env))
	frame := in
	if err == nil && n > 0 && n < len(in) {
		frame = in[:n:n]
	}
	if err == nil {
		err = framer.ParseFrame(bytes.Clone(frame), got)
	}
	if !sameErr(err, werr) {
		t.Fatalf("Unpack says %v, the Framer %v\n%x", werr, err, in)
	}
	if err == nil {
		equalPackets(t, "by the Framer", want, got)
	}
}

// sameErr compares typed errors, and others by what they are.
func sameErr(a, b error) bool {
	var x, y *packet.Error
	if !errors.As(a, &x) || !errors.As(b, &y) {
		return a == b
	}
	return x.Class == y.Class && x.Stage == y.Stage && x.Offset == y.Offset
}

// sameAgain encodes a packet that was read, and wants the same packet back; without a pipe also the oracle's bytes, and
// those again the second time.
func sameAgain(t Reporter, d dialect, p *packet.Packet, want verdict) {
	t.Helper()
	regs := registries(t)
	out := copyPacket(p, &packet.Env{Limits: wide, Filters: regs.sealer})
	var w writes
	if err := d.make(&w).Pack(out); err != nil || len(w.all) != 1 {
		t.Fatalf("what was read cannot be written: %v after %d writes", err, len(w.all))
	}
	wire := w.all[0]
	if p.XferPipe().Len() == 0 && !want.beyond {
		again, oerr := d.oracle.Encode(want.p, oracleLimits(wide))
		if oerr != nil || !bytes.Equal(wire, again) {
			t.Fatalf("the oracle encodes %q (%v), the reference %q", again, oerr, wire)
		}
	}
	back := packet.NewPacket(packet.WithEnv(&packet.Env{Limits: wide, Filters: regs.judged}))
	if err := d.make(readOnly{bytes.NewReader(wire)}).Unpack(back); err != nil {
		t.Fatalf("what was written cannot be read: %v\n%x", err, wire)
	}
	back.SetSize(p.Size())
	equalPackets(t, "written and read", p, back)
}
