package tp_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"testing"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/socket"
	"github.com/henrylee2cn/teleport/reference/tptest"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// The design document's declarations, as types that ours must be assignable
// to: a block that shows an interface or a signature is compiled here.
type (
	seedXferFilter interface {
		Id() byte
		OnPack([]byte) ([]byte, error)
		OnUnpack([]byte) ([]byte, error)
	}
	seedProto interface {
		Version() (byte, string)
		Pack(*socket.Packet) error
		Unpack(*socket.Packet) error
	}
)

var (
	_ seedXferFilter  = xfer.XferFilter(nil)
	_ xfer.XferFilter = seedXferFilter(nil)
	_ seedProto       = socket.Proto(nil)
	_ socket.Proto    = seedProto(nil)

	_ socket.NewBodyFunc = (func(seq uint64, ptype byte, uri string) interface{})(nil)
	_ socket.ProtoFunc   = (func(io.ReadWriter) socket.Proto)(nil)

	_ func(socket.ProtoFunc)                                                                                    = tp.SetDefaultProtoFunc
	_ func(*tp.Peer, net.Conn, ...socket.ProtoFunc) (tp.Session, error)                                         = (*tp.Peer).ServeConn
	_ func(*tp.Peer, context.Context, string, ...socket.ProtoFunc) (tp.Session, *tp.Rerror)                     = (*tp.Peer).DialContext
	_ func(*tp.Peer, string, ...socket.ProtoFunc) (tp.Session, *tp.Rerror)                                      = (*tp.Peer).Dial
	_ func(*tp.Peer, ...socket.ProtoFunc) error                                                                 = (*tp.Peer).Listen
	_ func(tp.PeerConfig, ...tp.Plugin) *tp.Peer                                                                = tp.NewPeer
	_ func(int32, string, string) *tp.Rerror                                                                    = tp.NewRerror
	_ func(tp.Session, string, interface{}, interface{}, ...socket.PacketSetting) *tp.PullCmd                   = tp.Session.Pull
	_ func(tp.Session, string, interface{}, interface{}, chan *tp.PullCmd, ...socket.PacketSetting) *tp.PullCmd = tp.Session.AsyncPull
	_ func(tp.Session, string, interface{}, ...socket.PacketSetting) *tp.Rerror                                 = tp.Session.Push
)

// The fields of a packet, each settable and readable.
func TestSeed_PacketFields(t *testing.T) {
	p := socket.GetPacket(
		socket.WithSeq(1<<63), socket.WithPtype(3), socket.WithUri("/a?b=c"), socket.WithSetMeta("k", "1"), socket.WithAddMeta("k", "2"),
		socket.WithBodyCodec('j'), socket.WithBody([]int{1}), socket.WithXferPipe('g'),
		socket.WithNewBody(func(seq uint64, ptype byte, uri string) interface{} { return new(string) }),
	)
	defer socket.PutPacket(p)
	if p.Seq() != 1<<63 || p.Ptype() != 3 || p.Uri() != "/a?b=c" || p.Meta().String() != "k=1&k=2" || p.BodyCodec() != 'j' ||
		!slices.Equal(p.Body().([]int), []int{1}) || !bytes.Equal(p.XferPipe().Ids(), []byte("g")) || p.Size() != 0 {
		t.Errorf("the packet is %v", p)
	}
	if _, ok := p.NewBodyFunc()(0, 1, "/").(*string); !ok {
		t.Error("newBodyFunc is not kept")
	}
}

// flip is a filter of the user's own.
type flip struct{}

func (flip) Id() byte                          { return 0x80 }
func (flip) OnPack(b []byte) ([]byte, error)   { return flipped(b), nil }
func (flip) OnUnpack(b []byte) ([]byte, error) { return flipped(b), nil }

func flipped(b []byte) []byte {
	out := bytes.Clone(b)
	for i := range out {
		out[i] ^= 0xff
	}
	return out
}

// seedOwn is a Proto of the user's own: it counts, and is no Framer.
type seedOwn struct {
	good   socket.Proto
	packed *int
}

func (o *seedOwn) Version() (byte, string)       { return 0x81, "own" }
func (o *seedOwn) Pack(p *socket.Packet) error   { *o.packed++; return o.good.Pack(p) }
func (o *seedOwn) Unpack(p *socket.Packet) error { return o.good.Unpack(p) }

