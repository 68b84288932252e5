package tp

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// wantFree fails the test unless nobody reads the session's link.
func wantFree(t *testing.T, sess Session) {
	t.Helper()
	synctest.Wait()
	if l := sess.(*session).cur.Load(); l == nil || !l.token.load().is(tokenFree) {
		t.Error("the token is not free")
	}
}

// callDone is a Metrics that runs a function.
type callDone func(CallInfo)

func (f callDone) CallDone(c CallInfo)       { f(c) }
func (callDone) SessionChanged(SessionEvent) {}

// Close inside Metrics only begins the close, also on the goroutine of a caller
// that reads.
func TestLead_CloseInMetrics(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{CloseTimeout: time.Hour}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/hang", func(*packet.RawBody) (any, *Rerror) { time.Sleep(10 * time.Second); return nil, nil })
		r.srv.PullRouter.RegFunc("/later", func(*packet.RawBody) (any, *Rerror) { time.Sleep(time.Second); return nil, nil })
		cli, sess := r.dial(PeerConfig{CloseTimeout: time.Hour, Metrics: callDone(func(c CallInfo) {
			if c.Route == "/later" {
				c.Session.Close()
			}
		})})
		defer cli.Close()
		sess.Pull("/echo", nil, nil)
		wantFree(t, sess)
		start := time.Now()
		end := make(chan *Rerror, 1)
		go func() { end <- sess.Pull("/hang", nil, nil).Rerror() }()
		synctest.Wait()
		if rerr := sess.AsyncPull("/later", nil, nil, nil).Rerror(); rerr != nil {
			t.Errorf("the call whose end closes: %v", rerr)
		}
		if rerr := <-end; rerr != nil {
			t.Errorf("the call whose caller reads: %v", rerr)
		}
		if d := time.Since(start); d > 11*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// noDeadlines is a connection that knows no deadlines.
type noDeadlines struct{ net.Conn }

func (noDeadlines) SetDeadline(time.Time) error     { return errors.ErrUnsupported }
func (noDeadlines) SetReadDeadline(time.Time) error { return errors.ErrUnsupported }

// A caller gives up when its context ends, on any connection.
func TestLead_ConnectionWithoutDeadlines(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/hang", func(*packet.RawBody) (any, *Rerror) { time.Sleep(10 * time.Second); return nil, nil })
		cli := NewPeer(PeerConfig{DialFunc: func(ctx context.Context, network, addr string) (net.Conn, error) {
			nc, err := r.net.DialContext(ctx, network, addr)
			return noDeadlines{nc}, err
		}})
		defer cli.Close()
		sess, rerr := cli.Dial(rigAddr)
		if rerr != nil {
			t.Fatal(rerr)
		}
		sess.Pull("/echo", nil, nil)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		wantCode(t, "a call that waits too long", sess.PullContext(ctx, "/hang", nil, nil).Rerror(), CodeTimeout)
		if d := time.Since(start); d != time.Second {
			t.Errorf("it ended after %v, want 1s", d)
		}
	})
}

// Close needs somebody who reads, whatever the bound.
func TestLead_CloseWithTheTokenFree(t *testing.T) {
	quiet(t)
	for _, bound := range []time.Duration{-1, 0, time.Hour} {
		inBubble(t, PeerConfig{}, func(r *rig) {
			cli, sess := r.dial(PeerConfig{MaxInlineTime: bound})
			sess.Pull("/echo", nil, nil)
			synctest.Wait()
			start := time.Now()
			sess.Close()
			cli.Close()
			if d := time.Since(start); d != 0 {
				t.Errorf("bound %v: Close took %v", bound, d)
			}
		})
	}
}

// A handler that waits with its own context for another session's call, or for a
// call that it has launched before, is in nobody's way.
func TestLead_HandlerThatWaitsStepsAside(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		g := newGate()
		other, far := r.dial(PeerConfig{}) // a session of another peer, on which the handlers call
		defer other.Close()
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (any, *Rerror) { g.pass(); return nil, nil }, Blocking())
		waits := map[string]func(ctx PullCtx) *Rerror{
			"/pull":  func(ctx PullCtx) *Rerror { return far.PullContext(ctx.Context(), "/slow", nil, nil).Rerror() },
			"/async": func(ctx PullCtx) *Rerror { return far.AsyncPullContext(ctx.Context(), "/slow", nil, nil, nil).Rerror() },
		}
		for uri, wait := range waits {
			r.srv.PullRouter.RegFunc(uri, func(ctx PullCtx, _ *packet.RawBody) (any, *Rerror) { return nil, wait(ctx) })
		}
		for uri := range waits {
			raw := r.raw()
			start := time.Now()
			raw.Send(append(tptest.Frame(t, packet.WithPtype(packet.TypePull), packet.WithUri(uri)), r.addFrame(1)...))
			if in := raw.ExpectPacket(); in.Seq() != 1 {
				t.Errorf("%s: the reply is to %d", uri, in.Seq())
			}
			wantWithin(t, "the call behind "+uri, start, 0)
			<-g.came
			g.open <- struct{}{}
			if in := raw.ExpectPacket(); in.Seq() != 0 {
				t.Errorf("%s: the reply is to %d", uri, in.Seq())
			}
			raw.Close()
		}
	})
}
