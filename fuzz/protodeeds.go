package fuzz

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// roundTrip wants a packet back as it was, its raw body and its decoded one.
func (x *protoFuzz) roundTrip(t Reporter, s *script) {
	p, wire, in := x.built(t, s)
	back, err := x.unpack(in, wire)
	if err != nil {
		t.Fatalf("what was packed cannot be read: %v\n%x", err, wire)
	}
	want := normalPacket(p)
	want.SetSize(uint32(len(wire)))
	equalPackets(t, "packed and read", want, back)
	x.sameParsed(t, in, wire, back)

	var body []byte
	bound := packet.NewPacket(packet.WithEnv(in), packet.WithNewBody(func(seq uint64, ptype byte, uri string) any {
		if seq != p.Seq() || ptype != p.Ptype() || uri != p.Uri() {
			t.Fatalf("the NewBodyFunc is told of %d, %d, %q; the packet is %s", seq, ptype, uri, p)
		}
		return &body
	}))
	if err := x.make(&segments{b: wire}).Unpack(bound); err != nil || !bytes.Equal(body, want.RawBody()) || bound.Body() != any(&body) {
		t.Fatalf("decoded into a []byte there is %q, %v; want %q", body, err, want.RawBody())
	}
	if again, ok := x.pack(t, copyPacket(back, p.Env())); !ok || !sealed(p) && !bytes.Equal(again, wire) {
		t.Fatalf("encoding is no fixed point:\n%x\n%x", wire, again)
	}
}

// sameParsed reads a frame without a stream, where the Proto can.
func (x *protoFuzz) sameParsed(t Reporter, env *packet.Env, wire []byte, want *packet.Packet) {
	t.Helper()
	framer, ok := x.make(&segments{}).(packet.Framer)
	if !ok {
		return
	}
	for head := range min(len(wire), 40) {
		if n, err := framer.FrameLen(env, wire[:head]); err != nil || n != 0 && n != len(wire) {
			t.Fatalf("FrameLen of %d bytes of a good frame of %d gives %d, %v", head, len(wire), n, err)
		}
	}
	p := packet.NewPacket(packet.WithEnv(env))
	n, err := framer.FrameLen(env, append(bytes.Clone(wire), wire...))
	if err == nil {
		err = framer.ParseFrame(bytes.Clone(wire), p)
	}
	if err != nil || n != len(wire) {
		t.Fatalf("of a frame of %d bytes that Unpack reads the Framer says %d, %v", len(wire), n, err)
	}
	equalPackets(t, "by the Framer", want, p)
	sent := copyPacket(want, &packet.Env{Limits: env.Limits, Filters: registries(t).sealer})
	frame, err := framer.AppendFrame([]byte("kept"), sent)
	if err != nil || !bytes.HasPrefix(frame, []byte("kept")) || int(sent.Size()) != len(frame)-4 {
		t.Fatalf("AppendFrame gives %q, %v, and sets the size %d; what was there must stay", frame, err, sent.Size())
	}
	var body []byte
	p.Reset(packet.WithEnv(env), packet.WithNewBody(func(uint64, byte, string) any { return &body }))
	if err := framer.ParseFrame(bytes.Clone(wire), p); err != nil || !bytes.Equal(body, want.RawBody()) {
		t.Fatalf("ParseFrame decodes the body %q as %q, %v", want.RawBody(), body, err)
	}
}

// hostileBytes reads until that fails. What is taken must mean the same when it is packed and read again.
func (x *protoFuzz) hostileBytes(t Reporter, s *script) { x.hostile(t, s.rest()) }

