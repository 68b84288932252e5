package tp

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// endsFault is a row of the table: what goes wrong, and what a call may end with.
type endsFault struct {
	name           string
	uri            string // "": /t/ok
	args           any
	set            []packet.PacketSetting
	caller, callee PeerConfig
	calls          int // at once; 0: 3
	// before runs once the session is up, during when the calls have come as far
	// as they can.
	before, during func(c *endsCell)
	// pull and push are what a PULL and a PUSH may end with, success for none;
	// nothing means success. outer is what the call around a call made back may
	// end with besides that, 102 and 104.
	pull, push, outer []int32
	// within is how long the last call may take to end; endedBy says what ends it
	// where something has to run out.
	within  time.Duration
	endedBy string
	ctx     bool // only for calls with a context
	dialing bool // only for callers that dial: the other side cannot redial, or could not be reached by the call around
	// tears: over a plain Proto it may end the session, for nobody can tell what
	// of its frame the Proto has written when it did not return.
	tears bool
}

// Every call ends, exactly once, with one of the endings that its row allows,
// within the time that its row allows: each fault, for each way to make a call,
// over each path through the engine. In a bubble a call that does not end, and a
// goroutine that stays, is a deadlock, which fails the test.
//
// req: TP-SESS-024
func TestEnds_FaultsByCallKinds(t *testing.T) {
	quiet(t)
	cells := 0
	defer func() {
		t.Logf("%d cells: %d faults x %d kinds x %d paths", cells, len(endsFaults()), len(endsKinds), len(endsPaths))
	}()
	for _, f := range endsFaults() {
		t.Run(f.name, func(t *testing.T) {
			for _, kind := range endsKinds {
				if kind.back && f.dialing || !kind.ctx && f.ctx {
					continue
				}
				for _, path := range endsPaths {
					cells++
					t.Run(kind.name+" "+path.name, func(t *testing.T) { f.run(t, kind, path) })
				}
			}
		})
	}
}

func (f *endsFault) run(t *testing.T, kind endsKind, path endsPath) {
	allowed := f.pull
	if kind.push {
		allowed = f.push
	}
	if allowed == nil {
		allowed = []int32{success}
	}
	during := f.during
	if f.tears && path.name == "plain" {
		during, allowed = nil, append(codes(102, 104), allowed...)
	}
	if (f.within > 0) != (f.endedBy != "") {
		t.Fatal("a row says what ends its calls where, and only where, that takes time")
	}
	endsRig(t, kind, path, f.caller, f.callee, func(c *endsCell) {
		if f.uri != "" {
			c.uri = f.uri
		}
		c.args, c.set = f.args, f.set
		n := f.calls
		if n == 0 {
			n = 3
		}
		if f.before != nil {
			f.before(c)
		}
		start := time.Now()
		c.start(n)
		synctest.Wait()
		if during != nil {
			path.settle()
			start = time.Now()
			during(c)
		}
		c.endings(n, allowed, f.outer)
		if took := c.took(start); took > f.within+path.late() {
			t.Errorf("the last call ended after %v, allowed are %v and %v", took, f.within, path.late())
		}
	})
}

func codes(c ...int32) []int32 { return c }

// endsFaults is the table.
func endsFaults() []*endsFault {
	return slices.Concat(endsFaultsOfHandlers(), endsFaultsOfLinks(), endsFaultsOfClosing(), endsFaultsOfRedial(), endsFaultsOfContexts(), endsFaultsOfHooks())
}

