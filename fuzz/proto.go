package fuzz

import (
	"fmt"
	"slices"

	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// ProtoOption changes what Proto and ProtoTarget do.
type ProtoOption func(*protoFuzz)

// WithoutPipe leaves filters out, for a Proto that has none.
func WithoutPipe() ProtoOption { return func(x *protoFuzz) { x.ids = "" } }

// WithTimeout changes how long one input may take before it counts as a hang; the default is 20 seconds.
func WithTimeout(d time.Duration) ProtoOption { return func(x *protoFuzz) { x.timeout = d } }

// WithSeeds adds wires of the Proto to the seeds. Each has its part in all that is done with bytes.
func WithSeeds(wires ...[]byte) ProtoOption {
	return func(x *protoFuzz) { x.wires = append(x.wires, wires...) }
}

// Proto fuzzes a Proto of one's own: packets built by scripts must come back as they were, whole, cut, in segments, in a
// row and under limits that just fit; bytes of the fuzzer's choice must be refused or mean the same a second time, within
// the memory that the standard allows. A Proto that says it is fast/1, json/1 or pb/1 is held against the oracle too.
//
//	func FuzzMyProto(f *testing.F) {
//		fuzz.Proto(f, myproto.New)
//	}
//
// The first byte of an input says what is done, so one fuzz test holds all of it.
func Proto(f *testing.F, pf packet.ProtoFunc, opts ...ProtoOption) {
	f.Helper()
	ProtoTarget(pf, opts...).Fuzz(f)
}

// ProtoTarget gives what Proto runs as a Target, for who wants to check single inputs. Its name is Proto.
func ProtoTarget(pf packet.ProtoFunc, opts ...ProtoOption) Target {
	x := &protoFuzz{make: pf, ids: filterIds, timeout: patience}
	for _, opt := range opts {
		opt(x)
	}
	for _, d := range dialects() {
		if d.name == suite.Claims(pf) {
			x.dialect, x.known = dialect{d.name, d.oracle, pf}, true
		}
	}
	return Target{Name: "Proto", About: "everything that the standard asks of any Proto", Seeds: x.seeds, Run: x.run}
}

// protoFuzz is what the deeds share. It is not changed once it runs.
type protoFuzz struct {
	make    packet.ProtoFunc
	ids     string // the filters that packets may have
	timeout time.Duration
	wires   [][]byte
	dialect dialect // what the Proto says of itself that it speaks
	known   bool    // it is one that the oracle has
}

// deed is one thing that is done with the rest of an input.
type deed struct {
	name    string
	scripts bool // the input is a script of packets, not bytes off a wire
	run     func(x *protoFuzz, t Reporter, s *script)
}

func deeds() []deed {
	return []deed{
		{"round trip", true, (*protoFuzz).roundTrip},
		{"bytes", false, (*protoFuzz).hostileBytes},
		{"segments", false, (*protoFuzz).inSegments},
		{"packets in a row", true, (*protoFuzz).inRow},
		{"cut anywhere", true, (*protoFuzz).cutAnywhere},
		{"bytes changed", true, (*protoFuzz).changedBytes},
		{"a used packet", false, (*protoFuzz).usedPacket},
		{"exact limits", true, (*protoFuzz).exactLimits},
		{"failing streams", true, (*protoFuzz).failingStreams},
		{"at once", true, (*protoFuzz).atOnce},
		{"the Framer", false, (*protoFuzz).framer},
		{"the oracle", false, (*protoFuzz).oracle},
		{"values", true, (*protoFuzz).values},
		{"the oracle's packets", true, (*protoFuzz).oraclePackets},
	}
}

// seeds gives scripts and wires for each deed; the wires are what the Proto itself makes of the scripts.
func (x *protoFuzz) seeds() [][]byte {
	scripts := append(some(8, packetScripts()), writeScript(1, 1, []byte("/a"), [][2][]byte{{}, {[]byte("k"), nil}, {}}, 's', nil, []byte("x")))
	var wires [][]byte
	for i := range scripts {
		if wire, ok := x.safeWire(scripts[i]); ok {
			wires = append(wires, wire)
		}
	}
	if x.known {
		wires = append(wires, vectorWires(x.dialect.name)...)
	}
	wires = distinct(x.wires, lies(), wires)
	var out [][]byte
	for i, d := range deeds() {
		list := wires
		if d.name != "the oracle" {
			list = append(slices.Clone(wires[:min(len(wires), 8)]), some(6, wires)...)
		}
		switch {
		case d.scripts && d.name == "packets in a row":
			list = rows(scripts)
		case d.scripts:
			list = scripts
		case d.name == "segments":
			list = prefixed("\x03\x01\x00\x05", list)
		case d.name == "a used packet":
			list = pairsOf(list)
		}
		out = append(out, prefixed(string([]byte{byte(i)}), list)...)
	}
	return distinct(out)
}

// lies gives heads of frames of the standard that claim more than comes.
func lies() (out [][]byte) {
	for _, id := range "fjp" {
		out = append(out, []byte{0, 0x3f, 0, 0, byte(id), 0}, []byte{0, 0x3f, 0, 0, byte(id), 1, 'g', 0x1f}, []byte{0, 0, 0x20, 1, byte(id), 0, 0})
	}
	return out
}

// rows puts packets one behind the other, pairsOf a length and a wire before each wire.
func rows(scripts [][]byte) (out [][]byte) {
	for i := range scripts {
		var row []byte
		for k := range 4 {
			row = append(row, scripts[(i+5*k)%len(scripts)]...)
		}
		out = append(out, row)
	}
	return out
}

func pairsOf(wires [][]byte) (out [][]byte) {
	for i, wire := range wires {
		out = append(out, append(appendText(nil, wires[(7*i+3)%len(wires)], MaxInput), wire...))
	}
	return out
}

// safeWire packs a script's packet; ok is false where that fails, by a panic too.
func (x *protoFuzz) safeWire(in []byte) (wire []byte, ok bool) {
	t := Target{Name: "Proto", Run: func(t Reporter, in []byte) {
		var w writes
		if err := x.make(&w).Pack((&script{b: in}).packet(&packet.Env{Limits: small, Filters: registries(t).sealer}, x.ids)); err != nil || len(w.all) == 0 {
			t.Fatalf("not packed: %v", err)
		}
		wire = w.all[0]
	}}
	err := t.Check(in)
	return wire, err == nil && len(wire) > 0
}

// run does one deed, on a goroutine of its own so that a hang is a finding; after one that goroutine stays behind.
func (x *protoFuzz) run(t Reporter, in []byte) {
	t.Helper()
	s := &script{b: in}
	all := deeds()
	d := all[s.upTo(len(all))]
	done := make(chan error, 1)
	one := Target{Name: d.name, Run: func(t Reporter, _ []byte) {
		x.sameName(t)
		d.run(x, t, s)
	}}
	go func() { done <- one.Check(nil) }()
	timer := time.NewTimer(x.timeout)
	defer timer.Stop()
	select {
	case err := <-done:
		if err != nil {
			t.Fatalf("%v", err)
		}
	case <-timer.C:
		t.Fatalf("%s: a call did not return in %v", d.name, x.timeout)
	}
}

// envs are those of the two sides.
func (x *protoFuzz) envs(t Reporter, l packet.Limits) (out, in *packet.Env) {
	regs := registries(t)
	return &packet.Env{Limits: l, Filters: regs.sealer}, &packet.Env{Limits: l, Filters: regs.judged}
}

// pack packs one packet with one write.
func (x *protoFuzz) pack(t Reporter, p *packet.Packet) (wire []byte, ok bool) {
	t.Helper()
	var w writes
	seq, was := p.Seq(), fmt.Sprint(p.Meta())
	err := x.make(&w).Pack(p)
	if p.Seq() != seq || fmt.Sprint(p.Meta()) != was {
		t.Fatalf("Pack has changed the packet to %s", p)
	}
	if err != nil {
		if len(w.all) > 0 {
			t.Fatalf("Pack fails (%v) after it has written", err)
		}
		if packet.ClassOf(err) != packet.ClassLimit {
			t.Fatalf("Pack refuses %s: %v, want class limit or nothing", p, err)
		}
		return nil, false
	}
	if len(w.all) != 1 || int(p.Size()) != len(w.all[0]) || len(w.all[0]) == 0 {
		t.Fatalf("Pack has written %d times, the size is %d; want one write of that size", len(w.all), p.Size())
	}
	return w.all[0], true
}

// built builds a packet that every receiver with the wide limits takes, and packs it.
func (x *protoFuzz) built(t Reporter, s *script) (p *packet.Packet, wire []byte, in *packet.Env) {
	t.Helper()
	out, in := x.envs(t, wide)
	p = s.packet(out, x.ids)
	wire, ok := x.pack(t, p)
	if !ok {
		t.Fatalf("Pack refuses %s, which is within every limit", p)
	}
	return p, wire, in
}

// unpack reads one packet.
func (x *protoFuzz) unpack(env *packet.Env, wire []byte) (*packet.Packet, error) {
	p := packet.NewPacket(packet.WithEnv(env))
	return p, x.make(&segments{b: wire}).Unpack(p)
}
