package tp

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// No hook, handler, codec, filter or logger runs under a lock: while one of
// them waits, everything else goes on, on the same peer and, but for what the
// waiting one itself holds up, on the same session.
func TestInvariant_NoUserCodeUnderALock(t *testing.T) {
	g := newGate()
	var armed atomic.Bool
	once := func() { // only the first one waits: the rest must go on
		if armed.CompareAndSwap(true, false) {
			g.pass()
		}
	}
	hook := func(name string) Plugin {
		return &everyHook{name: "waits", do: func(h string, _ any) *Rerror {
			if h == name {
				once()
			}
			return nil
		}}
	}
	pull := func(s Session) { s.Pull("/echo", packet.RawBody("1"), nil) }
	push := func(s Session) { s.Push("/note", packet.RawBody("1")) }
	tests := []struct {
		what string
		side string // whose peer it is on
		run  func(Session)
		// blocksReader: the session's own calls wait too, by nature.
		blocksReader bool
	}{
		{"PostReg", "srv", nil, false},
		{"PostDial", "cli", nil, false},
		{"PostAccept", "srv", nil, false},
		{"PreWritePull", "cli", pull, false},
		{"PostWritePull", "cli", pull, false},
		{"PreWriteReply", "srv", pull, false},
		{"PostWriteReply", "srv", pull, false},
		{"PreWritePush", "cli", push, false},
		{"PostWritePush", "cli", push, false},
		{"PreReadHeader", "srv", pull, true},
		{"PostReadPullHeader", "srv", pull, false},
		{"PreReadPullBody", "srv", pull, false},
		{"PostReadPullBody", "srv", pull, false},
		{"PostReadPushHeader", "srv", push, false},
		{"PreReadPushBody", "srv", push, false},
		{"PostReadPushBody", "srv", push, false},
		{"PostReadReplyHeader", "cli", pull, false},
		{"PreReadReplyBody", "cli", pull, false},
		{"PostReadReplyBody", "cli", pull, false},
		{"PostDisconnect", "cli", func(s Session) { s.Close() }, true},
		{"handler", "srv", func(s Session) { s.Pull("/waits", nil, nil) }, false},
		{"codec Marshal", "cli", func(s Session) { s.Pull("/echo", 1, nil, packet.WithBodyCodec('w')) }, false},
		{"codec Unmarshal", "srv", func(s Session) { s.Pull("/int", packet.RawBody("1"), nil, packet.WithBodyCodec('w')) }, false},
		{"filter OnPack", "cli", func(s Session) { s.Pull("/echo", packet.RawBody("1"), nil, withFilter(s, 'w')) }, false},
		{"filter OnUnpack", "srv", func(s Session) { s.Pull("/echo", packet.RawBody("1"), nil, withFilter(s, 'w')) }, true},
		{"logger", "cli", pull, false},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				g.came, g.open = make(chan struct{}, 1000), make(chan struct{})
				armed.Store(false)
				r.srv.PullRouter.RegFunc("/waits", func(*packet.RawBody) (any, *Rerror) { once(); return nil, nil })
				r.srv.PullRouter.RegFunc("/int", func(*int) (any, *Rerror) { return nil, nil })
				r.srv.PushRouter.RegFunc("/note", func(*packet.RawBody) {})
				cli, sess := r.dial(PeerConfig{})
				defer cli.Close()
				_, other := r.dialWith(cli)
				synctest.Wait()
				on := map[string]*Peer{"srv": r.srv, "cli": cli}[tt.side]
				if err := on.PluginContainer().Add(hook(tt.what)); err != nil {
					t.Fatal(err)
				}
				for _, p := range []*Peer{r.srv, cli} {
					c := &onceCodec{marshal: func() {}, unmarshal: func() {}}
					f := &onceFilter{pack: func() {}, unpack: func() {}}
					if p == on {
						switch tt.what {
						case "codec Marshal":
							c.marshal = once
						case "codec Unmarshal":
							c.unmarshal = once
						case "filter OnPack":
							f.pack = once
						case "filter OnUnpack":
							f.unpack = once
						}
					}
					p.Codecs().Reg(c)
					p.Filters().Reg(f)
				}
				if tt.what == "logger" {
					SetLogger(slog.New(&onceHandler{once}))
					defer SetLogger(nil)
				}
				synctest.Wait()
				if tt.what == "PreReadHeader" { // the reader waits already: let it run into the hook
					if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
						t.Fatal(rerr)
					}
				}
				armed.Store(true)
				waiter := make(chan struct{})
				go func() {
					defer close(waiter)
					switch tt.what {
					case "PostReg":
						r.srv.PullRouter.RegFunc("/late", func(*int) (any, *Rerror) { return nil, nil })
					case "PostDial", "PostAccept":
						r.dialWith(cli)
					default:
						tt.run(sess)
					}
				}()
				synctest.Wait()
				if len(g.came) != 1 {
					t.Fatalf("%d wait at the gate, want 1", len(g.came))
				}
				sessions := []Session{other}
				if !tt.blocksReader {
					sessions = append(sessions, sess)
				}
				for _, s := range sessions {
					var sum int
					if rerr := s.Pull("/add", [2]int{1, 2}, &sum).Rerror(); rerr != nil || sum != 3 {
						t.Errorf("a pull on %s: %d, %v", s.Id(), sum, rerr)
					}
					if rerr := s.Push("/note", nil); rerr != nil {
						t.Errorf("a push: %v", rerr)
					}
					if err := s.Flush(context.Background()); err != nil {
						t.Error(err)
					}
				}
				other.SetId("other")
				for _, p := range []*Peer{r.srv, cli} {
					p.RangeSession(func(s Session) bool { p.GetSession(s.Id()); s.Health(); s.PublicLen(); return true })
					p.PluginContainer().GetAll()
					p.Stats()
				}
				r.srv.PushRouter.RegFunc("/fresh", func(*int) {})
				p3, s3 := r.dialWith(cli)
				if rerr := s3.Pull("/add", nil, nil).Rerror(); rerr != nil {
					t.Error(rerr)
				}
				_ = p3
				close(g.open)
				<-waiter
			})
		})
	}
}

