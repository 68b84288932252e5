package tp

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// addFrame is a PULL of /add.
func (r *rig) addFrame(seq uint64) []byte {
	return tptest.Frame(r.t, packet.WithSeq(seq), packet.WithPtype(packet.TypePull), packet.WithUri("/add"),
		packet.WithBodyCodec('j'), packet.WithBody(packet.RawBody("[1,2]")))
}

// A caller that gives up in the middle of a frame leaves what it has read.
func TestLead_GivesUpWithinAFrame(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		cli := r.client(PeerConfig{})
		defer cli.Close()
		a, b := tptest.Pipe()
		sess, err := cli.ServeConn(a)
		if err != nil {
			t.Fatal(err)
		}
		raw := tptest.NewRawPeer(t, b)
		defer raw.Close()
		type outcome struct {
			n    int
			rerr *Rerror
		}
		call := func(ctx context.Context) <-chan outcome {
			ch := make(chan outcome, 1)
			go func() {
				n, rerr := PullContext[any, int](ctx, sess, "/x", nil)
				ch <- outcome{n, rerr}
			}()
			raw.ExpectPacket()
			return ch
		}
		reply := func(seq uint64, body string) []byte {
			return tptest.Frame(t, packet.WithSeq(seq), packet.WithPtype(packet.TypeReply), packet.WithUri("/x"),
				packet.WithBodyCodec('j'), packet.WithBody(packet.RawBody(body)))
		}
		first := call(context.Background())
		raw.Send(reply(0, "1"))
		if o := <-first; o.rerr != nil || o.n != 1 {
			t.Fatal(o)
		}
		late := reply(1, "2")
		for cut := 1; cut < len(late); cut++ {
			seq := uint64(2*cut - 1)
			late = reply(seq, "2")
			ctx, cancel := context.WithCancel(context.Background())
			given := call(ctx)
			raw.Send(late[:cut])
			synctest.Wait()
			cancel()
			if o := <-given; endCode(o.rerr) != CodeCancelled {
				t.Errorf("cut %d: the call that is given up: %v", cut, o.rerr)
			}
			next := call(context.Background())
			synctest.Wait()
			raw.Send(append(late[cut:len(late):len(late)], reply(seq+1, "3")...))
			if o := <-next; o.rerr != nil || o.n != 3 {
				t.Errorf("cut %d: the next call: %d, %v", cut, o.n, o.rerr)
			}
		}
		if n := cli.Stats().RepliesIgnored; n != uint64(len(late)-1) {
			t.Errorf("%d replies came late, want %d", n, len(late)-1)
		}
	})
}

