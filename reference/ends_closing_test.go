package tp

import (
	"context"
	"errors"
	"slices"
	"testing/synctest"
	"time"
)

// endsFaultsOfClosing are the ends that a side makes, at each stage of a call.
func endsFaultsOfClosing() []*endsFault {
	who := []struct {
		name  string
		close func(c *endsCell) error
	}{
		{"caller closes the session", func(c *endsCell) error { return c.callerSess.Close() }},
		{"caller closes its peer", func(c *endsCell) error { return c.caller.Close() }},
		{"callee closes the session", func(c *endsCell) error { return c.calleeSess.Close() }},
		{"callee closes its peer", func(c *endsCell) error { return c.callee.Close() }},
		{"caller shuts its peer down within a second", func(c *endsCell) error { return shutdownIn(c.caller, time.Second) }},
		{"callee shuts its peer down within a second", func(c *endsCell) error { return shutdownIn(c.callee, time.Second) }},
	}
	const closeTime = 20 * time.Second
	cfg := PeerConfig{CloseTimeout: closeTime, DefaultWriteTimeout: closeTime}
	// Where bytes are held back for ever so is the end: only a read timeout helps.
	stuck := cfg
	stuck.DefaultReadTimeout = 2 * closeTime
	narrow := stuck
	narrow.MaxQueued = 1 << 10
	all := codes(success, 102, 104, 503)
	var rows []*endsFault
	for _, w := range who {
		begin := func(c *endsCell) { go w.close(c) }
		rows = append(rows,
			&endsFault{name: w.name + ", before the call", pull: codes(102, 104, 503), push: unsentOr(success), outer: codes(503), before: func(c *endsCell) {
				if err := w.close(c); err != nil {
					c.t.Error(err)
				}
			}},
			&endsFault{name: w.name + ", at the same moment", pull: all, push: all, outer: all, within: 2 * time.Second, endedBy: "the wait for the other side's end", before: begin},
			&endsFault{name: w.name + ", while calls wait for room", args: make([]byte, 3<<10), calls: 4, pull: all, push: all, outer: all,
				within: 2 * closeTime, endedBy: "close, write or read timeout", caller: narrow, callee: stuck,
				before: func(c *endsCell) { c.callerConn.Out().SetBuffer(100); c.callerConn.Out().Stall() }, during: begin},
			&endsFault{name: w.name + ", while the call is under way", caller: cfg, callee: cfg, pull: all, push: all, outer: all, within: 3 * time.Second, endedBy: "the connection's delay",
				before: func(c *endsCell) { c.callerConn.Out().Delay(time.Second) }, during: begin},
			&endsFault{name: w.name + ", while the handler runs", uri: "/t/hang", caller: cfg, callee: cfg, pull: codes(success, 102), push: codes(success), outer: all,
				within: time.Second, endedBy: "the handler",
				during: func(c *endsCell) {
					begin(c)
					time.Sleep(time.Second)
					c.letGo()
				}},
			&endsFault{name: w.name + ", while the handler hangs", uri: "/t/hang", caller: cfg, callee: cfg, pull: codes(success, 102), push: codes(success), outer: all,
				within: 2 * closeTime, endedBy: "close timeout, or the handler",
				during: func(c *endsCell) {
					begin(c)
					time.Sleep(2 * closeTime)
					c.letGo()
				}},
			&endsFault{name: w.name + ", while the reply is under way", caller: cfg, callee: cfg, pull: all, push: all, outer: all, within: 3 * time.Second, endedBy: "the connection's delay",
				before: func(c *endsCell) { c.calleeConn.Out().Delay(time.Second) }, during: begin},
			&endsFault{name: w.name + ", while the reply is stuck", uri: "/t/huge", caller: stuck, callee: stuck, pull: all, push: all, outer: all, within: 2 * closeTime, endedBy: "close, write or read timeout",
				before: func(c *endsCell) { c.calleeConn.Out().SetBuffer(10); c.calleeConn.Out().Stall() }, during: begin},
		)
	}
	return append(rows,
		&endsFault{name: "handler closes the session", uri: "/t/close", calls: 1, pull: codes(success), push: codes(success), outer: codes(success), within: 2 * time.Second, endedBy: "the wait for the other side's end"},
		&endsFault{name: "handlers close the session", uri: "/t/close", calls: 5, pull: all, push: all, outer: all, within: 2 * time.Second, endedBy: "the wait for the other side's end"},
		&endsFault{name: "handler closes its peer", uri: "/t/closepeer", calls: 1, pull: codes(success), push: codes(success), outer: codes(success), within: 2 * time.Second, endedBy: "the wait for the other side's end"},
	)
}

func shutdownIn(p *Peer, d time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return p.Shutdown(ctx)
}