func (x *protoFuzz) hostile(t Reporter, wire []byte) {
	t.Helper()
	out, in := x.envs(t, small)
	out.Limits = wide
	var got []*packet.Packet
	var err error
	filters := len(wire) / 8 // no byte string says how many there are without its Proto
	withinMemory(t, 4*allowance(len(wire), min(filters, 8), small.MaxPayload), "reading hostile bytes", func() {
		got, _, err = readStream(x.make, in, &segments{b: wire})
	})
	if packet.ClassOf(err) == packet.ClassLimit { // a size that lies shows under wide limits alone
		env := &packet.Env{Limits: wide, Filters: in.Filters}
		withinMemory(t, 4*allowance(len(wire), min(filters, 8), wide.MaxPayload), "reading hostile bytes", func() {
			_, _, _ = readStream(x.make, env, &segments{b: wire})
		})
	}
	if err == nil || len(got) == 0 && err == io.EOF && len(wire) > 0 {
		t.Fatalf("%d bytes are read as no packet and a clean end (%v)", len(wire), err)
	}
	for _, p := range got {
		if len(p.Uri()) > int(small.MaxUri) || p.Meta().Len() > small.MaxMetaPairs || len(p.RawBody()) > int(small.MaxPayload) || p.Size() > small.MaxPacket {
			t.Fatalf("a packet over the limits is taken: %s", p)
		}
		again, ok := x.pack(t, copyPacket(p, out))
		if !ok {
			t.Fatalf("what was read cannot be packed: %s", p)
		}
		back, err := x.unpack(&packet.Env{Limits: wide, Filters: in.Filters}, again)
		if err != nil {
			t.Fatalf("what was read and packed cannot be read: %v", err)
		}
		back.SetSize(p.Size())
		equalPackets(t, "packed and read again", p, back)
	}
}

// inSegments reads a stream in pieces of the fuzzer's choice, and wants what one piece gives.
func (x *protoFuzz) inSegments(t Reporter, s *script) {
	var plan []int
	for range s.upTo(8) {
		plan = append(plan, int(s.byte()))
	}
	wire := s.rest()
	_, env := x.envs(t, small)
	want, _, werr := readStream(x.make, env, &segments{b: wire})
	got, _, err := readStream(x.make, env, &segments{b: wire, plan: plan, endsWithData: len(plan)%2 == 1})
	if len(got) != len(want) || packet.ClassOf(err) != packet.ClassOf(werr) || (err == io.EOF) != (werr == io.EOF) {
		t.Fatalf("in one piece there are %d packets, then %v; in pieces of %v %d, then %v", len(want), werr, plan, len(got), err)
	}
	for i := range got {
		equalPackets(t, "in segments", want[i], got[i])
	}
}

// inRow packs packets with one Proto, each as a fresh Proto does, and reads them back in order. What the first ones gave
// must stay as it was while the later ones are read into the same packet.
func (x *protoFuzz) inRow(t Reporter, s *script) {
	out, in := x.envs(t, wide)
	var w writes
	proto := x.make(&w)
	var want []*packet.Packet
	for len(want) < 6 && (len(want) == 0 || s.more()) {
		p := s.packet(out, x.ids)
		if err := proto.Pack(p); err != nil {
			t.Fatalf("packet %d of a row is refused: %v", len(want), err)
		}
		if alone, ok := x.pack(t, copyPacket(normalPacket(p), out)); !ok || !sealed(p) && !bytes.Equal(alone, w.all[len(w.all)-1]) {
			t.Fatalf("packet %d of a row is packed as %x, alone as %x", len(want), w.all[len(w.all)-1], alone)
		}
		want = append(want, normalPacket(p))
		want[len(want)-1].SetSize(p.Size())
	}
	if len(w.all) != len(want) {
		t.Fatalf("%d packets make %d writes", len(want), len(w.all))
	}
	reader := x.make(&segments{b: slices.Concat(w.all...)})
	p := packet.NewPacket()
	var given []takings
	for i := range want {
		p.SetEnv(in)
		if err := reader.Unpack(p); err != nil {
			t.Fatalf("packet %d of %d in a row: %v", i, len(want), err)
		}
		equalPackets(t, "in a row", want[i], p)
		given = append(given, take(p))
	}
	if err := reader.Unpack(p); err != io.EOF {
		t.Fatalf("behind the last packet: %v, want io.EOF itself", err)
	}
	for i := range given {
		given[i].mustBe(t)
	}
	all, _, err := readStream(x.make, in, &segments{b: slices.Concat(w.all...)})
	if err != io.EOF || len(all) != len(want) {
		t.Fatalf("of %d packets in a row %d are read, then %v", len(want), len(all), err)
	}
	for i := range all { // an earlier packet must not lie in memory that a later one was read into
		equalPackets(t, "after later ones were read", want[i], all[i])
	}
}

// cutAnywhere ends the stream at every place of a frame, at most 64 of them.
func (x *protoFuzz) cutAnywhere(t Reporter, s *script) {
	_, wire, in := x.built(t, s)
	for k := 0; k < len(wire); k += 1 + len(wire)/64 {
		_, err := x.unpack(in, wire[:k])
		switch {
		case k == 0 && err != io.EOF:
			t.Fatalf("at a clean end: %v, want io.EOF itself", err)
		case k > 0 && (err == io.EOF || !errors.Is(err, io.ErrUnexpectedEOF)):
			t.Fatalf("cut after %d of %d bytes: %v, want an error that wraps io.ErrUnexpectedEOF", k, len(wire), err)
		}
	}
}

