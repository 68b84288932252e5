package tp

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// idleWarning is one or more *IdlePluginError, findable with errors.As.
type idleWarning []*IdlePluginError

func (w idleWarning) Error() string {
	texts := make([]string, len(w))
	for i, e := range w {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "\n")
}

func (w idleWarning) Unwrap() []error {
	errs := make([]error, len(w))
	for i, e := range w {
		errs[i] = e
	}
	return errs
}

func idleError(idle []*IdlePluginError) error {
	if len(idle) == 0 {
		return nil
	}
	return idleWarning(idle)
}

// headerHooks returns the hooks of the router and its groups that run for
// every packet of its kind, before routing and after the peer's own.
func (r *Router) headerHooks() *pluginContainer { return r.core.header }

// headerPlugins lists the plugins of the root router and all groups in the
// order of their registration, each value once: a plugin that is on two groups
// runs once a packet. The peer's own are not among them.
func (c *routerCore) headerPlugins() []Plugin {
	var out []Plugin
	for _, g := range *c.groups.Load() {
		for _, p := range g.list() {
			if !slices.ContainsFunc(out, func(q Plugin) bool { return samePlugin(p, q) }) {
				out = append(out, p)
			}
		}
	}
	return out
}

// samePlugin compares values that may not be comparable.
func samePlugin(a, b Plugin) bool {
	return reflect.ValueOf(a).Comparable() && reflect.ValueOf(b).Comparable() && a == b
}

// lookup returns the handler for a path: the one registered for exactly that
// path, else the unknown handler with the longest prefix. It takes no lock.
//
// req: TP-SESS-006
func (r *Router) lookup(path string) (*Handler, bool) {
	t := r.core.routes.Load()
	if h, ok := t.handlers[path]; ok {
		return h, true
	}
	for _, h := range t.unknown {
		if underPrefix(path, h.name) {
			return h, true
		}
	}
	return nil, false
}

// underPrefix says whether a path belongs to a group's prefix. The root takes
// every path, those without a leading slash too.
func underPrefix(path, prefix string) bool {
	if prefix == "/" {
		return true
	}
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// free says whether all the names are still to be had.
func (c *routerCore) free(list []*Handler) error {
	t := c.routes.Load()
	for i, h := range list {
		if t.handlers[h.name] != nil {
			return fmt.Errorf("the path %s has a handler already", h.name)
		}
		for _, other := range list[:i] {
			if other.name == h.name {
				return fmt.Errorf("two of its methods give the path %s", h.name)
			}
		}
	}
	return nil
}

// publish adds handlers in one step.
func (c *routerCore) publish(list []*Handler) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.free(list); err != nil {
		return errors.Join(err, errors.New("another registration was faster"))
	}
	old := c.routes.Load()
	t := &routeTable{handlers: maps.Clone(old.handlers), unknown: old.unknown}
	for _, h := range list {
		t.handlers[h.name] = h
	}
	c.routes.Store(t)
	return nil
}

// setUnknown publishes an unknown handler and says whether it replaced one.
func (c *routerCore) setUnknown(h *Handler) (covered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.routes.Load()
	t := &routeTable{handlers: old.handlers, unknown: slices.Clone(old.unknown)}
	if i := slices.IndexFunc(t.unknown, func(u *Handler) bool { return u.name == h.name }); i >= 0 {
		t.unknown[i], covered = h, true
	} else {
		t.unknown = append(t.unknown, h)
		slices.SortStableFunc(t.unknown, func(a, b *Handler) int { return len(b.name) - len(a.name) })
	}
	c.routes.Store(t)
	return covered
}
