package tp

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func TestNewPeer_BadConfigPanicsWithATypedError(t *testing.T) {
	tests := []struct {
		field string
		cfg   PeerConfig
	}{
		{"Network", PeerConfig{Network: "udp"}},
		{"DefaultBodyCodec", PeerConfig{DefaultBodyCodec: "no such codec"}},
		{"Limits.MaxPacket", PeerConfig{Limits: packet.Limits{MaxPacket: 23}}},
		{"MaxHandlers", PeerConfig{MaxHandlers: -1}},
		{"MaxQueued", PeerConfig{MaxQueued: -1}},
		{"TlsCertFile", PeerConfig{TlsKeyFile: "key.pem"}},
		{"TlsCertFile", PeerConfig{TlsCertFile: "no such file", TlsKeyFile: "key.pem"}},
	}
	for _, tt := range tests {
		t.Run(tt.field, func(t *testing.T) {
			var ce *ConfigError
			if _, err := TryNewPeer(tt.cfg); !errors.As(err, &ce) || ce.Field != tt.field {
				t.Errorf("TryNewPeer gave %v", err)
			}
			defer func() {
				if err, _ := recover().(error); !errors.As(err, &ce) {
					t.Errorf("NewPeer panicked with %v", err)
				}
			}()
			NewPeer(tt.cfg)
		})
	}
}

func TestPeer_ListenAndDialOverRealSockets(t *testing.T) {
	for _, network := range []string{"tcp", "tcp4", "tcp6", "unix"} {
		t.Run(network, func(t *testing.T) {
			addr := map[string]string{"tcp": "127.0.0.1:0", "tcp4": "127.0.0.1:0", "tcp6": "[::1]:0", "unix": filepath.Join(t.TempDir(), "s")}[network]
			lis, err := listen(network, addr)
			if err != nil {
				t.Skip(err)
			}
			srv := NewPeer(PeerConfig{Network: network})
			srv.PullRouter.RegFunc("/add", func(args *[2]int) (int, *Rerror) { return args[0] + args[1], nil })
			served := make(chan error, 1)
			go func() { served <- srv.ServeListener(lis) }()
			cli := NewPeer(PeerConfig{Network: network, DefaultDialTimeout: 10 * time.Second})
			var wg sync.WaitGroup
			for range 4 { // their unix addresses are all the same
				sess, rerr := cli.Dial(lis.Addr().String())
				if rerr != nil {
					t.Fatal(rerr)
				}
				for i := range 25 {
					wg.Go(func() {
						var sum int
						if rerr := sess.Pull("/add", [2]int{i, 1}, &sum).Rerror(); rerr != nil || sum != i+1 {
							t.Errorf("got %d, %v", sum, rerr)
						}
					})
				}
			}
			wg.Wait()
			if cli.CountSession() != 4 || srv.CountSession() != 4 {
				t.Errorf("%d and %d sessions, want 4", cli.CountSession(), srv.CountSession())
			}
			cli.Close()
			srv.Close()
			if err := <-served; !errors.Is(err, ErrListenClosed) {
				t.Error(err)
			}
			if _, rerr := cli.Dial(lis.Addr().String()); codeOf(rerr) != 105 {
				t.Errorf("Dial of a closed peer: %v", rerr)
			}
			if err := srv.Listen(); !errors.Is(err, ErrListenClosed) && network != "unix" {
				t.Errorf("Listen of a closed peer: %v", err)
			}
		})
	}
}

func TestDial_Errors(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		p := r.client(PeerConfig{DefaultDialTimeout: time.Second})
		defer p.Close()
		if _, rerr := p.Dial("nobody:1"); codeOf(rerr) != 105 || rerr.Detail == "" {
			t.Errorf("got %v", rerr)
		}
		r.net.DialDelay(time.Hour)
		start := time.Now()
		if _, rerr := p.Dial(rigAddr); codeOf(rerr) != 105 {
			t.Errorf("got %v", rerr)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("the timeout took %v", took)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, rerr := p.DialContext(ctx, rigAddr); codeOf(rerr) != 105 || time.Since(start) != time.Minute+time.Second {
			t.Errorf("got %v after %v", rerr, time.Since(start))
		}
		r.net.DialDelay(0)
		ctx, cancel = context.WithCancel(context.Background())
		sess, rerr := p.DialContext(ctx, rigAddr)
		if rerr != nil {
			t.Fatal(rerr)
		}
		cancel() // the session does not hang on the context of its dialing
		synctest.Wait()
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Error(rerr)
		}
	})
}

type udpConn struct{ net.Conn }

func (udpConn) LocalAddr() net.Addr { return &net.UDPAddr{} }

