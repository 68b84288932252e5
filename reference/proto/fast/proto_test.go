package fast_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// writer counts the writes it gets and fails as told.
type writer struct {
	conn
	mu     sync.Mutex
	writes [][]byte
	take   int // bytes that it takes; -1 for all
	err    error
}

func (w *writer) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes = append(w.writes, bytes.Clone(b))
	if w.take >= 0 {
		return w.take, w.err
	}
	return len(b), w.err
}

func TestPack_OneWrite(t *testing.T) {
	for _, n := range []int{0, 100, 5000, 2 << 20} {
		w := &writer{take: -1}
		p := packet.NewPacket(packet.WithUri("/u"), packet.WithBodyCodec('s'), packet.WithBody(strings.Repeat("x", n)))
		if err := fast.New(w).Pack(p); err != nil {
			t.Fatal(err)
		}
		if len(w.writes) != 1 || len(w.writes[0]) != 26+n || p.Size() != uint32(26+n) {
			t.Errorf("%d writes, size %d; want one of %d bytes", len(w.writes), p.Size(), 26+n)
		}
	}
}

func TestPack_WriterFails(t *testing.T) {
	boom := errors.New("boom")
	tests := []struct {
		name string
		w    writer
		want error
	}{
		{"error", writer{take: 0, err: boom}, boom},
		{"error after all", writer{take: -1, err: boom}, boom},
		{"short", writer{take: 3}, io.ErrShortWrite},
		{"short with error", writer{take: 3, err: boom}, boom},
	}
	for i := range tests {
		tt := &tests[i]
		if err := fast.New(&tt.w).Pack(packet.NewPacket()); !errors.Is(err, tt.want) || packet.ClassOf(err) != "" {
			t.Errorf("%s: %v, want %v and no packet error", tt.name, err, tt.want)
		}
		if len(tt.w.writes) != 1 {
			t.Errorf("%s: %d writes", tt.name, len(tt.w.writes))
		}
	}
}

func TestPack_ChangesOnlyTheSize(t *testing.T) {
	p := packet.NewPacket(packet.WithSeq(1), packet.WithPtype(2), packet.WithUri("/u"), packet.WithAddMeta("k", "v"),
		packet.WithBodyCodec('s'), packet.WithBody("b"), packet.WithXferPipe('g'))
	before := p.String()
	if err := fast.New(new(conn)).Pack(p); err != nil {
		t.Fatal(err)
	}
	p.SetSize(0)
	if p.String() != before || p.Body() != "b" {
		t.Errorf("before %s\nafter  %s", before, p)
	}
}

func TestPack_Concurrent(t *testing.T) {
	w := &writer{take: -1}
	proto := fast.New(w)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 25 {
				p := packet.GetPacket(packet.WithSeq(uint64(g*100+i)), packet.WithBodyCodec('s'),
					packet.WithBody(strings.Repeat(string(rune('a'+g)), 700)), packet.WithXferPipe('g'))
				if err := proto.Pack(p); err != nil {
					t.Error(err)
				}
				packet.PutPacket(p)
			}
		})
	}
	wg.Wait()
	if len(w.writes) != 200 {
		t.Fatalf("%d writes, want 200", len(w.writes))
	}
	for _, b := range w.writes {
		var p packet.Packet
		if err := framer().ParseFrame(b, &p); err != nil {
			t.Fatal(err)
		}
		if want := strings.Repeat(string(rune('a'+p.Seq()/100)), 700); string(p.RawBody()) != want {
			t.Fatalf("packet %d carries another's body", p.Seq())
		}
	}
}

func TestUnpack_ReadersOwnError(t *testing.T) {
	boom := errors.New("boom")
	wire := encode(t, packet.WithUri("/u"))
	for n := range len(wire) {
		var p packet.Packet
		for _, r := range []*errReader{{data: wire[:n], err: boom}, {data: wire[:n], err: boom, beside: n > 0}} {
			err := fast.New(r).Unpack(&p)
			if !errors.Is(err, boom) || errors.Is(err, io.EOF) || packet.ClassOf(err) != "" {
				t.Errorf("after %d bytes: %v, want the reader's error", n, err)
			}
		}
	}
	// An error beside the last byte does not spoil the packet.
	var p packet.Packet
	if err := fast.New(&errReader{data: wire, err: boom, beside: true}).Unpack(&p); err != nil || p.Uri() != "/u" {
		t.Errorf("error beside the last byte: %v, %v", &p, err)
	}
}

type silent struct{ conn }

func (*silent) Read([]byte) (int, error) { return 0, nil }

func TestUnpack_ReaderThatGivesNothing(t *testing.T) {
	if err := fast.New(new(silent)).Unpack(new(packet.Packet)); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want io.ErrNoProgress", err)
	}
}

