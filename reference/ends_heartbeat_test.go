package tp_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/plugin/heartbeat"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Where no timeout is set, the heartbeat ends calls on a half open connection:
// within its bound, on the side that has it, whichever way is dead. A call that
// takes long on a connection that lives goes on.
func TestEnds_HeartbeatFindsHalfOpenConnections(t *testing.T) {
	tp.SetLogger(slog.New(slog.DiscardHandler))
	defer tp.SetLogger(nil)
	const interval, factor = 10 * time.Second, 3
	tests := []struct {
		name string
		dead func(client, server *tptest.Conn)
		ends bool
	}{
		{"alive", func(_, _ *tptest.Conn) {}, false},
		{"nothing comes", func(c, _ *tptest.Conn) { c.In().Swallow(0) }, true},
		{"nothing arrives", func(c, _ *tptest.Conn) { c.Out().Swallow(0) }, true},
		{"neither", func(c, s *tptest.Conn) { c.Out().Swallow(0); s.Out().Swallow(0) }, true},
		{"stalled, either way", func(c, s *tptest.Conn) { c.Out().Stall(); s.Out().Stall() }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := tptest.NewNetwork()
				ends := make(chan [2]*tptest.Conn, 10)
				network.OnDial(func(c, s *tptest.Conn) { ends <- [2]*tptest.Conn{c, s} })
				lis, err := network.Listen("server:1")
				if err != nil {
					t.Fatal(err)
				}
				srv := tp.NewPeer(tp.PeerConfig{CloseTimeout: time.Second})
				srv.PullRouter.RegFunc("/long", func(ctx tp.PullCtx, _ *packet.RawBody) (int, *tp.Rerror) {
					select {
					case <-ctx.Context().Done():
					case <-time.After(time.Hour):
					}
					return 1, nil
				})
				served := make(chan error, 1)
				go func() { served <- srv.ServeListener(lis) }()
				cli := tp.NewPeer(tp.PeerConfig{CloseTimeout: time.Second, DialFunc: network.DialContext},
					heartbeat.New(heartbeat.Config{Interval: interval, Factor: factor}))
				sess, rerr := cli.Dial("server:1")
				if rerr != nil {
					t.Fatal(rerr)
				}
				synctest.Wait()
				start := time.Now()
				conns := <-ends
				tt.dead(conns[0], conns[1])
				rerr = sess.Pull("/long", nil, nil).Rerror()
				took := time.Since(start)
				switch {
				case tt.ends && (rerr == nil || rerr.Code != 102 || took > factor*interval):
					t.Errorf("the call ended after %v with %v, want 102 within %v", took, rerr, factor*interval)
				case !tt.ends && (rerr != nil || took != time.Hour):
					t.Errorf("the call ended after %v with %v, want success after an hour", took, rerr)
				}
				cli.Close()
				// The server's side has no heartbeat and would wait for its handler.
				now, cancel := context.WithCancel(context.Background())
				cancel()
				srv.Shutdown(now)
				<-served
				srv.Close() // waits for what a shutdown out of time has left behind
			})
		})
	}
}