func TestServeConn_RefusesDatagrams(t *testing.T) {
	p := NewPeer(PeerConfig{})
	a, b := net.Pipe()
	var ne *NetworkError
	if _, err := p.ServeConn(udpConn{a}); !errors.As(err, &ne) {
		t.Errorf("got %v", err)
	}
	if _, err := b.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the connection was not closed: %v", err)
	}
	p.Close()
	a, b = net.Pipe()
	if _, err := p.ServeConn(a); !errors.Is(err, ErrPeerClosed) {
		t.Errorf("got %v", err)
	}
	b.Close()
}

// Over net.Pipe too, where every write waits for its reader; both ends at once.
func TestServeConn_BothEndsOfAPipe(t *testing.T) {
	p := NewPeer(PeerConfig{})
	defer p.Close()
	p.PullRouter.RegFunc("/add", func(args *[2]int) (int, *Rerror) { return args[0] + args[1], nil })
	a, b := net.Pipe()
	one, err := p.ServeConn(a)
	if err != nil {
		t.Fatal(err)
	}
	two, err := p.ServeConn(b)
	if err != nil {
		t.Fatal(err)
	}
	if one.Id() == two.Id() || p.CountSession() != 2 {
		t.Errorf("ids %q and %q, %d sessions", one.Id(), two.Id(), p.CountSession())
	}
	var wg sync.WaitGroup
	for _, s := range []Session{one, two} {
		for range 50 {
			wg.Go(func() {
				if rerr := s.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
					t.Error(rerr)
				}
			})
		}
	}
	wg.Wait()
}

func TestHub_IdsAndKicking(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, one := r.dial(PeerConfig{})
		defer cli.Close()
		_, two := r.dialWith(cli)
		one.SetId("x")
		if s, ok := cli.GetSession("x"); !ok || s != one {
			t.Error("not found under its new id")
		}
		two.SetId("x") // bug 16: the newer one stays, and stays findable
		synctest.Wait()
		if s, ok := cli.GetSession("x"); !ok || s != two || cli.CountSession() != 1 {
			t.Error("the id is not the newer session's")
		}
		wantCode(t, "the kicked one", one.Pull("/add", nil, nil).Rerror(), 102)
		if rerr := two.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Error(rerr)
		}
		two.SetId("x")
		if cli.CountSession() != 1 || !two.Health() {
			t.Error("a session kicked itself")
		}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { two.SetId(string(rune('a' + i))) })
		}
		wg.Wait()
		if s, ok := cli.GetSession(two.Id()); !ok || s != two || cli.CountSession() != 1 {
			t.Error("the hub and the session differ about its id")
		}
		if _, ok := cli.GetSession("nobody"); ok {
			t.Error("found nobody")
		}
	})
}

// Registries and limits are the peer's own.
func TestPeer_OwnRegistriesAndLimits(t *testing.T) {
	inBubble(t, PeerConfig{Limits: packet.Limits{MaxPacket: 100}}, func(r *rig) {
		r.srv.Codecs().Reg(&onceCodec{func() {}, func() {}})
		if _, err := codec.Get('w'); err == nil {
			t.Error("the process-wide registry has it too")
		}
		raw := r.raw()
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/add"), packet.WithBodyCodec('w'), packet.WithBody(packet.RawBody("x")))
		if rerr := NewRerrorFromMeta(raw.ExpectPacket().Meta()); rerr != nil {
			t.Error(rerr)
		}
		fits := make([]byte, 100-24-len("/echo"))
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/echo"), packet.WithBody(packet.RawBody(fits)), packet.WithBodyCodec('s'))
		if p := raw.ExpectPacket(); p.Size() != 100 {
			t.Errorf("got %v", p)
		}
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/echo"), packet.WithBody(packet.RawBody(append(fits, 'x'))), packet.WithBodyCodec('s'))
		raw.ExpectEnd()
		if rerr := pullOnce(r); rerr != nil {
			t.Errorf("others: %v", rerr)
		}
		cli, sess := r.dial(PeerConfig{DefaultBodyCodec: "string", Limits: packet.Limits{MaxPacket: 60}})
		defer cli.Close()
		wantCode(t, "over the sender's own limit", sess.Pull("/echo", string(make([]byte, 60)), nil).Rerror(), 104)
		cmd := sess.Pull("/echo", "plain", new(string))
		if cmd.Rerror() != nil || cmd.Output().BodyCodec() != 's' || cmd.InputBodyCodec() != 's' {
			t.Errorf("got %v", cmd.Rerror())
		}
	})
}

// Bugs 26 and 27: Close closes the listener, works twice and from many
// goroutines, and ends handshakes that are under way.
func TestPeer_CloseEndsEverything(t *testing.T) {
	inBubble(t, PeerConfig{HandshakeTimeout: -1}, func(r *rig) {
		quiet := r.raw() // PostAccept waits for it
		synctest.Wait()
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := r.srv.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		quiet.ExpectEnd()
		if _, err := r.net.Dial(context.Background(), rigAddr); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("the listener is still there: %v", err)
		}
	}, &hooks{postAccept: func(s PreSession) *Rerror { return rerrorOfBody(s.Receive(packet.NewPacket())) }})
}
