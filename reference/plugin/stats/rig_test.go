package stats_test

import (
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/stats"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

const addr = "server:1"

// rig is a server and a client, each with stats, in a synctest bubble.
type rig struct {
	*testing.T
	net        *tptest.Network
	srv        *tp.Peer
	cli        *tp.Peer
	srvStats   *stats.Stats
	cliStats   *stats.Stats
	sess       tp.Session
	hang       chan struct{} // what /hang waits for
	connection chan [2]*tptest.Conn
}

type config struct {
	client  tp.PeerConfig
	options stats.Options
	before  []tp.Plugin // the server's, before and after stats
	after   []tp.Plugin
}

func inBubble(t *testing.T, cfg config, f func(r *rig)) {
	t.Helper()
	tp.SetLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(func() { tp.SetLogger(nil) })
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, net: tptest.NewNetwork(), srvStats: stats.New(cfg.options), cliStats: stats.New(cfg.options), hang: make(chan struct{}), connection: make(chan [2]*tptest.Conn, 10)}
		r.net.OnDial(func(c, s *tptest.Conn) { r.connection <- [2]*tptest.Conn{c, s} })
		r.srv = tp.NewPeer(tp.PeerConfig{}, append(append(cfg.before, r.srvStats), cfg.after...)...)
		pull := r.srv.PullRouter
		pull.RegFunc("/add", func(args *[2]int) (int, *tp.Rerror) { return args[0] + args[1], nil })
		pull.RegFunc("/sleep", func(args *time.Duration) (bool, *tp.Rerror) { time.Sleep(*args); return true, nil })
		pull.RegFunc("/fail", func(args *int32) (any, *tp.Rerror) { return nil, tp.NewRerror(*args, "no", "") })
		pull.RegFunc("/hang", func(*struct{}) (bool, *tp.Rerror) { <-r.hang; return true, nil })
		pull.RegFunc("/unencodable", func(*struct{}) (any, *tp.Rerror) { return make(chan int), nil })
		r.srv.PushRouter.RegFunc("/note", func(*string) {})
		lis, err := r.net.Listen(addr)
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- r.srv.ServeListener(lis) }()
		cfg.client.DialFunc = r.net.DialContext
		r.cli = tp.NewPeer(cfg.client, r.cliStats)
		var rerr *tp.Rerror
		if r.sess, rerr = r.cli.Dial(addr); rerr != nil {
			t.Fatal(rerr)
		}
		f(r)
		if err := errors.Join(r.cli.Close(), r.srv.Close()); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, tp.ErrListenClosed) {
			t.Errorf("ServeListener returned %v", err)
		}
	})
}

// pull makes one call and wants that code; 0 is success.
func (r *rig) pull(uri string, args any, code int32) {
	r.Helper()
	rerr := r.sess.Pull(uri, args, nil).Rerror()
	if got := rerr; (got == nil) != (code == 0) || got != nil && got.Code != code {
		r.Errorf("pull %s ended with %v, want code %d", uri, rerr, code)
	}
}

// want compares the plain numbers of a line. Bytes and latencies are not looked at.
func (r *rig) want(what string, got *stats.Counters, want stats.Counters) {
	r.Helper()
	if got == nil {
		r.Errorf("%s: nothing was counted, want %+v", what, want)
		return
	}
	same := got.Started == want.Started && got.Done == want.Done && got.Lost == want.Lost && got.InFlight == want.InFlight &&
		got.OtherErrors == want.OtherErrors && len(got.Errors) == len(want.Errors)
	for code, n := range want.Errors {
		same = same && got.Errors[code] == n
	}
	if !same {
		r.Errorf("%s: got %+v, want %+v", what, *got, want)
	}
}

func near(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if d := (got - want).Abs(); d > want/100+time.Microsecond {
		t.Errorf("%s is %v, want %v within 1 %%", what, got, want)
	}
}
