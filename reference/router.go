package tp

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Router routes pulls or pushes on the path of their uri, by exact,
// case-sensitive match. A peer has two: PullRouter and PushRouter. A Group is
// a Router for the paths below its prefix. Everything is safe for concurrent
// use: handlers may be registered while the peer serves.
//
// Reg, RegFunc, SetUnknown and Group panic with a *RegisterError when what
// they are given is wrong, as http.Handle does; TryReg, TryRegFunc,
// TrySetUnknown and TryGroup return it.
type Router struct {
	core    *routerCore
	prefix  string
	plugins *pluginContainer
}

// routerCore is what a router shares with all its groups.
type routerCore struct {
	push   bool
	header *pluginContainer // header hooks of the router and its groups

	mu     sync.Mutex // serialises writers; readers use the pointers below
	routes atomic.Pointer[routeTable]
	groups atomic.Pointer[[]*pluginContainer] // in order of their making
}

// routeTable is immutable once published.
type routeTable struct {
	handlers map[string]*Handler
	unknown  []*Handler // longest prefix first
}

// RegisterError says what could not be registered, and why.
type RegisterError struct {
	What string // "pull controller *app.Home", "push handler /a/b", ...
	Err  error  // the reason; a *Rerror when a PostReg hook refused
}

func (e *RegisterError) Error() string { return "teleport: register " + e.What + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *RegisterError) Unwrap() error { return e.Err }

// newRouter returns the root router of a peer.
func newRouter(push bool, peerPlugins *pluginContainer) *Router {
	core := &routerCore{push: push}
	r := &Router{core: core, prefix: "/", plugins: peerPlugins.child(groupLevel(push), kindName(push)+" router")}
	core.header = peerPlugins.child(groupLevel(push), kindName(push)+" router")
	core.header.collect = core.headerPlugins
	core.groups.Store(&[]*pluginContainer{r.plugins})
	core.routes.Store(&routeTable{handlers: map[string]*Handler{}})
	return r
}

func groupLevel(push bool) hookLevel {
	if push {
		return levelPushGroup
	}
	return levelPullGroup
}

func regLevel(push bool) hookLevel {
	if push {
		return levelPush
	}
	return levelPull
}

// PluginContainer returns the plugins of this router or group.
func (r *Router) PluginContainer() *PluginContainer { return r.plugins }

// Group returns a router for the paths below the prefix, with plugins for
// them. The prefix is taken as it is (no snake case) and may have slashes; it
// is cleaned and rooted. Header hooks among the plugins run for every packet
// of the router's kind, before routing.
func (r *Router) Group(pathPrefix string, plugins ...Plugin) *Router {
	g, err := r.TryGroup(pathPrefix, plugins...)
	must(err)
	return g
}

// TryGroup is Group with an error instead of a panic. Where the error is an
// *IdlePluginError alone, the group was made all the same.
func (r *Router) TryGroup(pathPrefix string, plugins ...Plugin) (*Router, error) {
	prefix := joinPath(r.prefix, pathPrefix)
	where := fmt.Sprintf("%s group %s", kindName(r.core.push), prefix)
	g := &Router{core: r.core, prefix: prefix, plugins: r.plugins.child(groupLevel(r.core.push), where)}
	idle, err := g.plugins.add(plugins)
	if err != nil {
		return nil, &RegisterError{What: where, Err: err}
	}
	r.core.mu.Lock()
	groups := append(slices.Clone(*r.core.groups.Load()), g.plugins)
	r.core.groups.Store(&groups)
	r.core.mu.Unlock()
	g.plugins.gen.Add(1) // the header hooks have changed
	return g, idleError(idle)
}

// Reg registers the methods of a controller: a pointer to a named struct that
// embeds PullCtx (or PushCtx), whose exported methods have the form
//
//	func (h *Home) Test(args *T) (R, *tp.Rerror)   // pulls
//	func (p *Push) Test(args *T)                   // pushes; may return *tp.Rerror
//
// under the path prefix/home/test. T of []byte takes the body as it came.
// Each request has a fresh copy of the struct as it is now; the copy is
// shallow, so what is to be shared is kept behind a pointer.
func (r *Router) Reg(ctrl any, plugins ...Plugin) { must(r.TryReg(ctrl, plugins...)) }

// TryReg is Reg with an error instead of a panic. Where the error is an
// *IdlePluginError alone, the controller was registered all the same.
func (r *Router) TryReg(ctrl any, plugins ...Plugin) error {
	what := fmt.Sprintf("%s controller %T", kindName(r.core.push), ctrl)
	c, err := newController(ctrl, r.core.push)
	if err != nil {
		return &RegisterError{What: what, Err: err}
	}
	list, err := c.handlers(r.core.push)
	if err != nil {
		return &RegisterError{What: what, Err: err}
	}
	for _, h := range list {
		h.name = joinPath(r.prefix, snakeString(c.name()), h.name)
	}
	return r.register(what, list, plugins)
}

