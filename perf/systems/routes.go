package systems

import (
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/message"
)

// Bench is the benchmark's handler as a controller: /bench/echo and /bench/slow.
type Bench struct {
	tp.PullCtx
	work work
}

// Echo answers the benchmark message.
func (b *Bench) Echo(m *message.BenchmarkMessage) (*message.BenchmarkMessage, *tp.Rerror) {
	return b.work.answer(b.Session(), m)
}

// Slow is Echo for the slow calls of a mixed workload.
func (b *Bench) Slow(m *message.BenchmarkMessage) (*message.BenchmarkMessage, *tp.Rerror) {
	b.work.sleep()
	return b.work.answer(b.Session(), m)
}

// work is what the handlers do.
type work struct{ harness.Handler }

func (w work) answer(sess tp.Session, m *message.BenchmarkMessage) (*message.BenchmarkMessage, *tp.Rerror) {
	if rerr := w.do(sess); rerr != nil {
		return nil, rerr
	}
	message.Handle(m)
	return m, nil
}

func (w work) do(sess tp.Session) *tp.Rerror {
	switch w.Name {
	case "callback":
		_, rerr := tp.Pull[string, string](sess, "/back/call", "call", packet.WithBodyCodec('s'))
		return rerr
	case "push":
		return sess.Push("/back/note", "note", packet.WithBodyCodec('s'))
	}
	w.Work()
	return nil
}

// sleep is the slow calls' part of a mixed workload.
func (w work) sleep() {
	if w.Name == "mixed" {
		harness.Handler{Name: "sleep", For: w.For}.Work()
	}
}

// routes registers what the clients call.
func (p *peerServer) routes(s setup, how style, plugins []tp.Plugin) {
	r, do := p.peer.PullRouter, work{s.handler}
	switch {
	case s.body == "bytes":
		echoRoutes[[]byte](r, do, plugins)
		countPushes[[]byte](p)
	case s.body == "plain":
		echoRoutes[string](r, do, plugins)
		countPushes[string](p)
	case how.generic:
		tp.HandlePull(r, "/bench/echo", func(ctx tp.PullCtx, m *message.BenchmarkMessage) (*message.BenchmarkMessage, *tp.Rerror) {
			return do.answer(ctx.Session(), m)
		}, plugins...)
		tp.HandlePull(r, "/bench/slow", func(ctx tp.PullCtx, m *message.BenchmarkMessage) (*message.BenchmarkMessage, *tp.Rerror) {
			do.sleep()
			return do.answer(ctx.Session(), m)
		}, plugins...)
		countPushes[message.BenchmarkMessage](p)
	default:
		r.Reg(&Bench{work: do}, plugins...)
		countPushes[message.BenchmarkMessage](p)
	}
}

// echoRoutes answer bodies that are not the message with what came.
func echoRoutes[T any](r *tp.Router, do work, plugins []tp.Plugin) {
	tp.HandlePull(r, "/bench/echo", func(ctx tp.PullCtx, body *T) (T, *tp.Rerror) {
		return *body, do.do(ctx.Session())
	}, plugins...)
	tp.HandlePull(r, "/bench/slow", func(ctx tp.PullCtx, body *T) (T, *tp.Rerror) {
		do.sleep()
		return *body, do.do(ctx.Session())
	}, plugins...)
}

func countPushes[T any](p *peerServer) {
	tp.HandlePush(p.peer.PushRouter, "/bench/note", func(tp.PushCtx, *T) { p.pushes.Add(1) })
}

// callbackRoutes let the server's handlers call the client back.
func callbackRoutes(p *tp.Peer, s setup) {
	switch s.handler.Name {
	case "callback":
		tp.HandlePull(p.PullRouter, "/back/call", func(_ tp.PullCtx, text *string) (string, *tp.Rerror) { return *text, nil })
	case "push":
		tp.HandlePush(p.PushRouter, "/back/note", func(tp.PushCtx, *string) {})
	}
}

func pullMessage(sess tp.Session, uri string, m *message.BenchmarkMessage, settings []packet.PacketSetting) (*message.BenchmarkMessage, *tp.Rerror) {
	return tp.Pull[*message.BenchmarkMessage, *message.BenchmarkMessage](sess, uri, m, settings...)
}

// routePlugins says how handlers run; nil leaves it to the peer.
func routePlugins(route string) []tp.Plugin {
	switch route {
	case "inline":
		return []tp.Plugin{tp.Inline()}
	case "blocking":
		return []tp.Plugin{tp.Blocking()}
	}
	return nil
}
