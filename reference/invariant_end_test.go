package tp

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// A session ends once, whatever ends it, and however many things do at once.
func TestInvariant_SessionEndsOnce(t *testing.T) {
	ends := map[string]func(s Session, c, other *tptest.Conn){
		"close":       func(s Session, _, _ *tptest.Conn) { s.Close() },
		"peer close":  func(s Session, _, _ *tptest.Conn) { s.Peer().Close() },
		"conn closed": func(_ Session, c, _ *tptest.Conn) { c.Close() },
		"end":         func(_ Session, _, o *tptest.Conn) { o.Close() },
		"reset":       func(_ Session, _, o *tptest.Conn) { o.Abort() },
		"garbage":     func(_ Session, _, o *tptest.Conn) { o.Write([]byte("garbage garbage")) },
		"write error": func(s Session, c, _ *tptest.Conn) { c.Out().FailWrite(0, errTest); s.Push("/x", 1) },
		"kicked": func(s Session, _, _ *tptest.Conn) {
			s.Peer().RangeSession(func(o Session) bool {
				if o != s {
					o.SetId(s.Id())
				}
				return true
			})
		},
	}
	names := make([]string, 0, len(ends))
	for name := range ends {
		names = append(names, name)
	}
	for i, first := range names {
		for _, second := range names[i:] {
			t.Run(first+" and "+second, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var disconnects sync.Map
					p := NewPeer(PeerConfig{}, &hooks{postDisconnect: func(s PostSession) *Rerror {
						n, _ := disconnects.LoadOrStore(s, new(atomic.Int32))
						n.(*atomic.Int32).Add(1)
						return nil
					}})
					p.PushRouter.RegFunc("/busy", func(ctx PushCtx, _ *packet.RawBody) { ctx.Session().Pull("/never", nil, nil) })
					a, b := tptest.Pipe()
					sess, err := p.ServeConn(a)
					if err != nil {
						t.Fatal(err)
					}
					x, y := tptest.Pipe()
					bystander, err := p.ServeConn(x)
					if err != nil {
						t.Fatal(err)
					}
					b.Write(tptest.Frame(t, packet.WithPtype(packet.TypePush), packet.WithUri("/busy")))
					pending := sess.AsyncPull("/pending", nil, nil, nil)
					synctest.Wait()
					var wg sync.WaitGroup
					for _, end := range []string{first, second} {
						wg.Go(func() { ends[end](sess, a, b) })
					}
					wg.Wait()
					sess.Close()
					wantCode(t, "the call that waited", pending.Rerror(), 102)
					wantCode(t, "a new call", sess.Pull("/x", nil, nil).Rerror(), 102)
					wantCode(t, "a new push", sess.Push("/x", nil), 102)
					if sess.Health() {
						t.Error("it is healthy")
					}
					y.Close()
					bystander.Close()
					p.Close()
					disconnects.Range(func(s, n any) bool {
						if n := n.(*atomic.Int32).Load(); n != 1 {
							t.Errorf("PostDisconnect ran %d times for %s", n, s.(PostSession).Id())
						}
						return true
					})
					if n := mapLen(&disconnects); n != 2 {
						t.Errorf("PostDisconnect ran for %d sessions, want 2", n)
					}
					b.Close()
				})
			})
		}
	}
}

// Nothing that a peer sends makes us take more memory than a small multiple of
// what it has sent, plus a constant.
func TestInvariant_MemoryOfHostileInputIsBounded(t *testing.T) {
	pairs := make([]byte, 0, 60<<10)
	for len(pairs) < 60<<10 {
		pairs = append(pairs, "a&"...)
	}
	manyPairs := append([]byte{0, 0, 0, 0, 'f', 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, byte(len(pairs) >> 8), byte(len(pairs))}, pairs...)
	manyPairs = append(manyPairs, 'j')
	manyPairs[1], manyPairs[2], manyPairs[3] = byte(len(manyPairs)>>16), byte(len(manyPairs)>>8), byte(len(manyPairs))
	tests := []struct {
		name  string
		bytes []byte
		ends  bool
	}{
		{"4 MiB announced", []byte{0, 0x40, 0, 0, 'f', 0}, false},
		{"4 GiB announced", []byte{0xff, 0xff, 0xff, 0xff, 'f', 0}, true},
		{"uri of 4 GiB", []byte{0, 0, 0, 24, 'f', 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0}, true},
		{"30,000 metadata pairs", manyPairs, true},
		{"255 filters announced", append([]byte{0, 0x40, 0, 0, 'f', 255}, make([]byte, 100)...), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				const sessions = 40
				raws := make([]*tptest.RawPeer, sessions)
				for i := range raws {
					raws[i] = r.raw()
				}
				synctest.Wait()
				before := heapInUse()
				for _, raw := range raws {
					raw.Send(tt.bytes)
				}
				synctest.Wait()
				grown := int64(heapInUse()) - int64(before)
				if allowed := int64(sessions * (64<<10 + 4*len(tt.bytes))); grown > allowed {
					t.Errorf("%d bytes were taken for %d sessions that sent %d bytes each, allowed %d", grown, sessions, len(tt.bytes), allowed)
				}
				for _, raw := range raws {
					if tt.ends {
						raw.ExpectEnd()
					}
					raw.Close()
				}
				if rerr := pullOnce(r); rerr != nil {
					t.Errorf("others are not served: %v", rerr)
				}
			})
		})
	}
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC() // a pool lets go after two
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func pullOnce(r *rig) *Rerror {
	cli, sess := r.dial(PeerConfig{})
	defer cli.Close()
	return sess.Pull("/add", [2]int{1, 2}, nil).Rerror()
}

// Goroutines of handlers are bounded, whatever a peer sends.
func TestInvariant_MemoryOfHostileInputIsBounded_Handlers(t *testing.T) {
	inModes(t, PeerConfig{MaxHandlers: 50}, func(t *testing.T, r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/block", func(*packet.RawBody) (any, *Rerror) { g.pass(); return nil, nil })
		raw := r.raw()
		before := runtime.NumGoroutine()
		for i := range 1000 {
			raw.SendPacket(packet.WithSeq(uint64(i)), packet.WithPtype(packet.TypePull), packet.WithUri("/block"))
		}
		r.mode.settle()
		if n := runtime.NumGoroutine() - before; n > 60 {
			t.Errorf("%d goroutines for 1000 pulls, with 50 slots", n)
		}
		close(g.open)
		codes := map[string]int{}
		for range 1000 {
			codes[fmt.Sprint(NewRerrorFromMeta(raw.ExpectPacket().Meta()) == nil)]++
		}
		if codes["true"] != 50 || codes["false"] != 950 {
			t.Errorf("got %v", codes)
		}
		raw.Close()
	})
}