// endsFaultsOfHandlers are what goes wrong in handlers, bodies and replies: one
// call, and the session lives on.
func endsFaultsOfHandlers() []*endsFault {
	small := PeerConfig{Limits: packet.Limits{MaxPacket: 1 << 10}}
	rows := []*endsFault{
		{name: "none"},
		{name: "error reply", uri: "/t/fail", pull: codes(1001)},
		{name: "error reply with a result", uri: "/t/partial", pull: codes(1002)},
		{name: "handler panics", uri: "/t/panic", pull: codes(500)},
		{name: "handler panics with nil", uri: "/t/panicnil", pull: codes(500)},
		{name: "handler ends its goroutine", uri: "/t/goexit", pull: codes(500)},
		{name: "reply that has no encoding", uri: "/t/unencodable", pull: codes(500)},
		{name: "reply whose encoding panics", uri: "/t/marshalpanic", pull: codes(500), tears: true},
		{name: "reply over the limit of its sender", uri: "/t/huge", callee: small, pull: codes(500)},
		{name: "reply under an unknown filter", uri: "/t/badpipe", pull: codes(500)},
		{name: "reply whose codec is unknown to its sender", uri: "/t/badcodec", pull: codes(500)},
		{name: "reply whose codec is unknown to the caller", uri: "/t/rawcodec", pull: codes(415)},
		{name: "reply whose encoding ends its goroutine", uri: "/t/marshalexit", pull: codes(500), tears: true},
		{name: "reply that does not decode", uri: "/t/words", pull: codes(400)},
		{name: "body that does not decode", uri: "/t/struct", args: 1, pull: codes(400)},
		{name: "body under an unknown codec", uri: "/t/struct", args: packet.RawBody("1"), set: []packet.PacketSetting{packet.WithBodyCodec('?')}, pull: codes(415)},
		{name: "arguments that have no encoding", args: make(chan int), pull: codes(104), push: codes(104)},
		{name: "arguments whose encoding panics", args: panicsWhenEncoded{}, pull: codes(104), push: codes(104), tears: true},
		{name: "arguments over the limit of their sender", args: make([]byte, 2<<10), caller: small, pull: codes(104), push: codes(104)},
		{name: "unknown filter in the call", set: []packet.PacketSetting{packet.WithXferPipe('?')}, pull: codes(104), push: codes(104)},
		{name: "no such route", uri: "/t/nowhere", pull: codes(404)},
		{name: "uri that does not parse", uri: "/t/%zz", pull: codes(400)},
		{name: "duplicate and unknown replies", uri: "/t/dup"},
	}
	for _, f := range rows { // whatever has happened to its calls, the session is as it was
		f.during = func(c *endsCell) {
			if rerr := c.callerSess.Pull("/t/ok", nil, nil).Rerror(); rerr != nil || !c.calleeSess.Health() {
				c.t.Errorf("the session suffered: %v", rerr)
			}
		}
	}
	return append(rows,
		&endsFault{name: "overload", callee: PeerConfig{MaxHandlers: 2}, pull: codes(503), before: func(c *endsCell) {
			for range 2 {
				c.callerSess.AsyncPull("/t/hang", nil, nil, nil)
				<-c.hung
			}
		}},
		&endsFault{name: "overload of some", uri: "/t/hang", calls: 8, callee: PeerConfig{MaxHandlers: 3}, pull: codes(success, 503), during: (*endsCell).letGo,
			outer: codes(503)},
	)
}

