package suite

import (
	"io"
	"sync/atomic"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// bench is the workbench of one running case: the environment, and guarded access to the Proto under test.
type bench struct {
	*runner.T
	tg      *Target
	codecs  *codec.Registry
	filters *xfer.Registry
	log     *filterLog
	env     *packet.Env
	// measuring is set while a case measures memory.
	measuring atomic.Bool
}

func newBench(tg *Target, t *runner.T) *bench {
	b := &bench{T: t, tg: tg, codecs: codec.NewRegistry(nil), filters: xfer.NewRegistry(nil), log: &filterLog{}}
	for _, id := range []byte{'j', 'p', 's'} {
		c, err := codec.Get(id)
		if err == nil {
			err = b.codecs.Add(c)
		}
		b.must(err, "setting up the codecs")
	}
	b.must(b.codecs.Add(yieldCodec{}), "setting up the codecs")
	gzip, err := xfer.Get('g')
	b.must(err, "setting up the filters")
	for _, f := range append(testFilters(b.log), gzip) {
		b.must(b.filters.Add(f), "setting up the filters")
	}
	b.env = b.envWith(tg.Limits)
	return b
}

// must ends the case with harness-error when err is not nil.
func (b *bench) must(err error, doing string) {
	if err != nil {
		b.Harnessf("%s: %v", doing, err)
	}
}

// envWith gives the bench's registries with other limits.
func (b *bench) envWith(l packet.Limits) *packet.Env {
	return &packet.Env{Limits: l, Codecs: b.codecs, Filters: b.filters}
}

// limit gives the target's limits with defaults filled in.
func (b *bench) limit() packet.Limits { return b.env.Limit() }

// fit lowers a body size to what the target's limits leave room for, headers and text forms included.
func (b *bench) fit(n int) int {
	l := b.limit()
	return min(n, int(min(l.MaxPacket, l.MaxPayload))/6)
}

// pick gives the full count where TELEPORT_LONG=1 asks for it, else the short one.
func (b *bench) pick(short, long int) int {
	if b.Long() {
		return long
	}
	return short
}

// endpoint is the Proto under test over one stream. Its methods go through runner.T.Call.
type endpoint struct {
	b      *bench
	proto  packet.Proto
	stream *stream // nil where it is another io.ReadWriter
}

// open makes a Proto over rw.
func (b *bench) open(rw io.ReadWriter) *endpoint {
	e := &endpoint{b: b}
	e.stream, _ = rw.(*stream)
	b.Call("the ProtoFunc", func() { e.proto = b.tg.Proto(rw) })
	if e.proto == nil {
		b.Fatalf("the ProtoFunc gave a nil Proto")
	}
	return e
}

func (e *endpoint) Pack(p *packet.Packet) (err error) {
	defer e.trace("Pack") // also where the call panics
	e.b.Call("Pack", func() { err = e.proto.Pack(p) })
	return err
}

func (e *endpoint) Unpack(p *packet.Packet) (err error) {
	defer e.trace("Unpack")
	e.b.Call("Unpack", func() { err = e.proto.Unpack(p) })
	return err
}

// blank gives a packet with the bench's environment and nothing else.
func (b *bench) blank() *packet.Packet {
	p := packet.NewPacket()
	p.SetEnv(b.env)
	return p
}

// frame packs one sample into bytes. A Pack that fails ends the case: what it sends is always legal.
func (b *bench) frame(s sample) []byte { return b.framePacket(s.packet(b)) }

func (b *bench) framePacket(p *packet.Packet) []byte {
	st := &stream{}
	if err := b.open(st).Pack(p); err != nil {
		b.Fatalf("Pack of a legal packet (%s) failed: %v", brief(p), err)
	}
	frame := st.written()
	if len(frame) == 0 {
		b.Fatalf("Pack of a legal packet (%s) reported success and wrote nothing", brief(p))
	}
	return frame
}

// whole packs s and makes sure that the bytes are that packet, for cases that go on to spoil them.
func (b *bench) whole(s sample) []byte {
	frame := b.frame(s)
	b.open(&stream{in: frame}).unpackWant(s, "the frame before it is spoilt")
	return frame
}

// frames packs samples one after the other into one stream.
func (b *bench) frames(samples ...sample) []byte {
	var out []byte
	for _, s := range samples {
		out = append(out, b.frame(s)...)
	}
	return out
}

// unpack reads one packet from the endpoint and wants it to equal s.
func (e *endpoint) unpackWant(s sample, where string) *packet.Packet {
	p := e.b.blank()
	if err := e.Unpack(p); err != nil {
		e.b.Fatalf("%s: Unpack of a good frame failed: %v", where, err)
	}
	if d := s.diff(read(p)); d != "" {
		e.b.Fatalf("%s: Unpack gave another packet than was packed:\n%s", where, d)
	}
	return p
}

// roundTrip packs s, unpacks the bytes and compares every field.
func (b *bench) roundTrip(s sample, where string) {
	b.open(&stream{in: b.frame(s)}).unpackWant(s, where)
}

// wantEOF wants the next Unpack to report a clean end.
func (e *endpoint) wantEOF(where string) {
	if err := e.Unpack(e.b.blank()); err != io.EOF {
		e.b.Errorf("%s: expected io.EOF itself, got %T: %v", where, err, err)
	}
}
