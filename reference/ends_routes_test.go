package tp

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// sessionOf is what the contexts of PULL and PUSH have in common.
type sessionOf interface {
	Session() Session
	Peer() *Peer
}

// routes gives the callee a handler for each thing that can go wrong in one,
// for PULL and PUSH alike, and the caller the one that pulls back.
func (c *endsCell) routes() {
	both := func(uri string, do func(ctx sessionOf) (any, *Rerror)) {
		c.callee.PullRouter.RegFunc(uri, func(ctx PullCtx, _ *packet.RawBody) (any, *Rerror) { return do(ctx) })
		c.callee.PushRouter.RegFunc(uri, func(ctx PushCtx, _ *packet.RawBody) { do(ctx) })
	}
	result := func(v any) func(sessionOf) (any, *Rerror) {
		return func(sessionOf) (any, *Rerror) { return v, nil }
	}
	both("/t/ok", result(1))
	both("/t/fail", func(sessionOf) (any, *Rerror) { return nil, NewRerror(1001, "no", "because") })
	both("/t/panic", func(sessionOf) (any, *Rerror) { panic("asked to") })
	both("/t/panicnil", func(sessionOf) (any, *Rerror) { panic(nil) })
	both("/t/goexit", func(sessionOf) (any, *Rerror) { exitGoroutine(); return 1, nil })
	both("/t/unencodable", result(make(chan int)))
	both("/t/marshalpanic", result(panicsWhenEncoded{}))
	both("/t/marshalexit", result(exitsWhenCoded{}))
	both("/t/words", result("words"))
	both("/t/huge", result(strings.Repeat("x", 4<<10)))
	both("/t/hang", func(sessionOf) (any, *Rerror) {
		c.hung <- struct{}{}
		<-c.open
		return 1, nil
	})
	both("/t/close", func(ctx sessionOf) (any, *Rerror) {
		if err := ctx.Session().Close(); err != nil {
			return nil, NewRerror(1003, "not closed", err.Error())
		}
		return 1, nil
	})
	both("/t/closepeer", func(ctx sessionOf) (any, *Rerror) {
		if err := ctx.Peer().Close(); err != nil {
			return nil, NewRerror(1003, "not closed", err.Error())
		}
		return 1, nil
	})
	both("/t/break", func(ctx sessionOf) (any, *Rerror) { c.calleeConn.Abort(); return 1, nil })
	c.callee.PullRouter.RegFunc("/t/struct", func(*struct{ A string }) (int, *Rerror) { return 1, nil })
	c.callee.PushRouter.RegFunc("/t/struct", func(*struct{ A string }) {})
	c.callee.PullRouter.RegFunc("/t/badpipe", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) { ctx.AddXferPipe('?'); return 1, nil })
	c.callee.PullRouter.RegFunc("/t/badcodec", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) { ctx.SetBodyCodec('?'); return 1, nil })
	c.callee.PullRouter.RegFunc("/t/rawcodec", func(ctx PullCtx, _ *packet.RawBody) (packet.RawBody, *Rerror) {
		ctx.SetBodyCodec('?')
		return packet.RawBody("1"), nil
	})
	c.callee.PullRouter.RegFunc("/t/dup", c.duplicates)
	c.callee.PullRouter.RegFunc("/t/partial", func(*packet.RawBody) (any, *Rerror) { return 7, NewRerror(1002, "a part", "") })
	for _, uri := range []string{"/t/badpipe", "/t/badcodec", "/t/rawcodec", "/t/dup", "/t/partial"} {
		c.callee.PushRouter.RegFunc(uri, func(*packet.RawBody) {})
	}
	c.caller.PullRouter.RegFunc("/back", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) {
		return 1, c.one(ctx.Session())
	})
}

// duplicates answers a PULL twice before the answer proper, and calls that
// nobody made.
func (c *endsCell) duplicates(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) {
	var stream []byte
	for _, seq := range []uint64{ctx.Seq() + 1000, ctx.Seq(), ctx.Seq(), 1 << 60} {
		stream = append(stream, tptest.Frame(c.t, packet.WithPtype(packet.TypeReply), packet.WithSeq(seq), packet.WithUri("/t/dup"),
			packet.WithBodyCodec('j'), packet.WithBody(packet.RawBody("1")))...)
	}
	if _, err := c.calleeConn.Write(stream); err != nil {
		return 0, NewRerror(1003, "the stream cannot be written", fmt.Sprint(err))
	}
	return 1, nil
}

// exitsWhenCoded ends the goroutine that encodes or decodes it.
type exitsWhenCoded struct{}

func (exitsWhenCoded) MarshalJSON() ([]byte, error) { exitGoroutine(); return nil, nil }

func (*exitsWhenCoded) UnmarshalJSON([]byte) error { exitGoroutine(); return nil }
