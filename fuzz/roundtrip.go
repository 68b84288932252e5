package fuzz

import (
	"bytes"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// packetSeeds gives the packets of the vectors as scripts for each Proto.
func packetSeeds() [][]byte {
	scripts := packetScripts()
	return distinct(prefixed("\x00", scripts), prefixed("\x01", some(3, scripts)), prefixed("\x02", some(3, scripts)))
}

// runRoundTrip builds a packet from a script (which Proto, then the packet), encodes it and decodes it, with the
// reference and the oracle on either side.
func runRoundTrip(t Reporter, in []byte) {
	s := script{b: in}
	all := dialects()
	d := all[s.upTo(len(all))]
	regs := registries(t)
	p := s.packet(&packet.Env{Limits: small, Filters: regs.sealer}, filterIds)
	framer := d.make(nil).(packet.Framer)
	wire, err := framer.AppendFrame([]byte("kept"), p)
	if !bytes.HasPrefix(wire, []byte("kept")) || err != nil && len(wire) != 4 {
		t.Fatalf("AppendFrame gives %q, %v: what was there must stay", wire, err)
	}
	if !sameRefusal(t, d, p, err) {
		return
	}
	wire = wire[4:]
	samePack(t, d, p, wire)
	judged := &packet.Env{Limits: small, Filters: regs.judged}
	back := packet.NewPacket(packet.WithEnv(judged))
	if err := framer.ParseFrame(wire, back); err != nil {
		t.Fatalf("what was written cannot be read: %v\n%x", err, wire)
	}
	want := normalPacket(p)
	want.SetSize(uint32(len(wire)))
	equalPackets(t, "written and read", want, back)
	if v := ask(d, wire, small); !v.beyond {
		if v.err != nil {
			t.Fatalf("the oracle says %v of what was written\n%x", v.err, wire)
		}
		samePacket(t, v.p, back)
	}
	if !sealed(p) { // what is sealed has another nonce each time
		again, err := framer.AppendFrame(nil, copyPacket(back, judged))
		if err != nil || !bytes.Equal(again, wire) {
			t.Fatalf("encoding is no fixed point (%v):\n%x\n%x", err, wire, again)
		}
	}
}

// sameRefusal holds the encoder's verdict against the oracle's, and tells whether the packet was written. The oracle
// does not compress: where there are filters it may refuse by size what the reference writes, and the other way round.
func sameRefusal(t Reporter, d dialect, p *packet.Packet, err error) bool {
	t.Helper()
	var beyond bool
	_, oerr := judge(d.oracle, &beyond).Encode(oraclePacket(p), oracleLimits(small))
	bySize := oerr != nil && oerr.Stage == oracle.StageFrame
	if p.XferPipe().Len() == 0 || !bySize && oerr != nil {
		if (err == nil) != (oerr == nil) {
			t.Fatalf("encoding %s: the oracle says %v, the reference %v", p, oerr, err)
		}
	}
	if err != nil && packet.ClassOf(err) != packet.ClassLimit {
		t.Fatalf("encoding %s: %v, want class limit or nothing", p, err)
	}
	return err == nil && payloadFits(d, p)
}

// payloadFits tells whether a receiver with the same limits takes the undone payload, and what the filters give on the
// way: a sender checks the frame alone.
func payloadFits(d dialect, p *packet.Packet) bool {
	o := oraclePacket(p)
	o.Pipe = nil
	wire, err := d.oracle.Encode(o, oracleLimits(wide))
	const grows = 64 // what a filter may add to bytes that do not compress
	return err == nil && len(wire)+grows*p.XferPipe().Len() <= int(small.MaxPayload)
}

// samePack packs to a stream: one write, the same bytes, the size.
func samePack(t Reporter, d dialect, p *packet.Packet, wire []byte) {
	t.Helper()
	var w writes
	if err := d.make(&w).Pack(p); err != nil || len(w.all) != 1 || int(p.Size()) != len(w.all[0]) {
		t.Fatalf("Pack says %v after %d writes, the size is %d", err, len(w.all), p.Size())
	}
	if !sealed(p) && !bytes.Equal(w.all[0], wire) {
		t.Fatalf("Pack writes %x, AppendFrame %x", w.all[0], wire)
	}
}

// sealed tells whether a filter of the pipe never gives the same bytes twice.
func sealed(p *packet.Packet) bool {
	return bytes.IndexByte(p.XferPipe().Ids(), oracle.FilterAES) >= 0 || bytes.IndexByte(p.XferPipe().Ids(), oracle.FilterChaCha) >= 0
}

// oraclePacket says the same to the oracle. The body must be a RawBody.
func oraclePacket(p *packet.Packet) oracle.Packet {
	o := oracle.Packet{Seq: p.Seq(), Ptype: p.Ptype(), Uri: []byte(p.Uri()), Codec: p.BodyCodec(), Pipe: p.XferPipe().Ids()}
	p.Meta().VisitAll(func(k, v []byte) { o.Meta = append(o.Meta, oracle.Pair{Key: bytes.Clone(k), Value: bytes.Clone(v)}) })
	if b, ok := p.Body().(packet.RawBody); ok {
		o.Body = b
	}
	return o
}

// normalPacket is the packet as a receiver gets it: empty pairs are not written.
func normalPacket(p *packet.Packet) *packet.Packet {
	out := packet.NewPacket(packet.WithEnv(p.Env()), packet.WithSeq(p.Seq()), packet.WithPtype(p.Ptype()), packet.WithUri(p.Uri()),
		packet.WithBodyCodec(p.BodyCodec()), packet.WithXferPipe(p.XferPipe().Ids()...))
	p.Meta().VisitAll(func(k, v []byte) {
		if len(k)+len(v) > 0 {
			out.Meta().Add(string(k), string(v))
		}
	})
	if b, ok := p.Body().(packet.RawBody); ok {
		out.SetRawBody(bytes.Clone(b), 0)
	}
	return out
}

// writes keeps what is written, each write apart.
type writes struct{ all [][]byte }

func (w *writes) Write(b []byte) (int, error) {
	w.all = append(w.all, bytes.Clone(b))
	return len(b), nil
}

func (*writes) Read([]byte) (int, error) { return 0, errWriteOnly }