// dialWith makes one more session of a peer.
func (r *rig) dialWith(p *Peer) (*Peer, Session) {
	r.t.Helper()
	sess, rerr := p.Dial(rigAddr)
	if rerr != nil {
		r.t.Fatal(rerr)
	}
	return p, sess
}

func withFilter(s Session, id byte) packet.PacketSetting {
	return func(p *packet.Packet) {
		if err := p.XferPipe().AppendFromRegistry(s.Peer().Filters(), id); err != nil {
			panic(err)
		}
	}
}

type onceCodec struct{ marshal, unmarshal func() }

func (c *onceCodec) Id() byte                    { return 'w' }
func (c *onceCodec) Name() string                { return "waits" }
func (c *onceCodec) Marshal(any) ([]byte, error) { c.marshal(); return []byte("1"), nil }
func (c *onceCodec) Unmarshal([]byte, any) error { c.unmarshal(); return nil }

type onceFilter struct{ pack, unpack func() }

func (f *onceFilter) Id() byte { return 'w' }
func (f *onceFilter) OnPack(b []byte) ([]byte, error) {
	f.pack()
	return append([]byte(nil), b...), nil
}
func (f *onceFilter) OnUnpack(b []byte) ([]byte, error) {
	f.unpack()
	return append([]byte(nil), b...), nil
}

type onceHandler struct{ wait func() }

func (h *onceHandler) Enabled(context.Context, slog.Level) bool  { return true }
func (h *onceHandler) Handle(context.Context, slog.Record) error { h.wait(); return nil }
func (h *onceHandler) WithAttrs([]slog.Attr) slog.Handler        { return h }
func (h *onceHandler) WithGroup(string) slog.Handler             { return h }
