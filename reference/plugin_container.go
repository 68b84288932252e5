package tp

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// PluginContainer holds the plugins of one place (the peer, a router, a group,
// a handler) and runs the hooks of the whole chain that ends there: the peer's
// plugins first, then the groups' from the outside in, then its own. All its
// methods are safe for concurrent use; a change counts from the next hook on,
// in the places below it too.
type PluginContainer struct {
	parent  *PluginContainer // nil at the peer
	gen     *atomic.Uint64   // shared by the tree: counts changes, so that compiled chains renew
	level   hookLevel
	where   string          // for messages: "pull group /a"
	collect func() []Plugin // not nil: replaces the walk up the chain (header hooks)

	own   atomic.Pointer[[]Plugin]  // copy on write, published by compare-and-swap
	table atomic.Pointer[hookTable] // compiled chain; renewed when gen has moved on
}

type pluginContainer = PluginContainer

// newPluginContainer returns the container of a peer.
func newPluginContainer() *PluginContainer {
	return &PluginContainer{gen: new(atomic.Uint64), level: levelPeer, where: "peer"}
}

// child returns an empty container below c.
func (c *PluginContainer) child(level hookLevel, where string) *PluginContainer {
	return &PluginContainer{parent: c, gen: c.gen, level: level, where: where}
}

// PluginError says why a plugin was not added.
type PluginError struct {
	Plugin string // its name
	Where  string // the place: "peer", "pull group /a", ...
	Reason string
}

func (e *PluginError) Error() string {
	return fmt.Sprintf("teleport: plugin %q on %s: %s", e.Plugin, e.Where, e.Reason)
}

// IdlePluginError says that a plugin was added where none of its hooks can
// run. The plugin and what it came with are registered all the same.
type IdlePluginError struct {
	Plugin string   // its name
	Where  string   // the place
	Hooks  []string // the hooks it has; none of them can run there
}

func (e *IdlePluginError) Error() string {
	if len(e.Hooks) == 0 {
		return fmt.Sprintf("teleport: plugin %q on %s has none of the twenty hooks", e.Plugin, e.Where)
	}
	return fmt.Sprintf("teleport: plugin %q on %s: its hooks (%s) cannot run there; register it on the peer or on the router of its kind",
		e.Plugin, e.Where, strings.Join(e.Hooks, ", "))
}

// Add appends plugins; all of them or, with a *PluginError, none. A nil
// plugin, an empty name and a name that the chain from the peer to here
// already has are errors. A plugin whose hooks cannot run here is added and
// logged once at Warn.
func (c *PluginContainer) Add(plugins ...Plugin) error {
	idle, err := c.add(plugins)
	warnIdle(idle)
	return err
}

// add is Add without the logging: it returns what was idle.
func (c *PluginContainer) add(plugins []Plugin) (idle []*IdlePluginError, err error) {
	if len(plugins) == 0 {
		return nil, nil
	}
	names := make([]string, len(plugins)) // Name is user code: not called under the lock
	for i, p := range plugins {
		if p == nil {
			return nil, &PluginError{Where: c.where, Reason: "is nil"}
		}
		if names[i] = p.Name(); names[i] == "" {
			return nil, &PluginError{Where: c.where, Reason: fmt.Sprintf("%T has an empty name", p)}
		}
		if slices.Contains(names[:i], names[i]) {
			return nil, &PluginError{Plugin: names[i], Where: c.where, Reason: "is given twice"}
		}
	}
	for {
		seen := c.own.Load()
		for _, p := range c.chain() {
			if _, option := p.(paceMode); option {
				continue // it may be repeated further in
			}
			if n := p.Name(); slices.Contains(names, n) {
				return nil, &PluginError{Plugin: n, Where: c.where, Reason: "a plugin of that name is there already, here or above; each runs once"}
			}
		}
		if c.swap(seen, append(slices.Clone(c.list()), plugins...)) {
			break
		}
	}
	for i, p := range plugins {
		if hooks := idleHooks(p, c.level); hooks != nil {
			idle = append(idle, &IdlePluginError{Plugin: names[i], Where: c.where, Hooks: hooks})
		}
	}
	return idle, nil
}

// swap publishes a new own list if nobody was faster.
func (c *PluginContainer) swap(old *[]Plugin, list []Plugin) bool {
	if !c.own.CompareAndSwap(old, &list) {
		return false
	}
	c.gen.Add(1) // after the store: a table compiled meanwhile renews
	return true
}

// Remove takes out the plugin of that name. Plugins of the places above are
// not touched: a name that is not here is a *PluginError.
func (c *PluginContainer) Remove(name string) error {
	for {
		seen := c.own.Load()
		if seen == nil {
			break
		}
		i := slices.IndexFunc(*seen, func(p Plugin) bool { return p.Name() == name })
		if i < 0 {
			break
		}
		if c.swap(seen, slices.Delete(slices.Clone(*seen), i, i+1)) {
			return nil
		}
	}
	return &PluginError{Plugin: name, Where: c.where, Reason: "is not registered here"}
}

// GetByName returns the plugin of that name from the chain, nil when there is none.
func (c *PluginContainer) GetByName(name string) Plugin {
	for _, p := range c.hooks().plugins {
		if p.Name() == name {
			return p
		}
	}
	return nil
}

// GetAll returns the plugins of the chain in the order in which they run. The
// slice is the caller's.
func (c *PluginContainer) GetAll() []Plugin { return slices.Clone(c.hooks().plugins) }

func (c *PluginContainer) list() []Plugin {
	if l := c.own.Load(); l != nil {
		return *l
	}
	return nil
}

// chain returns the plugins from the peer down to c.
func (c *PluginContainer) chain() []Plugin {
	if c.parent == nil {
		return c.list()
	}
	return append(slices.Clone(c.parent.chain()), c.list()...)
}

// hooks returns the compiled chain.
func (c *PluginContainer) hooks() *hookTable {
	if t := c.table.Load(); t != nil && t.gen == c.gen.Load() {
		return t
	}
	gen := c.gen.Load() // before the lists are read: a later change has a later number
	var all []Plugin
	if c.collect != nil {
		all = c.collect()
	} else {
		all = uniqueNames(c.chain())
	}
	t := compileHooks(gen, all)
	c.table.Store(t)
	return t
}

// uniqueNames keeps the first plugin of each name: one added to the peer after
// a group had it would run twice else.
func uniqueNames(plugins []Plugin) []Plugin {
	seen := make(map[string]bool, len(plugins))
	out := make([]Plugin, 0, len(plugins))
	for _, p := range plugins {
		if n := p.Name(); !seen[n] {
			seen[n] = true
			out = append(out, p)
		}
	}
	return out
}

func warnIdle(idle []*IdlePluginError) {
	for _, e := range idle {
		Warnf("%s", e)
	}
}
