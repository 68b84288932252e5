package bounds_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/fuzz/bounds"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// A body of a million brackets is a fault of this one body, and takes nothing worth mentioning.
func TestJSONDepth_OfABody(t *testing.T) {
	const deepest = 10_000       // what the codec takes
	const codecStack = 512 << 10 // it notes a number for each of these levels, and for no more
	for _, r := range rooms {
		m := newMeter()
		for _, depth := range []int{deepest, deepest + 1, 1_000_000} {
			body := strings.Repeat("[", depth) + strings.Repeat("]", depth)
			frame := r.encode(t, oracle.Packet{Ptype: 1, Uri: []byte("/a"), Codec: 'j', Body: []byte(body)})
			r.attack(t, m, &packet.Env{}, frame, "1 ok", body64(r, len(body))) // not decoded yet

			p := packet.NewPacket()
			if err := r.pf(&bounds.Input{Data: frame}).Unpack(p); err != nil {
				t.Fatal(err)
			}
			var err error
			var v any
			bound := bounds.Allowed(len(frame)) + codecStack
			took, ok := bounds.Within(bound, func() { v = nil; err = p.Bind(&v) })
			switch {
			case depth == deepest:
				if err != nil { // what it takes is the codec's own
					t.Errorf("%s: %d deep: %v", r.name, depth, err)
				}
				continue
			case packet.ClassOf(err) != packet.ClassBody:
				t.Errorf("%s: %d deep: %v, want class body", r.name, depth, err)
			case !ok:
				t.Errorf("%s: refusing %d levels took %d bytes of memory, allowed are %d", r.name, depth, took, bound)
			}
		}
	}
}

// body64 is what a Proto may take to turn a body of n bytes that stands encoded in its payload into bytes.
func body64(r room, n int) uint64 {
	if r.name == "json" {
		return uint64(n)
	}
	return 0
}

// Members of json/1's header that nobody knows are skipped 32 deep, and not a level more.
func TestJSONDepth_OfTheHeader(t *testing.T) {
	r, m := rooms[1], newMeter()
	for _, open := range []string{"[", `{"":`} {
		for _, depth := range []int{31, 32, 1000, 500_000} { // beside the object that is the payload
			value := strings.Repeat(open, depth) + "0" + strings.Repeat(string(open[0]+2), depth) // ] behind [ and } behind {
			want := "1 ok"
			if depth > 31 {
				want = fmt.Sprintf("0 header payload %d", len(`{"x":`)+31*len(open))
			}
			r.attack(t, m, &packet.Env{}, r.frame("", []byte(`{"x":`+value+`}`)), want, 0)
		}
	}
}

// A hundred thousand pairs of metadata meet the limit of its bytes; where that is raised, that of the pairs; and
// where a peer wants them all, it gets them.
func TestMetadata_OfAHundredThousandPairs(t *testing.T) {
	const pairs = 100_000
	many := make([]oracle.Pair, pairs)
	for i := range many {
		many[i] = oracle.Pair{Key: []byte("a"), Value: []byte("b")}
	}
	for _, r := range rooms {
		m := newMeter()
		frame := r.encode(t, oracle.Packet{Ptype: 1, Uri: []byte("/a"), Codec: 'j', Meta: many})
		refused := r.refusal(t, frame, "limit")
		r.attack(t, m, &packet.Env{}, frame, refused, 0)
		r.attack(t, m, &packet.Env{Limits: packet.Limits{MaxMeta: 1 << 20}}, frame, refused, 0)
		// A pair is four numbers of 32 bits, in a list that grows by a quarter: what MaxMetaPairs says is what it costs.
		const pairCost = 96
		r.attack(t, m, &packet.Env{Limits: packet.Limits{MaxMeta: 1 << 20, MaxMetaPairs: pairs}}, frame, "1 ok", pairCost*pairs)
		r.attack(t, m, &packet.Env{Limits: packet.Limits{MaxMeta: 1 << 20, MaxMetaPairs: pairs - 1}}, frame, refused, pairCost*pairs)

		// Separators make no pairs.
		empty := r.rawMeta(bytes.Repeat([]byte("&"), 60_000))
		r.attack(t, m, &packet.Env{}, empty, "1 ok", 0)
	}
}

// refusal is what the oracle says of a frame, which must be of that class.
func (r room) refusal(t *testing.T, frame []byte, class string) string {
	t.Helper()
	_, _, err := r.o.Decode(frame, oracle.Limits{})
	if err == nil || err.Class != class {
		t.Fatalf("%s: the oracle says %v, want class %s", r.name, err, class)
	}
	return fmt.Sprintf("0 %s %s %d", err.Class, err.Stage, err.Offset)
}

// rawMeta is a frame with encoded metadata as it is.
func (r room) rawMeta(meta []byte) []byte {
	payload := map[string]func(uint64, byte, []byte, []byte, byte, []byte) []byte{
		"fast": oracle.Payload, "json": oracle.JSONPayload, "pb": oracle.PBPayload}[r.name]
	return r.frame("", payload(0, 1, []byte("/a"), meta, 'j', nil))
}

