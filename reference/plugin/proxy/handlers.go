package proxy

import (
	"context"

	tp "github.com/henrylee2cn/teleport/reference"
)

// forwardPull is the front's handler of unknown PULLs.
func (px *Proxy) forwardPull(ctx tp.UnknownPullCtx) (any, *tp.Rerror) {
	c := ctx.(pullCtx)
	if !px.work.enter() {
		return nil, px.refuse(errClosing.Error())
	}
	defer px.work.leave()
	from := px.downstreamOf(c.Session())
	to, h, rerr := px.route(c, from)
	if rerr != nil {
		return nil, rerr
	}
	return px.pull(c, from, to, h)
}

// forwardPush is the front's handler of unknown PUSHes.
func (px *Proxy) forwardPush(ctx tp.UnknownPushCtx) {
	c := ctx.(pushCtx)
	px.countPush(c, func() *tp.Rerror {
		from := px.downstreamOf(c.Session())
		to, h, rerr := px.route(c, from)
		if rerr != nil {
			return rerr
		}
		return px.push(c, from, to, h)
	})
}

// countPush runs f for a PUSH; nobody is answered, so what goes wrong is counted.
func (px *Proxy) countPush(c pushCtx, f func() *tp.Rerror) {
	var rerr *tp.Rerror
	if px.work.enter() {
		defer px.work.leave()
		rerr = f()
	} else {
		rerr = px.refuse(errClosing.Error())
	}
	if rerr != nil {
		px.counts.pushesDropped.Add(1)
		tp.Debugf("proxy: dropped the PUSH %q of session %s: %s", c.Uri(), c.Session().Id(), textOf(rerr))
	}
}

// route chooses the upstream of a packet that a downstream has sent.
func (px *Proxy) route(c Request, from *downstream) (*upstream, *header, *tp.Rerror) {
	h, rerr := px.newHeader(c)
	if rerr != nil {
		return nil, nil, rerr
	}
	t, rerr := px.cfg.Route(c)
	if rerr == nil && t.Addr == "" {
		rerr = newRerror(tp.CodeNotFound, "")
	}
	if rerr != nil {
		px.counts.unrouted.Add(1)
		return nil, nil, rerr
	}
	if t.Uri != "" {
		h.uri = t.Uri
	}
	var u *upstream
	if t.PerSession {
		u = from.upstream(t.Addr)
	} else {
		u = px.shared.get(t.Addr, func() *upstream { return px.newUpstream(t.Addr, nil) })
		h.token = from.mark()
	}
	if u == nil {
		return nil, nil, px.refuse("too many upstreams are in use (MaxUpstreams)")
	}
	return u, h, nil
}

// newHeader begins the header that a packet is passed on with.
func (px *Proxy) newHeader(c Request) (*header, *tp.Rerror) {
	in := c.Input()
	way, circle := px.via(in)
	if circle != "" {
		px.counts.circles.Add(1)
		return nil, newRerror(tp.CodeBadGateway, circle)
	}
	return &header{in: in, uri: in.Uri(), via: way}, nil
}

// callbackPull is the handler of PULLs that upstreams send.
func (px *Proxy) callbackPull(ctx tp.UnknownPullCtx) (any, *tp.Rerror) {
	c := ctx.(pullCtx)
	if !px.work.enter() {
		return nil, px.refuse(errClosing.Error())
	}
	defer px.work.leave()
	from, to, h, rerr := px.routeBack(c.Context(), c)
	if rerr != nil {
		return nil, rerr
	}
	return px.pull(c, from, to, h)
}

// callbackPush is the handler of PUSHes that upstreams send.
func (px *Proxy) callbackPush(ctx tp.UnknownPushCtx) {
	c := ctx.(pushCtx)
	px.countPush(c, func() *tp.Rerror {
		from, to, h, rerr := px.routeBack(c.Context(), c)
		if rerr != nil {
			return rerr
		}
		return px.push(c, from, to, h)
	})
}

// routeBack finds the downstream session that a packet of an upstream is for.
func (px *Proxy) routeBack(ctx context.Context, c Request) (*upstream, *downstream, *header, *tp.Rerror) {
	h, rerr := px.newHeader(c)
	if rerr != nil {
		return nil, nil, nil, rerr
	}
	from, err := upstreamOf(ctx, c.Session())
	if err != nil {
		px.counts.failed.Add(1)
		return nil, nil, nil, newRerror(tp.CodeBadGateway, err.Error())
	}
	if from.owner != nil {
		return from, from.owner, h, nil
	}
	if token := lastValue(h.in.Meta(), MetaSession); token != "" {
		if d, ok := px.tokens.Load(token); ok {
			h.strip = true
			return from, d.(*downstream), h, nil
		}
	} else if px.cfg.Callback != nil {
		if sess := px.cfg.Callback(c); sess != nil {
			return from, px.downstreamOf(sess), h, nil
		}
	}
	px.counts.unrouted.Add(1)
	return nil, nil, nil, newRerror(tp.CodeNotFound, "it is not known whose session this is for ("+MetaSession+")")
}
