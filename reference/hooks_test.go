package tp

import "sync"

// hooks is a plugin with the hooks that a test sets; the others do nothing.
type hooks struct {
	name           string
	postDial       func(PreSession) *Rerror
	postAccept     func(PreSession) *Rerror
	postDisconnect func(PostSession) *Rerror
}

func (h *hooks) Name() string { return "hooks" + h.name }

func (h *hooks) PostDial(s PreSession) *Rerror {
	if h.postDial == nil {
		return nil
	}
	return h.postDial(s)
}

func (h *hooks) PostAccept(s PreSession) *Rerror {
	if h.postAccept == nil {
		return nil
	}
	return h.postAccept(s)
}

func (h *hooks) PostDisconnect(s PostSession) *Rerror {
	if h.postDisconnect == nil {
		return nil
	}
	return h.postDisconnect(s)
}

// everyHook has every hook; do is told which one runs, and with what.
type everyHook struct {
	name string
	do   func(hook string, ctx any) *Rerror
}

func (h *everyHook) Name() string { return h.name }

func (h *everyHook) PostReg(x *Handler) *Rerror            { return h.do("PostReg", x) }
func (h *everyHook) PostDial(x PreSession) *Rerror         { return h.do("PostDial", x) }
func (h *everyHook) PostAccept(x PreSession) *Rerror       { return h.do("PostAccept", x) }
func (h *everyHook) PreWritePull(x WriteCtx) *Rerror       { return h.do("PreWritePull", x) }
func (h *everyHook) PostWritePull(x WriteCtx) *Rerror      { return h.do("PostWritePull", x) }
func (h *everyHook) PreWriteReply(x WriteCtx) *Rerror      { return h.do("PreWriteReply", x) }
func (h *everyHook) PostWriteReply(x WriteCtx) *Rerror     { return h.do("PostWriteReply", x) }
func (h *everyHook) PreWritePush(x WriteCtx) *Rerror       { return h.do("PreWritePush", x) }
func (h *everyHook) PostWritePush(x WriteCtx) *Rerror      { return h.do("PostWritePush", x) }
func (h *everyHook) PreReadHeader(x BackgroundCtx) *Rerror { return h.do("PreReadHeader", x) }
func (h *everyHook) PostReadPullHeader(x ReadCtx) *Rerror  { return h.do("PostReadPullHeader", x) }
func (h *everyHook) PreReadPullBody(x ReadCtx) *Rerror     { return h.do("PreReadPullBody", x) }
func (h *everyHook) PostReadPullBody(x ReadCtx) *Rerror    { return h.do("PostReadPullBody", x) }
func (h *everyHook) PostReadPushHeader(x ReadCtx) *Rerror  { return h.do("PostReadPushHeader", x) }
func (h *everyHook) PreReadPushBody(x ReadCtx) *Rerror     { return h.do("PreReadPushBody", x) }
func (h *everyHook) PostReadPushBody(x ReadCtx) *Rerror    { return h.do("PostReadPushBody", x) }
func (h *everyHook) PostReadReplyHeader(x ReadCtx) *Rerror { return h.do("PostReadReplyHeader", x) }
func (h *everyHook) PreReadReplyBody(x ReadCtx) *Rerror    { return h.do("PreReadReplyBody", x) }
func (h *everyHook) PostReadReplyBody(x ReadCtx) *Rerror   { return h.do("PostReadReplyBody", x) }
func (h *everyHook) PostDisconnect(x PostSession) *Rerror  { return h.do("PostDisconnect", x) }

// blockIn is a plugin whose one hook waits at the gate.
func blockIn(hook string, g *gate) Plugin {
	return &everyHook{name: "block in " + hook, do: func(h string, _ any) *Rerror {
		if h == hook {
			g.pass()
		}
		return nil
	}}
}

// hookTrace notes which hooks ran, in order.
type hookTrace struct {
	mu    sync.Mutex
	names []string
	fail  map[string]*Rerror // by plugin:hook
}

func (tr *hookTrace) plugin(name string) *everyHook {
	return &everyHook{name: name, do: func(hook string, _ any) *Rerror {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.names = append(tr.names, name+":"+hook)
		return tr.fail[name+":"+hook]
	}}
}

func (tr *hookTrace) take() []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	got := tr.names
	tr.names = nil
	return got
}
