package tp

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// endInHook ends the link in the PostDial hook of the dial with that number.
type endInHook struct {
	at, dials int
}

func (*endInHook) Name() string { return "endInHook" }

func (h *endInHook) PostDial(sess PreSession) *Rerror {
	if h.dials++; h.dials == h.at {
		sess.(LinkEnder).EndLink(errors.New("the hook has noticed something"))
	}
	return nil
}

// A link that died in its handshake is never the session's current one: calls on it would spin for ever.
func TestDial_LinkThatDiesInItsHandshake(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli := r.client(PeerConfig{}, &endInHook{at: 1})
		defer cli.Close()
		_, rerr := cli.Dial(rigAddr)
		wantCode(t, "the dial", rerr, CodeConnClosed)
	})
}

func TestRedial_LinkThatDiesInItsHandshake(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{RedialTimes: 3}, &endInHook{at: 2})
		defer cli.Close()
		sess.(LinkEnder).EndLink(errors.New("cut"))
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		var got string
		if rerr := sess.PullContext(ctx, "/echo", "again", &got).Rerror(); rerr != nil || got != "again" {
			t.Errorf("got %q, %v: want an answer over the third link", got, rerr)
		}
	})
}

// A process that is killed sends the same FIN as one that closes its sending
// half: its handlers learn of the end when CloseTimeout has passed.
func TestHalfClosed_HandlersLearnOfTheEnd(t *testing.T) {
	inModes(t, PeerConfig{CloseTimeout: 5 * time.Second}, func(t *testing.T, r *rig) {
		began, ended := make(chan struct{}), make(chan time.Duration, 1)
		r.srv.PullRouter.RegFunc("/wait", func(ctx PullCtx, _ *[]byte) (any, *Rerror) {
			close(began)
			start := time.Now()
			<-ctx.Context().Done()
			ended <- time.Since(start)
			return nil, nil
		})
		nc, err := r.net.Dial(context.Background(), rigAddr)
		if err != nil {
			t.Fatal(err)
		}
		raw := tptest.NewRawPeer(r.t, nc)
		raw.Send(tptest.Frame(r.t, socket.WithPtype(packet.TypePull), socket.WithUri("/wait")))
		<-began
		nc.CloseWrite()
		synctest.Wait()
		if took := <-ended; took < 5*time.Second || took > 5*time.Second+r.mode.late() {
			t.Errorf("the handler's context ended after %v, want 5 s", took)
		}
	})
}