// "You can customize your own communication protocol", with filters of one's own.
func TestSeed_OwnProtoAndFilter(t *testing.T) {
	packed := 0
	own := func(rw io.ReadWriter) socket.Proto { return &seedOwn{fast.New(rw), &packed} }
	ways := map[string]func(t *testing.T, server, client *tp.Peer) tp.Session{
		"ServeConn": func(t *testing.T, server, client *tp.Peer) tp.Session {
			a, b := tptest.Pipe()
			if _, err := server.ServeConn(a, own); err != nil {
				t.Fatal(err)
			}
			sess, err := client.ServeConn(b, own)
			if err != nil {
				t.Fatal(err)
			}
			return sess
		},
		"SetDefaultProtoFunc": func(t *testing.T, server, client *tp.Peer) tp.Session {
			tp.SetDefaultProtoFunc(own)
			t.Cleanup(func() { tp.SetDefaultProtoFunc(nil) })
			return connect(server, client)
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			packed = 0
			server, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
			for _, p := range []*tp.Peer{server, client} {
				p.Filters().Reg(flip{})
			}
			server.PullRouter.Reg(new(SeedHome))
			sess := way(t, server, client)
			var sum int
			if rerr := sess.Pull("/seed_home/test", [2]int{1, 2}, &sum, socket.WithXferPipe(0x80, 'g')).Rerror(); rerr != nil || sum != 3 {
				t.Errorf("got %d, %v", sum, rerr)
			}
			client.Close()
			server.Close()
			if packed < 2 {
				t.Errorf("the own Proto packed %d packets", packed)
			}
		})
	}
}

// "Create a server or client peer": one peer listens, one dials.
func TestSeed_CreatePeers(t *testing.T) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := lis.Addr().String()
	lis.Close() // the document names its port
	var peer1 = tp.NewPeer(tp.PeerConfig{
		ListenAddress: address, // for server role
	})
	up := make(chan error, 1)
	go func() { up <- peer1.Listen() }()
	var peer2 = tp.NewPeer(tp.PeerConfig{})
	var sess, rerr = peer2.Dial(address)
	for rerr != nil { // Listen may not be there yet
		select {
		case err := <-up:
			t.Fatal(err)
		default:
			sess, rerr = peer2.Dial(address)
		}
	}
	if !sess.Health() || sess.RemoteIp() != address || sess.Peer() != peer2 {
		t.Errorf("the session is with %s", sess.RemoteIp())
	}
	peer2.Close()
	peer1.Close()
	if err := <-up; err != tp.ErrListenClosed {
		t.Errorf("Listen returns %v", err)
	}
}

// The push handlers as the document writes them, for what they are given.
type SeedMsg struct{ tp.PushCtx }

var seedSaw = make(chan string, 1)

func (m *SeedMsg) Test(args *map[string]interface{}) {
	tp.Infof("receive push(%s):\nargs: %#v\nquery: %#v\n", m.Ip(), args, m.Query())
	seedSaw <- m.Ip()
}

func SeedUnknownPushHandle(ctx tp.UnknownPushCtx, body *[]byte) {
	var v interface{}
	codecId, err := ctx.Unmarshal(*body, &v, true)
	if err != nil {
		tp.Errorf("%v", err)
		seedSaw <- "error"
	} else {
		tp.Infof("receive unknown push:\n codec: %s\n content: %#v", string(rune(codecId)), v)
		seedSaw <- string(rune(codecId))
	}
}

func TestSeed_PushHandlers(t *testing.T) {
	server, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	server.PushRouter.Group("push").Reg(new(SeedMsg))
	server.PushRouter.SetUnknown(SeedUnknownPushHandle)
	sess := connect(server, client)
	for _, tt := range []struct {
		uri, want string
		args      interface{}
	}{
		{"/push/seed_msg/test", sess.LocalIp(), map[string]interface{}{"a": 1}},
		{"/any", "j", []int{1}},
		{"/any", "error", packet.RawBody("{")},
	} {
		if rerr := sess.Push(tt.uri, tt.args); rerr != nil {
			t.Fatal(rerr)
		}
		if got := <-seedSaw; got != tt.want {
			t.Errorf("%s: the handler saw %q, want %q", tt.uri, got, tt.want)
		}
	}
}