// endsFaultsOfLinks are what happens to connections.
func endsFaultsOfLinks() []*endsFault {
	lost := codes(102)
	unsent := codes(102, 104)
	// Whose bytes are held back hears of no end either: it has to look for itself.
	write := PeerConfig{DefaultWriteTimeout: 5 * time.Second, DefaultReadTimeout: 9 * time.Second}
	read := PeerConfig{DefaultReadTimeout: 9 * time.Second}
	return []*endsFault{
		{name: "other side closes the connection", uri: "/t/hang", pull: lost, during: func(c *endsCell) { c.calleeConn.Close() }},
		{name: "other side closes its half", uri: "/t/hang", pull: lost, during: func(c *endsCell) { c.calleeConn.CloseWrite() }},
		{name: "other side resets", uri: "/t/hang", pull: lost, during: func(c *endsCell) { c.calleeConn.Abort() }},
		{name: "handler breaks the connection", uri: "/t/break", pull: unsent, push: unsentOr(success)},
		{name: "own connection fails to read", uri: "/t/hang", pull: lost, during: func(c *endsCell) { c.callerConn.In().FailRead(errTest) }},
		{name: "own connection is closed under the peer", uri: "/t/hang", pull: lost, during: func(c *endsCell) { c.callerConn.Close() }},
		{name: "garbage in place of a reply", uri: "/t/hang", pull: lost, during: func(c *endsCell) { c.calleeConn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }},
		{name: "packet of no known type", uri: "/t/hang", pull: lost, during: func(c *endsCell) {
			c.calleeConn.Write([]byte("\x00\x00\x00\x18f\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
		}},
		{name: "reply over the limit of the caller", uri: "/t/huge", caller: PeerConfig{Limits: packet.Limits{MaxPacket: 1 << 10}}, pull: unsent},
		{name: "call over the limit of the callee", args: make([]byte, 2<<10), callee: PeerConfig{Limits: packet.Limits{MaxPacket: 1 << 10}}, pull: unsent, push: unsentOr(success)},
		{name: "writes fail", pull: unsent, push: unsentOr(success), before: func(c *endsCell) { c.callerConn.Out().FailWrite(0, errTest) }},
		{name: "writes fail midway", pull: unsentOr(success), push: unsentOr(success), before: func(c *endsCell) { c.callerConn.Out().FailWrite(70, errTest) }},
		{name: "replies cannot be written", pull: unsent, push: unsentOr(success), before: func(c *endsCell) { c.calleeConn.Out().FailWrite(0, errTest) }},
		{name: "replies break off midway", pull: unsentOr(success), push: unsentOr(success), before: func(c *endsCell) { c.calleeConn.Out().FailWrite(20, errTest) }},

		{name: "slow and narrow connection", within: 10 * time.Second, endedBy: "the bytes, one by one", before: func(c *endsCell) {
			for _, l := range []interface {
				SetBuffer(int)
				MaxRead(int)
				MaxWrite(int)
				Delay(time.Duration)
			}{c.callerConn.Out(), c.callerConn.In()} {
				l.SetBuffer(3)
				l.MaxRead(1)
				l.MaxWrite(1)
				l.Delay(time.Millisecond)
			}
		}},
		{name: "peer that never reads", caller: write, callee: read, pull: unsent, push: unsentOr(success), within: 9 * time.Second, endedBy: "write timeout of the caller; the call around it: read timeout", before: func(c *endsCell) {
			c.callerConn.Out().SetBuffer(1)
			c.callerConn.Out().Stall()
		}},
		{name: "peer that never reads its replies", uri: "/t/huge", caller: read, callee: write, pull: unsent, within: 9 * time.Second, endedBy: "write timeout of the callee; read timeout of the caller, who hears of nothing", before: func(c *endsCell) {
			c.calleeConn.Out().SetBuffer(1)
			c.calleeConn.Out().MaxWrite(1)
			c.calleeConn.Out().Stall()
		}},
		{name: "reply that breaks off without an end", uri: "/t/hang", caller: PeerConfig{FrameTimeout: 7 * time.Second}, pull: lost, within: 7 * time.Second, endedBy: "frame timeout of the caller", during: func(c *endsCell) {
			c.calleeConn.Write([]byte("\x00\x00\x00\x30f\x00\x00"))
		}},
		{name: "half open, with a read timeout", uri: "/t/hang", caller: PeerConfig{DefaultReadTimeout: time.Minute}, pull: lost, within: time.Minute, endedBy: "read timeout of the caller", during: func(c *endsCell) {
			c.callerConn.In().Stall()
			c.letGo()
		}},
		{name: "half open both ways, the callee has a read timeout", uri: "/t/hang", callee: PeerConfig{DefaultReadTimeout: time.Minute}, pull: lost, within: time.Minute, endedBy: "read timeout of the callee", during: func(*endsCell) {}},
		{name: "half open, nothing set, closed by the caller", uri: "/t/hang", caller: PeerConfig{CloseTimeout: 3 * time.Second}, pull: lost, within: 3 * time.Second, endedBy: "close timeout of the caller", during: func(c *endsCell) {
			c.callerConn.In().Stall()
			go c.callerSess.Close()
		}},
		{name: "half open, nothing set, silent for a year, then reset", uri: "/t/hang", pull: lost, within: 365 * 24 * time.Hour, endedBy: "the connection's own end", during: func(c *endsCell) {
			c.callerConn.In().Stall()
			time.Sleep(365 * 24 * time.Hour)
			if !c.callerSess.Health() {
				c.t.Error("silence has ended the session, though no read timeout is set")
			}
			c.callerConn.In().Resume()
			c.calleeConn.Abort()
		}},
	}
}

// unsentOr is what a call on a connection that breaks about now may end with.
func unsentOr(code int32) []int32 { return codes(code, 102, 104) }