// changedBytes changes some bytes of a good frame.
func (x *protoFuzz) changedBytes(t Reporter, s *script) {
	_, wire, _ := x.built(t, s)
	x.hostile(t, wire)
	for i, k := range []int{0, 3, 4, 5, 9, len(wire) / 2, len(wire) - 1} {
		changed := bytes.Clone(wire)
		changed[min(k, len(wire)-1)] += byte(1 + i*37)
		x.hostile(t, changed)
	}
}

// usedPacket reads into a packet that has held another one.
func (x *protoFuzz) usedPacket(t Reporter, s *script) {
	first, second := s.bytes(MaxInput), s.rest()
	_, env := x.envs(t, small)
	fresh, want := x.unpack(env, second)
	p, _ := x.unpack(env, first)
	p.SetBody("a value to be sent")
	p.Meta().Add("set", "by the sender")
	if err := x.make(&segments{b: second}).Unpack(p); !sameErr(err, want) && (err == nil || want == nil) {
		t.Fatalf("a packet that was used says %v, a fresh one %v", err, want)
	}
	if want == nil {
		equalPackets(t, "in a packet that was used", fresh, p)
	}
}

// exactLimits reads a frame under limits that just fit, and under each of them less by one.
func (x *protoFuzz) exactLimits(t Reporter, s *script) {
	p, wire, in := x.built(t, s)
	meta := len(p.Meta().QueryString())
	pairs := p.Meta().EncodedPairs()
	l := wide
	l.MaxPacket, l.MaxUri, l.MaxMeta, l.MaxMetaPairs = uint32(max(len(wire), packet.MinPacketLimit)), uint32(max(1, len(p.Uri()))), uint32(max(1, meta)), max(1, pairs)
	if _, err := x.unpack(&packet.Env{Limits: l, Filters: in.Filters}, wire); err != nil {
		t.Fatalf("under limits that just fit: %v", err)
	}
	reader := x.make(&segments{b: append(bytes.Clone(wire), wire...)})
	if first, second := reader.Unpack(packet.NewPacket(packet.WithEnv(in))), reader.Unpack(packet.NewPacket(packet.WithEnv(
		&packet.Env{Limits: packet.Limits{MaxPacket: uint32(len(wire)) - 1}, Filters: in.Filters}))); len(wire) > packet.MinPacketLimit &&
		(first != nil || packet.ClassOf(second) != packet.ClassLimit) {
		t.Fatalf("under limits that change with the packet: %v, then %v, want class limit", first, second)
	}
	for name, less := range map[string]func(*packet.Limits) bool{
		"packet": func(l *packet.Limits) bool { l.MaxPacket--; return len(wire) > packet.MinPacketLimit },
		"uri":    func(l *packet.Limits) bool { l.MaxUri--; return len(p.Uri()) > 1 },
		"meta":   func(l *packet.Limits) bool { l.MaxMeta--; return meta > 1 },
		"pairs":  func(l *packet.Limits) bool { l.MaxMetaPairs--; return pairs > 1 },
	} {
		tight := l
		if !less(&tight) {
			continue
		}
		_, err := x.unpack(&packet.Env{Limits: tight, Filters: in.Filters}, wire)
		if packet.ClassOf(err) != packet.ClassLimit || errors.Is(err, packet.ErrExceedPacketSizeLimit) != (name == "packet") {
			t.Fatalf("under a limit of the %s that is one too small: %v, want class limit", name, err)
		}
		var w writes
		err = x.make(&w).Pack(copyPacket(normalPacket(p), &packet.Env{Limits: tight, Filters: p.Env().Filters}))
		if name == "packet" && len(wire) >= packet.MinPacketLimit && !sealed(p) { // at the limits themselves it is packed
			if _, ok := x.pack(t, copyPacket(normalPacket(p), &packet.Env{Limits: l, Filters: p.Env().Filters})); !ok {
				t.Fatalf("packing under limits that just fit is refused")
			}
		}
		if !sealed(p) && (packet.ClassOf(err) != packet.ClassLimit || len(w.all) > 0) {
			t.Fatalf("packing under a limit of the %s that is one too small: %v and %d writes, want class limit and none", name, err, len(w.all))
		}
	}
}

var errStream = errors.New("the stream is broken")

