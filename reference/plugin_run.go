package tp

import "log/slog"

// One runner a hook. Each runs the chain in order and stops at the first
// error, which it logs and returns; what the error does is the caller's part
// (see Plugin). Panics of a hook are the caller's to recover.

func hookFailed(level slog.Level, hook string, p Plugin, rerr *Rerror) *Rerror {
	logf(level, 1, "%s-%sPlugin(%s)", p.Name(), hook, logText(rerr.String()))
	return rerr
}

func (c *PluginContainer) postReg(h *Handler) *Rerror {
	for _, p := range c.hooks().postReg {
		if rerr := p.PostReg(h); rerr != nil {
			return hookFailed(slog.LevelError, "PostReg", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postDial(sess PreSession) *Rerror {
	for _, p := range c.hooks().postDial {
		if rerr := p.PostDial(sess); rerr != nil {
			return hookFailed(slog.LevelDebug, "PostDial", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postAccept(sess PreSession) *Rerror {
	for _, p := range c.hooks().postAccept {
		if rerr := p.PostAccept(sess); rerr != nil {
			return hookFailed(slog.LevelDebug, "PostAccept", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) preWritePull(ctx WriteCtx) *Rerror {
	for _, p := range c.hooks().preWritePull {
		if rerr := p.PreWritePull(ctx); rerr != nil {
			return hookFailed(slog.LevelDebug, "PreWritePull", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postWritePull(ctx WriteCtx) *Rerror {
	for _, p := range c.hooks().postWritePull {
		if rerr := p.PostWritePull(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PostWritePull", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) preWriteReply(ctx WriteCtx) *Rerror {
	for _, p := range c.hooks().preWriteReply {
		if rerr := p.PreWriteReply(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PreWriteReply", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postWriteReply(ctx WriteCtx) *Rerror {
	for _, p := range c.hooks().postWriteReply {
		if rerr := p.PostWriteReply(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PostWriteReply", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) preWritePush(ctx WriteCtx) *Rerror {
	for _, p := range c.hooks().preWritePush {
		if rerr := p.PreWritePush(ctx); rerr != nil {
			return hookFailed(slog.LevelDebug, "PreWritePush", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postWritePush(ctx WriteCtx) *Rerror {
	for _, p := range c.hooks().postWritePush {
		if rerr := p.PostWritePush(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PostWritePush", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) preReadHeader(ctx BackgroundCtx) *Rerror {
	for _, p := range c.hooks().preReadHeader {
		if rerr := p.PreReadHeader(ctx); rerr != nil {
			return hookFailed(slog.LevelDebug, "PreReadHeader", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postReadPullHeader(ctx ReadCtx) *Rerror {
	for _, p := range c.hooks().postReadPullHeader {
		if rerr := p.PostReadPullHeader(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PostReadPullHeader", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) preReadPullBody(ctx ReadCtx) *Rerror {
	for _, p := range c.hooks().preReadPullBody {
		if rerr := p.PreReadPullBody(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PreReadPullBody", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postReadPullBody(ctx ReadCtx) *Rerror {
	for _, p := range c.hooks().postReadPullBody {
		if rerr := p.PostReadPullBody(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PostReadPullBody", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postReadPushHeader(ctx ReadCtx) *Rerror {
	for _, p := range c.hooks().postReadPushHeader {
		if rerr := p.PostReadPushHeader(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PostReadPushHeader", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) preReadPushBody(ctx ReadCtx) *Rerror {
	for _, p := range c.hooks().preReadPushBody {
		if rerr := p.PreReadPushBody(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PreReadPushBody", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postReadPushBody(ctx ReadCtx) *Rerror {
	for _, p := range c.hooks().postReadPushBody {
		if rerr := p.PostReadPushBody(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PostReadPushBody", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postReadReplyHeader(ctx ReadCtx) *Rerror {
	for _, p := range c.hooks().postReadReplyHeader {
		if rerr := p.PostReadReplyHeader(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PostReadReplyHeader", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) preReadReplyBody(ctx ReadCtx) *Rerror {
	for _, p := range c.hooks().preReadReplyBody {
		if rerr := p.PreReadReplyBody(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PreReadReplyBody", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postReadReplyBody(ctx ReadCtx) *Rerror {
	for _, p := range c.hooks().postReadReplyBody {
		if rerr := p.PostReadReplyBody(ctx); rerr != nil {
			return hookFailed(slog.LevelError, "PostReadReplyBody", p, rerr)
		}
	}
	return nil
}

func (c *PluginContainer) postDisconnect(sess PostSession) *Rerror {
	for _, p := range c.hooks().postDisconnect {
		if rerr := p.PostDisconnect(sess); rerr != nil {
			return hookFailed(slog.LevelError, "PostDisconnect", p, rerr)
		}
	}
	return nil
}