func TestUnpack_PacketsShareNoMemory(t *testing.T) {
	for _, ids := range []string{"", "g"} {
		var stream conn
		proto := fast.New(&stream)
		var all []*packet.Packet
		want := func(i int) string { return strings.Repeat(string(rune('A'+i)), 600) }
		for i := range 10 {
			err := proto.Pack(packet.NewPacket(packet.WithUri("/"+want(i)), packet.WithAddMeta("k", want(i)),
				packet.WithBodyCodec('s'), packet.WithBody(want(i)), packet.WithXferPipe([]byte(ids)...)))
			if err != nil {
				t.Fatal(err)
			}
			p := new(packet.Packet)
			if err := proto.Unpack(p); err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
		for i, p := range all {
			if p.Uri() != "/"+want(i) || p.Meta().PeekString("k") != want(i) || string(p.RawBody()) != want(i) {
				t.Errorf("pipe %q: packet %d was overwritten by a later one", ids, i)
			}
		}
	}
}

// What is bound belongs to whoever bound it, though the packet is used again.
func TestUnpack_BoundBodiesSurviveReuse(t *testing.T) {
	var stream conn
	proto := fast.New(&stream)
	var p packet.Packet
	var got [][]byte
	for i := range 3 {
		if err := proto.Pack(packet.NewPacket(packet.WithBodyCodec('s'), packet.WithBody(strings.Repeat(string(rune('a'+i)), 50)))); err != nil {
			t.Fatal(err)
		}
		if err := proto.Unpack(&p); err != nil {
			t.Fatal(err)
		}
		var b []byte
		if err := p.Bind(&b); err != nil {
			t.Fatal(err)
		}
		got = append(got, b)
	}
	for i, b := range got {
		if string(b) != strings.Repeat(string(rune('a'+i)), 50) {
			t.Errorf("body %d is now %q", i, b)
		}
	}
}

func TestUnpack_ReusedPacketKeepsNothing(t *testing.T) {
	stream := new(conn)
	proto := fast.New(stream)
	full := packet.NewPacket(packet.WithSeq(9), packet.WithPtype(3), packet.WithUri("/u"), packet.WithAddMeta("k", "v"),
		packet.WithBodyCodec('s'), packet.WithBody("b"), packet.WithXferPipe('g'))
	if err := errors.Join(proto.Pack(full), proto.Pack(packet.NewPacket())); err != nil {
		t.Fatal(err)
	}
	env := new(packet.Env)
	p := packet.NewPacket(packet.WithEnv(env), packet.WithBody("old"))
	if err := errors.Join(proto.Unpack(p), proto.Unpack(p)); err != nil {
		t.Fatal(err)
	}
	if p.Seq() != 0 || p.Ptype() != 0 || p.Uri() != "" || p.Meta().Len() != 0 || p.BodyCodec() != 0 || p.Body() != nil ||
		p.RawBody() != nil || p.XferPipe().Len() != 0 || p.Size() != 24 || p.Env() != env {
		t.Errorf("left over: %v", p)
	}
}

func TestUnpack_NewBody(t *testing.T) {
	stream := new(conn)
	proto := fast.New(stream)
	good := packet.NewPacket(packet.WithSeq(5), packet.WithPtype(1), packet.WithUri("/u"), packet.WithBodyCodec('j'), packet.WithBody(7))
	bad := packet.NewPacket(packet.WithBodyCodec('j'), packet.WithBody("not a number"))
	unknown := packet.NewPacket(packet.WithUri("/abc"), packet.WithBodyCodec('X'), packet.WithBody(packet.RawBody("x")))
	if err := errors.Join(proto.Pack(good), proto.Pack(bad), proto.Pack(unknown), proto.Pack(good)); err != nil {
		t.Fatal(err)
	}
	n := 0
	p := packet.NewPacket(packet.WithNewBody(func(seq uint64, ptype byte, uri string) any {
		if uri == "/u" && (seq != 5 || ptype != 1) {
			t.Errorf("called with %d %d %q", seq, ptype, uri)
		}
		return &n
	}))
	if err := proto.Unpack(p); err != nil || n != 7 || p.Body() != any(&n) || p.RawBody() != nil {
		t.Errorf("%d, %v", n, err)
	}
	// A body that does not decode spoils neither header nor stream.
	wantError(t, "wrong body", proto.Unpack(p), packet.ClassBody, packet.StageBody, 18)
	wantError(t, "unknown codec", proto.Unpack(p), packet.ClassCodecUnknown, packet.StageBody, 21)
	if p.Uri() != "/abc" || p.Size() == 0 {
		t.Errorf("the header of a packet with a bad body: %v", p)
	}
	n = 0
	if err := proto.Unpack(p); err != nil || n != 7 {
		t.Errorf("the packet after: %d, %v", n, err)
	}
}

// A size field alone must not cost memory.
func TestUnpack_MemoryFollowsTheBytes(t *testing.T) {
	env := &packet.Env{Limits: packet.Limits{MaxPacket: 1<<32 - 1, MaxPayload: 1<<32 - 1}}
	claim := append([]byte{0xff, 0xff, 0xff, 0xff, 'f', 0}, make([]byte, 100)...)
	p := packet.NewPacket(packet.WithEnv(env))
	const runs = 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		if err := unpackFrom(bytes.NewReader(claim)).Unpack(p); packet.ClassOf(err) != packet.ClassShort {
			t.Fatalf("got %v", err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / runs; got > 64<<10 {
		t.Errorf("%d bytes taken for a packet of which 106 arrived", got)
	}
}