// RegFunc registers a function under the path prefix/name; the name is taken
// as it is. The function has the form of a controller's method, and may have a
// PullCtx (or PushCtx) in front:
//
//	func(ctx tp.PullCtx, args *T) (R, *tp.Rerror)
//	func(ctx tp.PushCtx, args *T)
func (r *Router) RegFunc(name string, fn any, plugins ...Plugin) {
	must(r.TryRegFunc(name, fn, plugins...))
}

// TryRegFunc is RegFunc with an error instead of a panic. Where the error is
// an *IdlePluginError alone, the function was registered all the same.
func (r *Router) TryRegFunc(name string, fn any, plugins ...Plugin) error {
	full := joinPath(r.prefix, name)
	what := fmt.Sprintf("%s handler %s", kindName(r.core.push), full)
	h, err := funcHandler(fn, r.core.push)
	if err != nil {
		return &RegisterError{What: what, Err: err}
	}
	h.name = full
	return r.register(what, []*Handler{h}, plugins)
}

// tryTyped registers a handler that the generic helpers made.
func (r *Router) tryTyped(name string, h *Handler, nilFunc bool, plugins []Plugin) error {
	h.name = joinPath(r.prefix, name)
	what := fmt.Sprintf("%s handler %s", h.kind(), h.name)
	switch {
	case nilFunc:
		return &RegisterError{What: what, Err: errors.New("the function is nil")}
	case h.isPush != r.core.push:
		return &RegisterError{What: what, Err: fmt.Errorf("this is the %s router", kindName(r.core.push))}
	}
	return r.register(what, []*Handler{h}, plugins)
}

// register gives the handlers their plugins, runs PostReg and publishes all of
// them at once, or none. No lock is held while hooks run.
func (r *Router) register(what string, list []*Handler, plugins []Plugin) error {
	own := r.plugins.child(regLevel(r.core.push), what)
	idle, err := own.add(plugins)
	if err != nil {
		return &RegisterError{What: what, Err: err}
	}
	if err := r.core.free(list); err != nil {
		return &RegisterError{What: what, Err: err}
	}
	for _, h := range list {
		h.plugins, h.pace.mode = own, modeOf(own)
		if rerr := own.postReg(h); rerr != nil {
			return &RegisterError{What: fmt.Sprintf("%s handler %s", h.kind(), h.name), Err: fmt.Errorf("a PostReg hook refused: %w", rerr)}
		}
	}
	if err := r.core.publish(list); err != nil {
		return &RegisterError{What: what, Err: err}
	}
	for _, h := range list {
		Infof("register %s handler: %s", h.kind(), h.name)
	}
	return idleError(idle)
}

// SetUnknown sets the handler for what no other handler matches: on the root
// router for every path, on a group for the paths below its prefix (the
// longest prefix wins). A second one for the same prefix replaces the first.
// The body is not decoded. The function is, for pulls and pushes, one of
//
//	func(ctx tp.UnknownPullCtx) (any, *tp.Rerror)
//	func(ctx tp.UnknownPullCtx, body *[]byte) (any, *tp.Rerror)
//	func(ctx tp.UnknownPushCtx)
//	func(ctx tp.UnknownPushCtx, body *[]byte)
//
// PostReg hooks do not run for it: it stands for no service.
func (r *Router) SetUnknown(fn any, plugins ...Plugin) { must(r.TrySetUnknown(fn, plugins...)) }

// TrySetUnknown is SetUnknown with an error instead of a panic. Where the
// error is an *IdlePluginError alone, the handler was set all the same.
func (r *Router) TrySetUnknown(fn any, plugins ...Plugin) error {
	what := fmt.Sprintf("unknown %s handler of %s", kindName(r.core.push), r.prefix)
	h, err := unknownHandler(fn, r.core.push)
	if err != nil {
		return &RegisterError{What: what, Err: err}
	}
	h.name, h.plugins = r.prefix, r.plugins.child(regLevel(r.core.push), what)
	idle, err := h.plugins.add(plugins)
	if err != nil {
		return &RegisterError{What: what, Err: err}
	}
	h.pace.mode = modeOf(h.plugins)
	verb := "set"
	if r.core.setUnknown(h) {
		verb = "covered"
	}
	Infof("%s %s", verb, what)
	return idleError(idle)
}

// must panics with what went wrong; an idle plugin is a warning only.
func must(err error) {
	if err == nil {
		return
	}
	if warn, ok := err.(idleWarning); ok {
		warnIdle(warn)
		return
	}
	panic(err)
}