// Whatever ends a link while a caller reads it, or while nobody does, the call
// ends at once, and the session within the bound.
func TestLead_LinkEnds(t *testing.T) {
	quiet(t)
	tests := []struct {
		name string
		cfg  PeerConfig
		end  func(s Session, own, other *tptest.Conn)
		code int32
		in   time.Duration
	}{
		{"reset", PeerConfig{}, func(_ Session, _, other *tptest.Conn) { other.Abort() }, 102, 0},
		{"end of stream", PeerConfig{}, func(_ Session, _, other *tptest.Conn) { other.CloseWrite() }, 102, 0},
		{"closed", PeerConfig{}, func(_ Session, _, other *tptest.Conn) { other.Close() }, 102, 0},
		{"closed under the peer", PeerConfig{}, func(_ Session, own, _ *tptest.Conn) { own.Close() }, 102, 0},
		{"garbage", PeerConfig{}, func(_ Session, _, other *tptest.Conn) { other.Write([]byte("\x00\x00\x00\x01")) }, 102, 0},
		{"EndLink", PeerConfig{}, func(s Session, _, _ *tptest.Conn) { s.(LinkEnder).EndLink(errTest) }, 102, 0},
		{"read timeout", PeerConfig{DefaultReadTimeout: time.Second}, func(Session, *tptest.Conn, *tptest.Conn) {}, 102, time.Second},
		{"frame timeout", PeerConfig{FrameTimeout: time.Second}, func(_ Session, _, other *tptest.Conn) { other.Write([]byte("\x00\x00")) }, 102, time.Second},
		{"Close", PeerConfig{CloseTimeout: time.Second}, func(s Session, _, _ *tptest.Conn) { go s.Close() }, 102, time.Second},
	}
	for _, tt := range tests {
		for _, calls := range []int{0, 1, 5} {
			for _, redials := range []int{0, -1} {
				t.Run(tt.name, func(t *testing.T) {
					inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
						g := r.hangRoute()
						defer close(g.open)
						tt.cfg.RedialTimes = redials
						cli, sess := r.dial(tt.cfg)
						defer cli.Close()
						ends := <-r.ends
						sess.Pull("/echo", nil, nil)
						start := time.Now()
						got := make(chan *Rerror, calls)
						for range calls {
							go func() { got <- sess.Pull("/hang", nil, nil).Rerror() }()
						}
						synctest.Wait()
						tt.end(sess, ends[0], ends[1])
						for range calls {
							wantCode(t, "a call", <-got, tt.code)
						}
						if calls > 0 {
							wantWithin(t, "the calls", start, tt.in)
						}
						if redials == 0 || tt.name == "Close" {
							time.Sleep(time.Until(start.Add(tt.in + r.mode.late() + 2*closingWait)))
							synctest.Wait()
							if cli.CountSession() != 0 {
								t.Error("the session goes on")
							}
							return
						}
						time.Sleep(time.Until(start.Add(tt.in + r.mode.late())))
						synctest.Wait()
						if rerr := sess.Pull("/echo", nil, nil).Rerror(); rerr != nil {
							t.Errorf("after the redial: %v", rerr)
						}
					})
				})
			}
		}
	}
}

// Many callers share a session, each with a context that may end at any time, of
// calls that are used again: none gets another's reply, or another's end.
func TestLead_RandomCancellations(t *testing.T) {
	quiet(t)
	for _, breaks := range []bool{false, true} {
		inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
			nap := func() {
				if n := rand.IntN(8); n < 3 {
					time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
				}
			}
			r.srv.PullRouter.RegFunc("/n", func(n *int) (int, *Rerror) { nap(); return -*n, nil })
			cli, sess := r.dial(PeerConfig{RedialTimes: -1, RedialInterval: time.Millisecond})
			defer cli.Close()
			var wg sync.WaitGroup
			for c := range 20 {
				wg.Go(func() {
					for i := range 100 {
						cause := errors.New("mine")
						ctx, cancel := context.WithCancelCause(context.Background())
						if rand.IntN(2) == 0 {
							ctx = context.Background()
						}
						timer := time.AfterFunc(time.Duration(rand.IntN(2000))*time.Microsecond, func() { cancel(cause) })
						n := 1 + c*1000 + i
						got, rerr := PullContext[int, int](ctx, sess, "/n", n)
						timer.Stop()
						switch code := endCode(rerr); {
						case code == success && got == -n:
						case code == CodeCancelled && ctx.Err() != nil && errors.Is(rerr, context.Canceled):
						case breaks && (code == CodeConnClosed || code == CodeWriteFailed):
						default:
							t.Errorf("call %d: got %d, %v; its context: %v", n, got, rerr, ctx.Err())
						}
						cancel(nil)
						nap()
					}
				})
			}
			over := make(chan struct{})
			go func() { wg.Wait(); close(over) }()
			for done := false; !done; {
				select {
				case <-over:
					done = true
				case <-time.After(5 * time.Millisecond):
					if !breaks {
						continue
					}
				drain:
					for {
						select {
						case ends := <-r.ends:
							ends[rand.IntN(2)].Abort()
						default:
							break drain
						}
					}
				}
			}
			time.Sleep(time.Second)
			wantGood(t, sess)
		})
	}
}
