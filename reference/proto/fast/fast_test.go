package fast_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// conn is a stream in memory: what is written can be read.
type conn struct{ bytes.Buffer }

func framer() packet.Framer { return fast.New(nil).(packet.Framer) }

// unhex reads hex with spaces for people.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encode(t testing.TB, settings ...packet.PacketSetting) []byte {
	t.Helper()
	b, err := framer().AppendFrame(nil, packet.NewPacket(settings...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantError holds an error against class, stage and offset.
func wantError(t *testing.T, what string, err error, class packet.Class, stage packet.Stage, offset int) {
	t.Helper()
	var pe *packet.Error
	if !errors.As(err, &pe) {
		t.Errorf("%s: %v, want a *packet.Error of class %s", what, err, class)
		return
	}
	if pe.Class != class || pe.Stage != stage || pe.Offset != int64(offset) {
		t.Errorf("%s: %s %s %d (%v), want %s %s %d", what, pe.Class, pe.Stage, pe.Offset, err, class, stage, offset)
	}
}

// Frames made by hand from the layout, and one recorded from the original.
var golden = []struct {
	name string
	hex  string
	make []packet.PacketSetting
	body string
}{
	{"nothing", `00000018 66 00 0000000000000000 00 00000000 00000000 00`, nil, ""},
	{"pull", `0000004f 66 00 0000000000000000 01
		0000001f 2f67726f75702f686f6d652f746573743f706565725f69643d63616c6c2d31
		00000011 7365743d30266164643d31266164643d32 6a 7b2261223a317d`,
		[]packet.PacketSetting{packet.WithPtype(packet.TypePull), packet.WithUri("/group/home/test?peer_id=call-1"),
			packet.WithSetMeta("set", "0"), packet.WithAddMeta("add", "1"), packet.WithAddMeta("add", "2"),
			packet.WithBodyCodec('j'), packet.WithBody(map[string]int{"a": 1})}, `{"a":1}`},
	{"error reply", `0000007f 66 00 0000000000000000 02
		0000001f 2f67726f75702f686f6d652f746573743f706565725f69643d63616c6c2d31
		00000048 582d5265706c792d4572726f723d253742253232636f6465253232253341343034253243253232
		         6d657373616765253232253341253232 4e6f7425323046 6f756e64253232253744 6a`,
		[]packet.PacketSetting{packet.WithPtype(packet.TypeReply), packet.WithUri("/group/home/test?peer_id=call-1"),
			packet.WithSetMeta("X-Reply-Error", `{"code":404,"message":"Not Found"}`), packet.WithBodyCodec('j')}, ""},
	{"push", `00000037 66 00 0000000000000000 03 0000001d 2f707573682f746573743f7461673d66726f6d20686f6d652d74657374
		00000000 73 6869`,
		[]packet.PacketSetting{packet.WithPtype(packet.TypePush), packet.WithUri("/push/test?tag=from home-test"),
			packet.WithBodyCodec('s'), packet.WithBody("hi")}, "hi"},
	{"all bits of the numbers", `0000001c 66 00 ffffffffffffffff ff 00000002 00ff 00000000 ff 0001`,
		[]packet.PacketSetting{packet.WithSeq(1<<64 - 1), packet.WithPtype(255), packet.WithUri("\x00\xff"),
			packet.WithBodyCodec(255), packet.WithBody(packet.RawBody{0, 1})}, "\x00\x01"},
}

func TestAppendFrame_Golden(t *testing.T) {
	for _, tt := range golden {
		p := packet.NewPacket(tt.make...)
		got, err := framer().AppendFrame([]byte("before"), p)
		if err != nil || string(got[:6]) != "before" {
			t.Fatalf("%s: %v", tt.name, err)
		}
		want := unhex(t, tt.hex)
		if !bytes.Equal(got[6:], want) {
			t.Errorf("%s:\ngot  %x\nwant %x", tt.name, got[6:], want)
		}
		if p.Size() != uint32(len(want)) {
			t.Errorf("%s: size %d, want %d", tt.name, p.Size(), len(want))
		}
	}
}

func TestParseFrame_Golden(t *testing.T) {
	for _, tt := range golden {
		frame := unhex(t, tt.hex)
		want := packet.NewPacket(tt.make...)
		var p packet.Packet
		if err := framer().ParseFrame(frame, &p); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if p.Seq() != want.Seq() || p.Ptype() != want.Ptype() || p.Uri() != want.Uri() || !p.Meta().Equal(want.Meta()) ||
			p.BodyCodec() != want.BodyCodec() || string(p.RawBody()) != tt.body || p.Size() != uint32(len(frame)) {
			t.Errorf("%s: got %v, body %q", tt.name, &p, p.RawBody())
		}
		again, err := framer().AppendFrame(nil, &p)
		if err != nil || !bytes.Equal(again, frame) {
			t.Errorf("%s: encoded again: %x, %v", tt.name, again, err)
		}
	}
}

func TestVersion_Stable(t *testing.T) {
	for range 2 {
		if id, name := fast.New(new(conn)).Version(); id != 'f' || name != "fast" {
			t.Errorf("Version() = %d, %q", id, name)
		}
	}
}

func TestAppendFrame_Errors(t *testing.T) {
	many := make([]packet.PacketSetting, 0, 4)
	for range 3 {
		many = append(many, packet.WithAddMeta("k", "v"))
	}
	with := func(l packet.Limits, s ...packet.PacketSetting) []packet.PacketSetting {
		return append([]packet.PacketSetting{packet.WithEnv(&packet.Env{Limits: l})}, s...)
	}
	raw := func(n int) packet.PacketSetting { return packet.WithBody(packet.RawBody(make([]byte, n))) }
	tests := []struct {
		name  string
		make  []packet.PacketSetting
		class packet.Class // "" for none
	}{
		{"unknown filter", []packet.PacketSetting{packet.WithXferPipe('g', 0xee)}, packet.ClassFilterUnknown},
		{"255 filters", []packet.PacketSetting{packet.WithEnv(withSame()), packet.WithXferPipe(bytes.Repeat([]byte{'='}, 255)...)}, ""},
		{"256 filters", []packet.PacketSetting{packet.WithXferPipe(bytes.Repeat([]byte{'g'}, 256)...)}, packet.ClassLimit},
		{"unknown codec", []packet.PacketSetting{packet.WithBodyCodec('X'), packet.WithBody(1)}, packet.ClassCodecUnknown},
		{"codec 0", []packet.PacketSetting{packet.WithBody(1)}, packet.ClassCodecUnknown},
		{"body", []packet.PacketSetting{packet.WithBodyCodec('j'), packet.WithBody(make(chan int))}, packet.ClassBody},
		{"body in a pipe", []packet.PacketSetting{packet.WithXferPipe('g'), packet.WithBodyCodec('s'), packet.WithBody(1)}, packet.ClassBody},
		{"packet, exact", with(packet.Limits{MaxPacket: 100}, raw(76)), ""},
		{"packet, one more", with(packet.Limits{MaxPacket: 100}, raw(77)), packet.ClassLimit},
		{"uri, exact", with(packet.Limits{MaxUri: 3}, packet.WithUri("abc")), ""},
		{"uri, one more", with(packet.Limits{MaxUri: 3}, packet.WithUri("abcd")), packet.ClassLimit},
		{"meta, exact", with(packet.Limits{MaxMeta: 5}, packet.WithAddMeta("a", "%")), ""},
		{"meta, one more", with(packet.Limits{MaxMeta: 4}, packet.WithAddMeta("a", "%")), packet.ClassLimit},
		{"pairs, exact", with(packet.Limits{MaxMetaPairs: 3}, append(many, packet.WithAddMeta("", ""))...), ""},
		{"pairs, one more", with(packet.Limits{MaxMetaPairs: 2}, many...), packet.ClassLimit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := framer().AppendFrame([]byte("keep"), packet.NewPacket(tt.make...))
			if tt.class == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var pe *packet.Error
			if !errors.As(err, &pe) || pe.Class != tt.class || pe.Op != packet.OpPack || pe.Offset != 0 {
				t.Errorf("got %v, want a pack error of class %s", err, tt.class)
			}
			if string(got) != "keep" {
				t.Errorf("dst comes back as %q", got)
			}
			w := new(conn)
			if err := fast.New(w).Pack(packet.NewPacket(tt.make...)); packet.ClassOf(err) != tt.class || w.Len() != 0 {
				t.Errorf("Pack: %v, %d bytes written", err, w.Len())
			}
		})
	}
	_, err := framer().AppendFrame(nil, packet.NewPacket(with(packet.Limits{MaxPacket: 24}, raw(1))...))
	if !errors.Is(err, packet.ErrExceedPacketSizeLimit) {
		t.Errorf("%v does not wrap ErrExceedPacketSizeLimit", err)
	}
}

func TestPipe_RoundTrips(t *testing.T) {
	for _, n := range []int{1, 2, 3} {
		ids := bytes.Repeat([]byte{'g'}, n)
		var p packet.Packet
		frame := encode(t, packet.WithSeq(9), packet.WithUri("/u"), packet.WithAddMeta("k", "v"),
			packet.WithBodyCodec('s'), packet.WithBody("body"), packet.WithXferPipe(ids...))
		if frame[5] != byte(n) || !bytes.Equal(frame[6:6+n], ids) {
			t.Errorf("%d filters: the frame begins with %x", n, frame[:7])
		}
		if err := framer().ParseFrame(frame, &p); err != nil {
			t.Fatalf("%d filters: %v", n, err)
		}
		if p.Seq() != 9 || p.Uri() != "/u" || p.Meta().String() != "k=v" || string(p.RawBody()) != "body" ||
			!bytes.Equal(p.XferPipe().Ids(), ids) || p.Size() != uint32(len(frame)) {
			t.Errorf("%d filters: got %v", n, &p)
		}
	}
}

// Recorded from the original: its gzip members end with a sync flush.
func TestParseFrame_OriginalsGzip(t *testing.T) {
	frame := unhex(t, `00000047 66 01 67 1f8b08000000000000ff
		628000464606060679fdf4a2fcd202fd8cfcdc54fd92d4e212fb82d4d4a2f8cc14dbe4c49c1c5d4390c2e28cd49c9c7c00000000ffff`)
	var p packet.Packet
	if err := framer().ParseFrame(frame, &p); err != nil {
		t.Fatal(err)
	}
	if p.Seq() != 1 || p.Ptype() != 1 || p.Uri() != "/group/home/test?peer_id=call-1" || p.BodyCodec() != 's' ||
		string(p.RawBody()) != "hello" || string(p.XferPipe().Ids()) != "g" {
		t.Errorf("got %v, body %q", &p, p.RawBody())
	}
	for n := 9; n < len(frame); n++ { // the frame made shorter, its size with it
		cut := bytes.Clone(frame[:n])
		cut[3] = byte(n)
		wantError(t, "cut member", framer().ParseFrame(cut, &p), packet.ClassFilterData, packet.StageFrame, 6)
	}
}

// same is a filter that changes nothing.
type same struct{}

func (same) Id() byte                          { return '=' }
func (same) OnPack(b []byte) ([]byte, error)   { return b, nil }
func (same) OnUnpack(b []byte) ([]byte, error) { return b, nil }

func withSame() *packet.Env {
	env := &packet.Env{Filters: xfer.NewRegistry(xfer.Default())}
	env.Filters.Reg(same{})
	return env
}

func TestPipe_255Filters(t *testing.T) {
	ids := bytes.Repeat([]byte{'='}, 255)
	ids[100] = 'g'
	p := packet.NewPacket(packet.WithEnv(withSame()))
	frame := encode(t, packet.WithEnv(p.Env()), packet.WithUri("/u"), packet.WithXferPipe(ids...))
	if err := framer().ParseFrame(frame, p); err != nil || p.Uri() != "/u" || !bytes.Equal(p.XferPipe().Ids(), ids) {
		t.Errorf("got %v, %v", p, err)
	}
	frame[6+200] = 'g' // a second gzip, which this is not
	wantError(t, "one filter swapped", framer().ParseFrame(frame, p), packet.ClassFilterData, packet.StageFrame, 206)
}

type failing struct{ xfer.XferFilter }

var errFilter = errors.New("filter broke")

func (failing) Id() byte                        { return '!' }
func (failing) OnPack([]byte) ([]byte, error)   { return nil, errFilter }
func (failing) OnUnpack([]byte) ([]byte, error) { return nil, errFilter }

func TestFilter_OwnErrorIsWrapped(t *testing.T) {
	env := &packet.Env{Filters: xfer.NewRegistry(xfer.Default())}
	env.Filters.Reg(failing{})
	_, err := framer().AppendFrame(nil, packet.NewPacket(packet.WithEnv(env), packet.WithXferPipe('!')))
	if !errors.Is(err, errFilter) || packet.ClassOf(err) != packet.ClassFilterData {
		t.Errorf("pack: %v", err)
	}
	p := packet.NewPacket(packet.WithEnv(env))
	err = framer().ParseFrame([]byte{0, 0, 0, 8, 'f', 1, '!', 0}, p)
	if !errors.Is(err, errFilter) {
		t.Errorf("unpack: %v", err)
	}
	wantError(t, "unpack", err, packet.ClassFilterData, packet.StageFrame, 6)
}

// errReader gives data, then err.
type errReader struct {
	data   []byte
	err    error
	beside bool // give err together with the last bytes, once
}

func (r *errReader) Read(b []byte) (int, error) {
	if len(r.data) == 0 {
		if r.beside {
			return 0, io.EOF
		}
		return 0, r.err
	}
	n := copy(b, r.data)
	r.data = r.data[n:]
	if len(r.data) == 0 && r.beside {
		return n, r.err
	}
	return n, nil
}

func (*errReader) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }
