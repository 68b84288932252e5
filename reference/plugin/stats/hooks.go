package stats

import (
	"net/url"
	"strings"

	tp "github.com/henrylee2cn/teleport/reference"
)

var _ interface {
	tp.PostRegPlugin
	tp.PostDialPlugin
	tp.PostAcceptPlugin
	tp.PostDisconnectPlugin
	tp.PostReadPullHeaderPlugin
	tp.PreWriteReplyPlugin
	tp.PostWriteReplyPlugin
	tp.PreWritePullPlugin
	tp.PostWritePullPlugin
	tp.PostReadReplyHeaderPlugin
	tp.PostReadPushHeaderPlugin
	tp.PostReadPushBodyPlugin
	tp.PreWritePushPlugin
	tp.PostWritePushPlugin
} = (*Stats)(nil)

// PostReg implements tp.PostRegPlugin.
func (s *Stats) PostReg(h *tp.Handler) *tp.Rerror {
	s.routes.add(h.Name())
	return nil
}

// PostDial implements tp.PostDialPlugin: for a redial it is called again.
func (s *Stats) PostDial(pre tp.PreSession) *tp.Rerror {
	s.dialed.Add(1)
	if sess, isNew := s.session(pre.Peer(), pre.Public()); !isNew {
		sess.linkEnded(false)
	}
	return nil
}

// PostAccept implements tp.PostAcceptPlugin.
func (s *Stats) PostAccept(pre tp.PreSession) *tp.Rerror {
	s.accepted.Add(1)
	s.session(pre.Peer(), pre.Public())
	return nil
}

// PostDisconnect implements tp.PostDisconnectPlugin.
func (s *Stats) PostDisconnect(post tp.PostSession) *tp.Rerror {
	s.ended.Add(1)
	sess, _ := s.session(post.Peer(), post.Public())
	sess.linkEnded(true)
	return nil
}

// PostReadPushHeader implements tp.PostReadPushHeaderPlugin.
func (s *Stats) PostReadPushHeader(ctx tp.ReadCtx) *tp.Rerror {
	sess, _ := s.session(ctx.Peer(), ctx.Session().Public())
	size := ctx.Input().Size()
	s.routes.get(ctx.Path()).pushIn.start(size, 0)
	sess.pushIn.start(size, 0)
	return nil
}

// PostReadPushBody implements tp.PostReadPushBodyPlugin: the handler is next.
func (s *Stats) PostReadPushBody(ctx tp.ReadCtx) *tp.Rerror {
	sess, _ := s.session(ctx.Peer(), ctx.Session().Public())
	for _, c := range []*counters{&s.routes.get(ctx.Path()).pushIn, &sess.pushIn} {
		c.update(func(n *Counters) { n.Done++ })
	}
	return nil
}

// PreWritePush implements tp.PreWritePushPlugin.
func (s *Stats) PreWritePush(ctx tp.WriteCtx) *tp.Rerror {
	sess, _ := s.session(ctx.Peer(), ctx.Session().Public())
	s.routes.add(pathOf(ctx.Output().Uri())).pushOut.start(0, 0)
	sess.pushOut.start(0, 0)
	return nil
}

// PostWritePush implements tp.PostWritePushPlugin.
func (s *Stats) PostWritePush(ctx tp.WriteCtx) *tp.Rerror {
	sess, _ := s.session(ctx.Peer(), ctx.Session().Public())
	out := ctx.Output()
	for _, c := range []*counters{&s.routes.add(pathOf(out.Uri())).pushOut, &sess.pushOut} {
		c.update(func(n *Counters) {
			n.Done++
			n.BytesOut += uint64(out.Size())
		})
	}
	return nil
}

// pathOf is the path of a uri, as the engine routes on it.
func pathOf(uri string) string {
	path, _, _ := strings.Cut(uri, "?")
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") && !strings.ContainsAny(path, "%#") {
		return path
	}
	u, err := url.Parse(uri)
	if err != nil {
		return path
	}
	return u.Path
}
