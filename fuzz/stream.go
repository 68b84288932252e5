package fuzz

import (
	"bytes"
	"errors"
	"io"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// streamSeeds gives each Proto's wires, two in a row, whole and cut, under several plans.
func streamSeeds() [][]byte {
	var out [][]byte
	for i, d := range dialects() {
		wires := some(3, vectorWires(d.name))
		for k, wire := range wires {
			next := wires[(k+1)%len(wires)]
			both := append(bytes.Clone(wire), next...)
			plan := [][]byte{{0}, {1, 1}, {3, 4, 2, 9}, {2, 5, 60}}[k%4]
			head := append([]byte{byte(i)}, plan...)
			out = append(out, append(append(bytes.Clone(head), 0, 0), both...))
			cut := len(next) / 2
			out = append(out, append(append(bytes.Clone(head), byte(cut), byte(cut>>8)), both...))
			if k%8 == 0 {
				out = append(out, append([]byte{byte(i), 7, 9, 1, 200, 3, 7, 2, 90, byte(cut), byte(cut >> 8)}, both...))
			}
		}
	}
	return distinct(out)
}

// runDecodeStream reads a stream packet by packet. The script: which Proto, the number of segment lengths and each, how
// many bytes are cut off the end (two bytes), the stream.
func runDecodeStream(t Reporter, in []byte) {
	s := script{b: in}
	all := dialects()
	d := all[s.upTo(len(all))]
	var plan []int
	for range s.upTo(8) {
		plan = append(plan, int(s.byte()))
	}
	cut := int(s.byte()) | int(s.byte())<<8
	wire := s.rest()
	wire = wire[:len(wire)-min(cut, len(wire))]
	env := &packet.Env{Limits: small, Filters: registries(t).judged}

	var beyond bool
	want, werr := judge(d.oracle, &beyond).DecodeStream(wire, oracleLimits(small))
	whole, _, wholeErr := readStream(d.make, env, &segments{b: wire})
	r := &segments{b: wire, plan: plan, endsWithData: len(plan)%2 == 1}
	got, read, err := readStream(d.make, env, r)
	if !sameErr(err, wholeErr) || len(got) != len(whole) {
		t.Fatalf("in segments %v there are %d packets, then %v; in one piece %d, then %v\n%x", plan, len(got), err, len(whole), wholeErr, wire)
	}
	sum := 0
	for i := range got {
		equalPackets(t, "in segments", whole[i], got[i])
		sum += int(got[i].Size())
		if read[i] != sum {
			t.Fatalf("after %d packets %d bytes were read, they have %d\n%x", i+1, read[i], sum, wire)
		}
	}
	sameAsFramer(t, d, env, wire, whole, wholeErr)
	if len(plan) >= 6 {
		for _, end := range []error{errStream, errNothing} {
			badEnd(t, d, env, &segments{b: wire, plan: plan, end: end}, whole, wholeErr)
		}
	}
	if beyond {
		return
	}
	if len(got) != len(want) {
		t.Fatalf("the oracle reads %d packets, the reference %d, then %v\n%x", len(want), len(got), err, wire)
	}
	for i := range got {
		samePacket(t, want[i], got[i])
	}
	if werr == nil && err != io.EOF {
		t.Fatalf("the stream ends cleanly, the reference says %v\n%x", err, wire)
	}
	if werr != nil {
		sameError(t, werr, err, wire)
	}
}

// badEnd reads a stream that fails, or gives nothing for ever, where the other one ended: its reader's error comes through,
// and is none of a frame.
//
// req: TP-PROTO-027
func badEnd(t Reporter, d dialect, env *packet.Env, r *segments, want []*packet.Packet, werr error) {
	t.Helper()
	got, _, err := readStream(d.make, env, r)
	end := r.end
	if end == errNothing {
		end = io.ErrNoProgress
	}
	ended := werr == io.EOF || packet.ClassOf(werr) == packet.ClassShort
	if len(got) != len(want) || ended != errors.Is(err, end) || ended && packet.ClassOf(err) != "" || !ended && !sameErr(err, werr) {
		t.Fatalf("of a stream that ends in %v %d packets are read, then %v; of one that just ends %d, then %v\n%x", end, len(got), err, len(want), werr, r.b)
	}
}

// errNothing makes segments give neither bytes nor an error at the end.
var errNothing = errors.New("nothing")

// readStream unpacks until that fails; read has the bytes that were taken after each packet.
func readStream(make packet.ProtoFunc, env *packet.Env, r *segments) (out []*packet.Packet, read []int, err error) {
	proto := make(r)
	for {
		p := packet.NewPacket(packet.WithEnv(env))
		if err := proto.Unpack(p); err != nil {
			return out, read, err
		}
		out, read = append(out, p), append(read, r.at)
	}
}

// sameAsFramer reads the stream as a session does, which owns the buffer.
func sameAsFramer(t Reporter, d dialect, env *packet.Env, wire []byte, want []*packet.Packet, werr error) {
	t.Helper()
	framer := d.make(nil).(packet.Framer)
	at := 0
	for i := range want {
		n, err := framer.FrameLen(env, wire[at:])
		if err != nil || n != int(want[i].Size()) {
			t.Fatalf("packet %d: FrameLen gives %d, %v; Unpack read %d\n%x", i, n, err, want[i].Size(), wire)
		}
		p := packet.NewPacket(packet.WithEnv(env))
		if err := framer.ParseFrame(wire[at:at+n:at+n], p); err != nil {
			t.Fatalf("packet %d: the Framer says %v, Unpack read it\n%x", i, err, wire)
		}
		equalPackets(t, "by the Framer", want[i], p)
		at += n
	}
	if n, err := framer.FrameLen(env, wire[at:]); werr == io.EOF && (n != 0 || err != nil) {
		t.Fatalf("at a clean end FrameLen gives %d, %v", n, err)
	} else if err != nil && !sameErr(err, werr) {
		t.Fatalf("FrameLen says %v, Unpack %v\n%x", err, werr, wire)
	}
}

// segments is a stream that arrives in pieces, the plan over and over; a length of 0 is a read that gives nothing.
type segments struct {
	b            []byte
	at           int
	plan         []int
	turn, left   int
	endsWithData bool  // the last bytes and io.EOF come together
	end          error // what comes at the end; nil stands for io.EOF
}

func (s *segments) Read(p []byte) (int, error) {
	if s.at == len(s.b) {
		switch s.end {
		case nil:
			return 0, io.EOF
		case errNothing:
			return 0, nil
		}
		return 0, s.end
	}
	n := min(len(p), len(s.b)-s.at)
	if len(s.plan) > 0 {
		if s.left == 0 {
			s.left = s.plan[s.turn%len(s.plan)]
			s.turn++
			if s.left == 0 && s.turn%len(s.plan) != 0 { // never nothing for ever
				return 0, nil
			}
			s.left = max(s.left, 1)
		}
		n = min(n, s.left)
		s.left -= n
	}
	copy(p, s.b[s.at:s.at+n])
	s.at += n
	if s.endsWithData && s.at == len(s.b) {
		return n, io.EOF
	}
	return n, nil
}

func (*segments) Write([]byte) (int, error) { return 0, errReadOnly }