// brokenStream gives its bytes and then errStream; it takes less than it is given, without an error where short is set.
type brokenStream struct {
	segments
	short bool
}

func (b *brokenStream) Read(p []byte) (int, error) {
	if n, err := b.segments.Read(p); err == nil {
		return n, nil
	}
	return 0, errStream
}

func (b *brokenStream) Write(p []byte) (int, error) {
	if b.short {
		return len(p) - 1, nil
	}
	return 0, errStream
}

// failingStreams wants the stream's own errors.
func (x *protoFuzz) failingStreams(t Reporter, s *script) {
	p, wire, in := x.built(t, s)
	for _, short := range []bool{false, true} {
		err := x.make(&brokenStream{short: short}).Pack(copyPacket(normalPacket(p), p.Env()))
		if err == nil || !short && !errors.Is(err, errStream) || packet.ClassOf(err) != "" {
			t.Fatalf("packing to a stream that fails: %v", err)
		}
	}
	for _, k := range []int{0, 1, len(wire) / 2, len(wire) - 1} {
		err := x.make(&brokenStream{segments: segments{b: wire[:k]}}).Unpack(packet.NewPacket(packet.WithEnv(in)))
		if !errors.Is(err, errStream) || packet.ClassOf(err) != "" {
			t.Fatalf("the stream fails after %d of %d bytes: %v, want its own error", k, len(wire), err)
		}
	}
}

// lockedWrites are writes of several goroutines.
type lockedWrites struct {
	mu sync.Mutex // guards writes
	writes
}

func (w *lockedWrites) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writes.Write(b)
}

// atOnce packs from several goroutines with one Proto, and wants each packet once.
func (x *protoFuzz) atOnce(t Reporter, s *script) {
	const packers = 4
	p, _, in := x.built(t, s)
	var w lockedWrites
	proto := x.make(&w)
	errs := make(chan error, packers)
	for i := range packers {
		out := copyPacket(normalPacket(p), p.Env())
		out.SetSeq(uint64(i))
		go func() { // ends with Pack
			defer func() {
				if v := recover(); v != nil {
					errs <- errors.New("Pack panics when it is called at once")
				}
			}()
			errs <- proto.Pack(out)
		}()
	}
	for range packers {
		if err := <-errs; err != nil {
			t.Fatalf("packing at once: %v", err)
		}
	}
	var seqs []uint64
	for _, wire := range w.all {
		q, err := x.unpack(in, wire)
		if err != nil {
			t.Fatalf("of packets packed at once: %v", err)
		}
		seqs = append(seqs, q.Seq())
	}
	if slices.Sort(seqs); !slices.Equal(seqs, []uint64{0, 1, 2, 3}) {
		t.Fatalf("packets 0 to 3 were packed at once, there are %v", seqs)
	}
}

// framer holds the Framer against Unpack, for a Proto that has one.
func (x *protoFuzz) framer(t Reporter, s *script) {
	wire := s.rest()
	_, env := x.envs(t, small)
	p, err := x.unpack(env, wire)
	sameFramer(t, dialect{make: x.make}, env, wire, p, err)
}

// oracle holds a Proto of the standard against the oracle, oraclePackets what it packs.
func (x *protoFuzz) oracle(t Reporter, s *script) {
	if x.known {
		sameFrame(t, x.dialect, s.rest())
	}
}

func (x *protoFuzz) oraclePackets(t Reporter, s *script) {
	p, wire, _ := x.built(t, s)
	if !x.known {
		return
	}
	v := ask(x.dialect, wire, wide)
	if v.beyond {
		return
	}
	if v.err != nil {
		t.Fatalf("the oracle says %v of what was packed\n%x", v.err, wire)
	}
	samePairs(t, v.p.Meta, normalPacket(p).Meta())
	if o := oraclePacket(p); o.Seq != v.p.Seq || o.Ptype != v.p.Ptype || !bytes.Equal(o.Uri, v.p.Uri) || o.Codec != v.p.Codec || !bytes.Equal(o.Body, v.p.Body) || v.n != len(wire) {
		t.Fatalf("of %s the oracle reads %+v", p, v.p)
	}
	if p.XferPipe().Len() == 0 {
		again, err := x.dialect.oracle.Encode(oraclePacket(p), oracleLimits(wide))
		if err != nil || !bytes.Equal(again, wire) {
			t.Fatalf("the oracle packs %x (%v), the Proto %x", again, err, wire)
		}
	}
}