// endsFaultsOfRedial are ends of connections under a caller that dials again.
func endsFaultsOfRedial() []*endsFault {
	again := PeerConfig{RedialTimes: 3, RedialInterval: time.Second, RedialMaxInterval: time.Second}
	cut := func(c *endsCell) { c.calleeConn.Abort(); synctest.Wait() }
	refuse := func(n int) func(*endsCell) {
		return func(c *endsCell) {
			c.net.FailDials(slices.Repeat([]error{errors.New("refused by the test")}, n)...)
		}
	}
	both := func(a, b func(*endsCell)) func(*endsCell) { return func(c *endsCell) { a(c); b(c) } }
	rows := []*endsFault{
		{name: "lost in flight", uri: "/t/hang", pull: codes(102), during: cut},
		{name: "a call while there is no connection", within: time.Second, endedBy: "the redial", before: cut},
		{name: "a call while redials fail, and one succeeds", within: 3 * time.Second, endedBy: "the third redial", before: both(refuse(2), cut)},
		{name: "a call while all redials fail", pull: codes(102), push: codes(102), within: 3 * time.Second, endedBy: "the last redial", before: both(refuse(3), cut)},
		// 102: the end was seen before the write that would have failed had begun.
		{name: "nothing of it has left", pull: codes(success, 102), within: time.Second, endedBy: "the redial", push: codes(success, 104), before: func(c *endsCell) { c.callerConn.Out().CutAfter(0, nil) }},
		{name: "nothing of it has left, and redials fail", pull: codes(102, 104), push: codes(success, 102, 104), within: 3 * time.Second, endedBy: "the last redial",
			before: both(refuse(3), func(c *endsCell) { c.callerConn.Out().CutAfter(0, nil) })},
		{name: "a part of it has left", calls: 1, pull: codes(102), push: codes(success, 104), before: func(c *endsCell) { c.callerConn.Out().CutAfter(5, nil) }},
		{name: "closed while it is redialed", pull: codes(102), push: codes(102), before: both(refuse(3), cut), during: func(c *endsCell) { c.callerSess.Close() }},
		{name: "peer closed while it is redialed", pull: codes(102), push: codes(102), before: both(refuse(3), cut), during: func(c *endsCell) { c.caller.Close() }},
		{name: "callee's peer is closed, and a new one comes", uri: "/t/ok", pull: codes(success, 102, 104), push: codes(success, 102, 104), within: 3 * time.Second, endedBy: "the redial", before: func(c *endsCell) {
			c.calleeSess.Close()
		}},
	}
	for _, f := range rows {
		f.name, f.caller, f.dialing = "redial: "+f.name, again, true
	}
	return rows
}

// endsFaultsOfContexts are ends of the caller's context at each stage.
func endsFaultsOfContexts() []*endsFault {
	const wait = 2 * time.Second
	cancelled, late := codes(103), codes(408)
	deadline := func(c *endsCell) { c.withTimeout(wait) }
	cancel := func(c *endsCell) { c.cancel() }
	down := func(c *endsCell) {
		c.net.FailDials(slices.Repeat([]error{errors.New("refused by the test")}, 1000)...)
		c.calleeConn.Abort()
		synctest.Wait()
	}
	again := PeerConfig{RedialTimes: -1, RedialInterval: time.Second}
	full := PeerConfig{MaxQueued: 1 << 10, DefaultWriteTimeout: time.Hour}
	stuck := func(c *endsCell) { c.callerConn.Out().SetBuffer(1); c.callerConn.Out().Stall() }
	rows := []*endsFault{
		{name: "cancelled before", pull: cancelled, push: cancelled, before: cancel},
		{name: "cancelled while the handler hangs", uri: "/t/hang", pull: cancelled, during: cancel},
		{name: "deadline while the handler hangs", uri: "/t/hang", pull: late, before: deadline, within: wait, endedBy: "the context"},
		{name: "cancelled, half open, nothing set", dialing: true, pull: cancelled, before: func(c *endsCell) { c.callerConn.In().Stall() }, during: cancel},
		{name: "deadline, half open, nothing set", dialing: true, pull: late, before: func(c *endsCell) { c.callerConn.In().Stall(); deadline(c) }, within: wait, endedBy: "the context"},
		{name: "cancelled while the connection is full", dialing: true, args: make([]byte, 700), calls: 5, caller: full, pull: cancelled, push: codes(success, 103), before: stuck, during: cancel},
		{name: "deadline while the connection is full", dialing: true, args: make([]byte, 700), calls: 5, caller: full, pull: late, push: codes(success, 408), before: func(c *endsCell) { stuck(c); deadline(c) },
			within: wait, endedBy: "the context"},
		{name: "cancelled while it is redialed", dialing: true, caller: again, pull: cancelled, push: cancelled, before: down, during: cancel},
		{name: "deadline while it is redialed", dialing: true, caller: again, pull: late, push: late, before: func(c *endsCell) { down(c); deadline(c) }, within: wait, endedBy: "the context"},
		{name: "cancelled as the reply comes", uri: "/t/hang", pull: codes(success, 103), during: func(c *endsCell) { c.letGo(); c.cancel() }},
		{name: "cancelled as the connection breaks", uri: "/t/hang", pull: codes(102, 103), during: func(c *endsCell) { c.calleeConn.Abort(); c.cancel() }},
		{name: "waits for room among the pending calls", uri: "/t/hang", calls: 5, caller: PeerConfig{MaxPending: 2}, pull: late, before: deadline, within: wait, endedBy: "the context"},
	}
	for _, f := range rows {
		f.name, f.ctx, f.outer = "context: "+f.name, true, codes(success, 103, 408)
	}
	return rows
}
