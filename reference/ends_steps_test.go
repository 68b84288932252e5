package tp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// step does one thing by chance.
func (w *world) step() {
	for _, op := range []struct {
		odds int // of 100
		do   func()
	}{
		{45, w.call},
		{15, func() { time.Sleep(time.Duration(w.rng.IntN(2000)) * time.Millisecond) }},
		{8, w.dial},
		{20, w.fault},
		{4, func() {
			if s := w.anySession(); s != nil {
				go s.Close()
			}
		}},
		{2, func() { w.net.FailDials(slices.Repeat([]error{errTest}, 1+w.rng.IntN(4))...) }},
		{2, w.restart},
		{4, func() { w.each(func(c *tptest.Conn) { c.In().Resume() }) }},
	} {
		if roll := w.rng.IntN(100); roll < op.odds {
			op.do()
			return
		}
	}
}

// anySession picks one, of either side, over or not.
func (w *world) anySession() Session {
	all := slices.Clone(w.sess)
	if w.rng.IntN(3) == 0 {
		for _, s := range w.server.hub.all() { // in any order: sorted, for the seed to decide
			all = append(all, s)
		}
		slices.SortFunc(all, func(a, b Session) int { return strings.Compare(a.Id(), b.Id()) })
	}
	if w.rng.IntN(8) > 0 { // mostly one that is not over
		all = slices.DeleteFunc(all, func(s Session) bool { return s.(*session).isOver() })
	}
	if len(all) == 0 {
		w.dial()
		return nil
	}
	return all[w.rng.IntN(len(all))]
}

func (w *world) each(do func(*tptest.Conn)) {
	w.mu.Lock()
	conns := slices.Clone(w.conns)
	w.mu.Unlock()
	for _, c := range conns {
		do(c)
	}
}

// fault does something to one connection, mostly a late one.
func (w *world) fault() {
	w.mu.Lock()
	n := len(w.conns)
	if n == 0 {
		w.mu.Unlock()
		return
	}
	c := w.conns[n-1-min(w.rng.IntN(4), n-1)]
	w.mu.Unlock()
	l := c.Out()
	type fault struct {
		name string
		do   func()
	}
	faults := []fault{
		{"cut", func() { l.CutAfter(w.rng.Int64N(500), nil) }},
		{"reset after", func() { l.CutAfter(w.rng.Int64N(500), errTest) }},
		{"abort", func() { c.Abort() }},
		{"close", func() { c.Close() }},
		{"half close", func() { c.CloseWrite() }},
		{"stall", l.Stall},
		{"stall", l.Stall},
		{"swallow", func() { l.Swallow(w.rng.Int64N(500)) }},
		{"delay", func() { l.Delay(time.Duration(w.rng.IntN(3000)) * time.Millisecond) }},
		{"narrow", func() { l.SetBuffer(1 + w.rng.IntN(100)) }},
		{"slow reader", func() { l.MaxRead(1 + w.rng.IntN(20)) }},
		{"small writes", func() { l.MaxWrite(1 + w.rng.IntN(20)) }},
		{"write fails", func() { l.FailWrite(w.rng.Int64N(500), errTest) }},
		{"read fails", func() { l.FailRead(errTest) }},
	}
	if w.garbage { // it may fall into a frame: what is in that may be anything then
		faults = append(faults, fault{"garbage", func() { go c.Write([]byte("GET / HTTP/1.1\r\n")) }})
	}
	f := faults[w.rng.IntN(len(faults))]
	f.do()
	w.total.note("fault "+f.name, 1)
}

// restart ends the server peer, in one of three ways, and starts another.
func (w *world) restart() {
	p := w.server
	switch w.rng.IntN(3) {
	case 0:
		go p.Close()
	case 1:
		ctx, cancel := w.context()
		go func() { defer cancel(); p.Shutdown(ctx) }()
	default:
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		p.Shutdown(ctx)
	}
	<-w.served[len(w.served)-1] // it may wait for sessions: time goes on meanwhile
	w.served = w.served[:len(w.served)-1]
	w.total.note("server restarted", 1)
	w.serve()
}

