package socket

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestSocket_RoundTrip(t *testing.T) {
	for _, path := range paths {
		client, server := tcpPair(t)
		a, b := NewSocket(client, path.pf), GetSocket(server, path.pf)
		out := GetPacket(WithSeq(7), WithPtype(packet.TypePull), WithUri("/a?b=c"), WithAddMeta("k", "1"), WithAddMeta("k", "2"),
			WithSetMeta("s", "x"), WithDelMeta("s"), WithBody(map[string]int{"n": 1}), WithXferPipe('g'))
		if err := a.WritePacket(out); err != nil {
			t.Fatal(err)
		}
		var m map[string]int
		in := NewPacket(WithNewBody(func(seq uint64, ptype byte, uri string) any {
			if seq != 7 || ptype != packet.TypePull || uri != "/a?b=c" {
				t.Errorf("header %d %d %s", seq, ptype, uri)
			}
			return &m
		}))
		if err := b.ReadPacket(in); err != nil {
			t.Fatal(err)
		}
		if m["n"] != 1 || in.BodyCodec() != 'j' || in.Meta().String() != "k=1&k=2" || in.Size() != out.Size() {
			t.Errorf("got %v, %v", in, m)
		}
		PutPacket(out)

		// Bytes beside packets.
		a.Write([]byte("raw"))
		raw := make([]byte, 3)
		if _, err := io.ReadFull(b, raw); err != nil || string(raw) != "raw" {
			t.Errorf("got %q, %v", raw, err)
		}
		// And what a packet's reading has brought along.
		client.Write(append(frameOf(t, 1, 4), "tail"...))
		in.Reset()
		if err := b.ReadPacket(in); err != nil || !bytes.Equal(in.RawBody(), make([]byte, 4)) {
			t.Fatalf("got %v, %v", in, err)
		}
		tail := make([]byte, 4)
		if _, err := io.ReadFull(b, tail); err != nil || string(tail) != "tail" {
			t.Errorf("got %q, %v", tail, err)
		}

		if b.Id() != client.LocalAddr().String() {
			t.Errorf("Id %q", b.Id())
		}
		b.SetId("me")
		b.Public().Store("x", 1)
		if b.Id() != "me" || b.PublicLen() != 1 {
			t.Errorf("Id %q, %d public", b.Id(), b.PublicLen())
		}
		c2, s2 := tptest.Pipe()
		b.Reset(s2, path.pf)
		if b.Id() != "pipe:a" || b.PublicLen() != 0 {
			t.Errorf("after Reset: Id %q, %d public", b.Id(), b.PublicLen())
		}
		if _, err := a.Read(raw); err != io.EOF {
			t.Errorf("Reset closes the old connection, got %v", err)
		}
		c2.Write(frameOf(t, 9, 0))
		if err := b.ReadPacket(in); err != nil || in.Seq() != 9 {
			t.Errorf("after Reset: %v, %v", in, err)
		}
		b.Close()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSocketHub(t *testing.T) {
	var h SocketHub
	if _, ok := h.Random(); ok || h.Len() != 0 {
		t.Error("the zero hub is empty")
	}
	socks := make([]Socket, 3)
	for i := range socks {
		nc, _ := tptest.Pipe()
		socks[i] = NewSocket(nc)
		socks[i].SetId(string(rune('a' + i)))
		if old := h.Set(socks[i]); old != nil {
			t.Errorf("replaced %v", old)
		}
	}
	if s, ok := h.Get("b"); !ok || s != socks[1] {
		t.Error("Get")
	}
	if _, ok := h.Random(); !ok {
		t.Error("Random")
	}
	if old := h.ChangeId("c", socks[0]); old != socks[2] || h.Len() != 2 {
		t.Errorf("ChangeId onto a taken id: %v, %d left", old, h.Len())
	}
	if s, _ := h.Get("c"); s != socks[0] || s.Id() != "c" {
		t.Error("ChangeId")
	}
	if _, ok := h.Get("a"); ok {
		t.Error("the old id stays")
	}
	n := 0
	h.Range(func(Socket) bool { n++; h.Delete("b"); return false })
	if n != 1 || h.Len() != 1 {
		t.Errorf("Range: %d calls, %d left", n, h.Len())
	}
}

func TestDefaultProtoFunc(t *testing.T) {
	defer SetDefaultProtoFunc(nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { SetDefaultProtoFunc(plainFast); DefaultProtoFunc() })
	}
	wg.Wait()
	a, _ := tptest.Pipe()
	if c := NewConn(a, nil, Options{}); c.framer != nil {
		t.Error("the default set is not the default used")
	}
	SetDefaultProtoFunc(nil)
	c := NewConn(a, nil, Options{})
	if id, name := c.Version(); c.framer == nil || id != 'f' || name != "fast" {
		t.Errorf("%c %s", id, name)
	}
}

// knobs records what Tune sets.
type knobs struct {
	net.Conn
	keepAlive   bool
	period      time.Duration
	read, write int
}

func (k *knobs) SetKeepAlive(on bool) error               { k.keepAlive = on; return nil }
func (k *knobs) SetKeepAlivePeriod(d time.Duration) error { k.period = d; return nil }
func (k *knobs) SetReadBuffer(n int) error                { k.read = n; return nil }
func (k *knobs) SetWriteBuffer(n int) error               { k.write = n; return nil }

// wrapped is like *tls.Conn.
type wrapped struct{ net.Conn }

func (w wrapped) NetConn() net.Conn { return w.Conn }

func TestTune(t *testing.T) {
	defer setTuning(func(x *tuning) { *x = tuning{} })
	untouched := knobs{}
	if err := Tune(&untouched); err != nil || untouched != (knobs{}) {
		t.Errorf("nothing set, yet %+v, %v", untouched, err)
	}
	SetKeepAlive(true)
	SetKeepAlivePeriod(time.Minute)
	SetReadBuffer(1 << 16)
	SetWriteBuffer(1 << 17)
	want := knobs{keepAlive: true, period: time.Minute, read: 1 << 16, write: 1 << 17}
	var k knobs
	if err := Tune(wrapped{&k}); err != nil || k != want {
		t.Errorf("got %+v, %v", k, err)
	}
	SetKeepAlivePeriod(0)
	SetReadBuffer(0)
	SetWriteBuffer(-1)
	k = knobs{}
	if err := Tune(&k); err != nil || k != (knobs{keepAlive: true}) {
		t.Errorf("got %+v, %v", k, err)
	}
	client, _ := tcpPair(t)
	SetReadBuffer(1 << 16)
	if err := Tune(client); err != nil {
		t.Errorf("a TCP connection: %v", err)
	}
	mem, _ := tptest.Pipe()
	if err := Tune(mem); err != nil {
		t.Errorf("a connection without settings: %v", err)
	}
}

func TestSetReadLimit(t *testing.T) {
	defer SetReadLimit(GetReadLimit())
	if err := SetReadLimit(10); err == nil {
		t.Error("a limit below the smallest packet must be refused")
	}
	if err := SetReadLimit(30); err != nil || GetReadLimit() != 30 {
		t.Errorf("%v, limit %d", err, GetReadLimit())
	}
	err := NewConn(feed(frameOf(t, 1, 6)), nil, Options{}).ReadPacket(NewPacket())
	if err != nil {
		t.Errorf("30 bytes: %v", err)
	}
	SetReadLimit(29)
	a, b := tptest.Pipe()
	b.Write([]byte{0, 0, 0, 30})
	if err := NewConn(a, nil, Options{}).ReadPacket(NewPacket()); packet.ClassOf(err) != packet.ClassLimit {
		t.Errorf("got %v", err)
	}
}
