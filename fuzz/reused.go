package fuzz

import (
	"bytes"
	"strings"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// reusedSeeds puts every wire behind another one.
func reusedSeeds() [][]byte {
	var out [][]byte
	for i, d := range dialects() {
		wires := some(3, vectorWires(d.name))
		for k, wire := range wires {
			before := wires[(k*7+3)%len(wires)]
			out = append(out, append(append([]byte{byte(i) | byte(k%8)<<2, byte(len(before)), byte(len(before) >> 8)}, before...), wire...))
		}
	}
	return distinct(out, roomySeeds())
}

// roomy are limits under which a packet takes more memory than a pool keeps.
var roomy = packet.Limits{MaxPacket: 1 << 20, MaxPayload: 1 << 20, MaxUri: 64 << 10, MaxMeta: 1 << 20, MaxMetaPairs: 1 << 16}

// roomySeeds have 5,000 pairs of metadata, and a value of 80,000 bytes under gzip.
func roomySeeds() [][]byte {
	many, long := packet.NewPacket(packet.WithEnv(&packet.Env{Limits: roomy})), packet.NewPacket(packet.WithEnv(&packet.Env{Limits: roomy}))
	for range 5000 {
		many.Meta().Add("k", "")
	}
	long.Meta().Add("k", strings.Repeat("v", 80_000))
	packet.WithXferPipe('g')(long)
	var out [][]byte
	for _, p := range []*packet.Packet{many, long} {
		if wire, err := new(fast.Proto).AppendFrame(nil, p); err == nil {
			out = append(out, append([]byte{0x20, 0, 0}, wire...), append(append([]byte{0x20, byte(len(wire)), byte(len(wire) >> 8)}, wire...), wire[:min(len(wire), 300)]...))
		}
	}
	return out
}

// runReusedPacket reads one frame and then another into the same packet. The script: which Proto, how the packet is
// used and under which limits, the first frame's length and bytes, the second frame. What is read second must be what a fresh packet reads;
// what was taken from the first must stay as it was.
//
// req: TP-PROTO-013, TP-PROTO-014
func runReusedPacket(t Reporter, in []byte) {
	s := script{b: in}
	how := s.byte()
	all := dialects()
	d := all[int(how&3)%len(all)]
	first := s.bytes(MaxInput)
	second := s.rest()
	env := &packet.Env{Limits: small, Filters: registries(t).judged}
	if how&0x20 != 0 {
		env.Limits = roomy
	}
	read := func(p *packet.Packet, b []byte) error {
		p.SetEnv(env)
		if how&4 != 0 {
			return d.make(nil).(packet.Framer).ParseFrame(bytes.Clone(b), p)
		}
		return d.make(readOnly{bytes.NewReader(b)}).Unpack(p)
	}
	fresh := packet.NewPacket()
	want := read(fresh, second)

	p := packet.GetPacket()
	defer packet.PutPacket(p)
	taken := takings{}
	if read(p, first) == nil {
		taken = take(p)
	}
	switch how >> 3 & 3 {
	case 1:
		p.Reset()
	case 2: // what was set to be sent must not show in what is read
		p.SetBody("a value to be sent")
		p.Meta().Set("set", "by the sender")
		packet.WithXferPipe('c', 0xEE)(p)
	case 3:
		p.SetNewBody(func(uint64, byte, string) any { return new([]byte) })
		_ = read(p, first) // a body that does not fit its value is allowed here
		p.SetNewBody(nil)
	}
	if err := read(p, second); !sameErr(err, want) {
		t.Fatalf("a packet that was used says %v, a fresh one %v\n%x", err, want, second)
	}
	equalPackets(t, "in a packet that was used", fresh, p)
	if p.XferPipe().Err() != nil {
		t.Fatalf("the pipe still has the failure %v", p.XferPipe().Err())
	}
	taken.mustBe(t)
	if want != nil {
		return
	}
	one, err1 := d.make(nil).(packet.Framer).AppendFrame(nil, fresh)
	two, err2 := d.make(nil).(packet.Framer).AppendFrame(nil, p)
	if !sealed(p) && (!sameErr(err1, err2) || !bytes.Equal(one, two)) {
		t.Fatalf("a fresh packet is written as %x, %v, one that was used as %x, %v", one, err1, two, err2)
	}
}

// takings are things that a packet has given away for ever: its uri, a decoded body, a copy of its metadata.
type takings struct {
	uri, uriWas   string
	body, bodyWas []byte
	meta          packet.Meta
	metaWas       string
}

func take(p *packet.Packet) (x takings) {
	x.uri, x.uriWas = p.Uri(), string(bytes.Clone([]byte(p.Uri())))
	if p.Bind(&x.body) == nil {
		x.bodyWas = bytes.Clone(x.body)
	}
	p.Meta().CopyTo(&x.meta)
	x.metaWas = x.meta.String()
	return x
}

func (x *takings) mustBe(t Reporter) {
	t.Helper()
	if x.uri != x.uriWas || !bytes.Equal(x.body, x.bodyWas) || x.meta.String() != x.metaWas {
		t.Fatalf("what the first packet gave has changed: uri %q to %q, body %q to %q, metadata %q to %q",
			x.uriWas, x.uri, x.bodyWas, x.body, x.metaWas, x.meta.String())
	}
}
