package tp

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

func TestPeerShutdown_LetsHandlersFinish(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (int, *Rerror) { time.Sleep(time.Second); return 5, nil })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		var reply int
		cmd := sess.AsyncPull("/slow", nil, &reply, nil)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := r.srv.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown gives %v", err)
		}
		if rerr := cmd.Rerror(); rerr != nil || reply != 5 {
			t.Errorf("the call ends with %d, %v", reply, rerr)
		}
		if n := r.srv.CountSession(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

// A handler that does not end is told, and not waited for.
func TestPeerShutdown_IsBounded(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := r.hangRoute()
		told := make(chan error, 1)
		r.srv.PullRouter.RegFunc("/told", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) {
			<-ctx.Context().Done()
			told <- context.Cause(ctx.Context())
			return 1, nil
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		cmds := []*PullCmd{sess.AsyncPull("/hang", nil, nil, nil), sess.AsyncPull("/told", nil, nil, nil)}
		<-g.came
		var back Session
		r.srv.RangeSession(func(s Session) bool { back = s; return false })
		cli.PullRouter.RegFunc("/never", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) { <-ctx.Context().Done(); return 1, nil })
		own := back.AsyncPull("/never", nil, nil, nil)
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		start := time.Now()
		err := r.srv.Shutdown(ctx)
		var se *ShutdownError
		if !errors.As(err, &se) || se.Sessions != 1 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown gives %v", err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
		if cause := <-told; !errors.Is(cause, errForced) {
			t.Errorf("the handler is told %v", cause)
		}
		for _, cmd := range append(cmds, own) {
			wantCode(t, "a call", cmd.Rerror(), 102)
		}
		close(g.open)
		if err := r.srv.Shutdown(context.Background()); err != nil {
			t.Errorf("again, with the handler gone: %v", err)
		}
	})
}

// Inside a handler Shutdown begins, and the bound holds.
func TestPeerShutdown_InsideAHandler(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/stop", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) {
			bound, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			if err := r.srv.Shutdown(bound); err != nil {
				return 0, NewRerror(1001, err.Error(), "")
			}
			<-ctx.Context().Done() // by force
			return 1, nil
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		start := time.Now()
		wantCode(t, "the call", sess.Pull("/stop", nil, nil).Rerror(), 102)
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// A handshake that hangs does not hold it up.
func TestPeerShutdown_InterruptsHandshakes(t *testing.T) {
	inBubble(t, PeerConfig{HandshakeTimeout: time.Hour}, func(r *rig) {
		raw := r.raw()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		start := time.Now()
		if err := r.srv.Shutdown(ctx); err != nil || time.Since(start) > closingWait {
			t.Errorf("Shutdown gives %v after %v", err, time.Since(start))
		}
		raw.ExpectEnd()
	}, &hooks{postAccept: func(s PreSession) *Rerror { return rerrorOfBody(s.Receive(packet.NewPacket())) }})
}
