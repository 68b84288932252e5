package fuzz

import (
	"bytes"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// reusedSeeds puts every wire behind another one.
func reusedSeeds() [][]byte {
	var out [][]byte
	for i, d := range dialects() {
		wires := some(3, vectorWires(d.name))
		for k, wire := range wires {
			before := wires[(k*7+3)%len(wires)]
			out = append(out, append(append([]byte{byte(i) | byte(k%4)<<2, byte(len(before)), byte(len(before) >> 8)}, before...), wire...))
		}
	}
	return distinct(out)
}

// runReusedPacket reads one frame and then another into the same packet. The script: which Proto and how the packet is
// used, the first frame's length and bytes, the second frame. What is read second must be what a fresh packet reads;
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