// routes of both sides; what a call may end with besides the fates of its
// connection is in routeCodes.
func (w *world) routes(p *Peer) {
	p.PullRouter.RegFunc("/echo", func(s *string) (string, *Rerror) { return *s, nil })
	p.PullRouter.RegFunc("/nap", func(s *string) (string, *Rerror) { time.Sleep(3 * time.Second); return *s, nil })
	p.PullRouter.RegFunc("/panic", func(*string) (string, *Rerror) { panic("asked to") })
	p.PullRouter.RegFunc("/exit", func(*string) (string, *Rerror) { exitGoroutine(); return "", nil })
	p.PullRouter.RegFunc("/unencodable", func(*string) (any, *Rerror) { return make(chan int), nil })
	p.PullRouter.RegFunc("/number", func(*string) (int, *Rerror) { return 1, nil })
	p.PullRouter.RegFunc("/struct", func(*struct{ A int }) (string, *Rerror) { return "", nil })
	p.PullRouter.RegFunc("/close", func(ctx PullCtx, s *string) (string, *Rerror) { ctx.Session().Close(); return *s, nil })
	p.PullRouter.RegFunc("/back", func(ctx PullCtx, s *string) (string, *Rerror) {
		var got string
		c := w.calls.begin("/echo", *s)
		rerr := ctx.Session().PullContext(ctx.Context(), "/echo", *s, &got).Rerror()
		c.end(rerr, got)
		return got, rerr
	})
	p.PullRouter.RegFunc("/backnap", func(ctx PullCtx, s *string) (string, *Rerror) {
		var got string
		c := w.calls.begin("/nap", *s)
		rerr := ctx.Session().Pull("/nap", *s, &got).Rerror()
		c.end(rerr, got)
		return got, rerr
	})
	p.PushRouter.RegFunc("/note", func(*packet.RawBody) {})
	p.PushRouter.RegFunc("/nap", func(*packet.RawBody) { time.Sleep(2 * time.Second) })
	p.PushRouter.RegFunc("/panic", func(*packet.RawBody) { panic("asked to") })
}

// routeCodes are what a PULL of a route ends with where its connection holds.
var routeCodes = map[string][]int32{
	"/echo": {success}, "/nap": {success}, "/close": {success},
	"/back": {success, 103, 408}, "/backnap": {success},
	"/panic": {500}, "/exit": {500}, "/unencodable": {500},
	"/number": {400}, "/struct": {400}, "/nowhere": {404},
}

var (
	pullRoutes = []string{"/echo", "/echo", "/echo", "/nap", "/nap", "/back", "/back", "/backnap", "/close", "/panic", "/exit", "/unencodable", "/number", "/struct", "/nowhere"}
	pushRoutes = []string{"/note", "/note", "/nap", "/panic", "/nowhere"}
)

// call starts one call, or a few at once, and does not wait.
func (w *world) call() {
	s := w.anySession()
	if s == nil {
		return
	}
	for range 1 + w.rng.IntN(4)*w.rng.IntN(2) {
		uri := pullRoutes[w.rng.IntN(len(pullRoutes))]
		arg := fmt.Sprint(w.rng.Uint32())
		if w.rng.IntN(4) == 0 {
			arg = strings.Repeat(arg, 1+w.rng.IntN(400))
		}
		switch ctx, cancel := w.context(); w.rng.IntN(6) {
		case 0:
			cancel()
			go w.calls.pull(context.Background(), s, uri, arg)
		case 1:
			go func() { defer cancel(); w.calls.pull(ctx, s, uri, arg) }()
		case 2:
			cancel()
			go w.calls.async(context.Background(), s, uri, arg)
		case 3:
			context.AfterFunc(ctx, cancel)
			go w.calls.async(ctx, s, uri, arg)
		case 4:
			cancel()
			go w.calls.push(context.Background(), s, pushRoutes[w.rng.IntN(len(pushRoutes))], arg)
		case 5:
			uri := pushRoutes[w.rng.IntN(len(pushRoutes))]
			go func() { defer cancel(); w.calls.push(ctx, s, uri, arg) }()
		}
	}
}

// isOver says whether the session takes no calls any more.
func (s *session) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status != statusOK
}