// A pipe may be 255 filters long, good or bad.
func TestFilters_TwoHundredAndFiftyFive(t *testing.T) {
	const n = 255
	for _, r := range rooms {
		m := newMeter()
		env := &packet.Env{Filters: filters(t), Limits: packet.Limits{MaxPayload: 64 << 10}}
		p := oracle.Packet{Ptype: 1, Uri: []byte("/a"), Codec: 's', Body: []byte("body")}
		payload := r.encode(t, p)[6:]
		extra := bounds.Filters(n, 64<<10) + n*lostPools

		all := r.o.With(oracle.TestFilters(oracle.Judged))
		for _, id := range []byte("gc") {
			p.Pipe = bytes.Repeat([]byte{id}, n)
			frame, err := all.Encode(p, wide)
			if err != nil {
				t.Fatal(err)
			}
			r.attack(t, m, env, frame, "1 ok", extra)
			for _, layer := range []int{0, 1, 100, 254} { // is not what it says
				r.attack(t, m, env, broken(r, id, payload, layer), fmt.Sprintf("0 filter-data frame %d", 6+layer), extra)
			}
		}
		ids := strings.Repeat("g", n-1)
		r.attack(t, m, env, r.frame(ids+"?", payload), fmt.Sprintf("0 filter-unknown frame %d", 6+n-1), 0)
		r.attack(t, m, env, r.frame(ids, nil)[:6+n-10], fmt.Sprintf("0 short frame %d", 6+n-10), 0)
		r.attack(t, m, env, oracle.RawFrame(20, r.o.ID, n, nil, payload), "0 length frame 5", 0)
	}
}

// broken is a frame of 255 filters of which that layer does not undo.
func broken(r room, id byte, payload []byte, layer int) []byte {
	do := oracle.TestFilters(oracle.Judged)[oracle.FilterCrc32c].Do
	if id == 'g' {
		do = func(b []byte) []byte { return oracle.Gzip(b) }
	}
	data := append([]byte("no filter's "), payload...)
	for range layer {
		data = do(data)
	}
	return r.frame(strings.Repeat(string(id), 255), data)
}

// zip packs b as often as asked, as well as it goes.
func zip(t *testing.T, b []byte, times int) []byte {
	t.Helper()
	for range times {
		var out bytes.Buffer
		w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		b = out.Bytes()
	}
	return b
}

// Gzip of gzip of gzip: few bytes that stand for millions are stopped at the filter that would give too much.
func TestGzip_OfGzipOfGzip(t *testing.T) {
	const limit = 64 << 10
	zeros := make([]byte, 8<<20)
	var bombs, packed [5][]byte
	for layers := 1; layers <= 4; layers++ {
		bombs[layers], packed[layers] = zip(t, zeros, layers), zip(t, zeros[:limit], layers)
	}
	for _, r := range rooms {
		m := newMeter()
		env := &packet.Env{Limits: packet.Limits{MaxPayload: limit}}
		for layers := 1; layers <= 4; layers++ {
			ids := strings.Repeat("g", layers)
			bomb := r.frame(ids, bombs[layers])
			if layers == 3 && len(bomb) > 300 {
				t.Fatalf("%d bytes are no bomb", len(bomb))
			}
			r.attack(t, m, env, bomb, fmt.Sprintf("0 limit frame %d", 6+layers-1), bounds.Filters(layers, limit))
			// More layers than there are: the zeros themselves are no gzip.
			r.attack(t, m, env, r.frame(ids+"g", packed[layers]), fmt.Sprintf("0 filter-data frame %d", 6+layers),
				bounds.Filters(layers+1, limit))
		}
		// A payload of exactly the limit is taken, one of a byte more is not.
		p := oracle.Packet{Ptype: 1, Uri: []byte("/a"), Codec: 's'}
		plain := func(size int) []byte {
			p.Body = bytes.Repeat([]byte("a"), size)
			return r.encode(t, p)[6:]
		}
		size := limit
		for len(plain(size)) > limit {
			size--
		}
		r.attack(t, m, env, r.frame("ggg", zip(t, plain(size), 3)), "1 ok", bounds.Filters(3, limit))
		r.attack(t, m, env, r.frame("ggg", zip(t, plain(size+1), 3)), "0 limit frame 8", bounds.Filters(3, limit))
	}
}

// A uri of a million escapes meets the uri's limit; where that is raised it is taken as it stands.
func TestUri_OfAMillionEscapes(t *testing.T) {
	uri := append([]byte("/"), bytes.Repeat([]byte("%41"), 1_000_000)...)
	for _, r := range rooms {
		m := newMeter()
		frame := r.encode(t, oracle.Packet{Ptype: 1, Uri: uri, Codec: 'j'})
		r.attack(t, m, &packet.Env{}, frame, r.refusal(t, frame, "limit"), 0)
		r.attack(t, m, &packet.Env{Limits: packet.Limits{MaxUri: 4 << 20}}, frame, "1 ok", 0)
	}
	// json/1 has escapes of its own: six bytes a letter.
	r, m := rooms[1], newMeter()
	frame := r.frame("", []byte(`{"uri":"`+strings.Repeat(`\u0041`, 1_000_000)+`"}`))
	env := &packet.Env{Limits: packet.Limits{MaxPacket: 16 << 20, MaxPayload: 16 << 20}}
	r.attack(t, m, env, frame, fmt.Sprintf("0 limit payload %d", len(`{"uri":`)), 0)
	env.Limits.MaxUri = 1 << 20
	r.attack(t, m, env, frame, "1 ok", 0)
}
