package machines_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"

	"github.com/henrylee2cn/teleport/fuzz/machines"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// The routers route as two maps would, whatever is registered, and while calls come in.
func TestRouter_AsItsModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { machines.Check(t, 40, routers) })
}

var routers = &commands.ProtoCommands{
	InitialStateGen: func(*gopter.GenParameters) *gopter.GenResult {
		return gopter.NewGenResult(newRoutes(), gopter.NoShrinker)
	},
	NewSystemUnderTestFunc:     func(commands.State) commands.SystemUnderTest { return newSwitchboard() },
	DestroySystemUnderTestFunc: func(s commands.SystemUnderTest) { s.(*switchboard).destroy() },
	GenCommandFunc: func(commands.State) gopter.Gen {
		return func(p *gopter.GenParameters) *gopter.GenResult {
			pick := func(from []string) string { return from[p.Rng.Intn(len(from))] }
			s := &routeStep{what: routeSteps[p.Rng.Intn(len(routeSteps))], kind: p.Rng.Intn(2), group: p.Rng.Intn(4), name: pick(routeNames)}
			s.path = under("/", pick(routeNames), pick(routeNames))
			s.uri = decorate(s.path, p.Rng.Intn(6))
			return gopter.NewGenResult(commands.Command(s), gopter.NoShrinker)
		}
	},
}

// A call is more likely than anything else, or nothing registered would be looked for.
var routeSteps = []string{"group", "func", "func", "func", "controller", "unknown", "alias", "call", "call", "call", "call", "call"}

// routeNames are few, so that paths meet; some are a controller's.
var routeNames = []string{"a", "b", "ab", "a/b", "/b/", "a//b", "", ".", "..", "../b", "switch_b", "switch_c/on", "on", "A"}

// decorate writes a path as a uri that means the same.
func decorate(path string, how int) string {
	switch {
	case how == 1:
		return path + "?a=1&a"
	case how == 2 && path != "/":
		return fmt.Sprintf("/%%%02x%s", path[1], path[2:]) // its first letter escaped
	case how == 3:
		return "//host" + path
	case how == 4:
		return path + "#part"
	}
	return path
}

// routeStep is one command: what is done, and of what; not all of it matters to each.
type routeStep struct {
	what      string
	kind      int // 0 pulls, 1 pushes
	group     int // on which router, of those that there are
	name      string
	path, uri string
}

func (s *routeStep) String() string {
	kind := [2]string{"pull", "push"}[s.kind]
	switch s.what {
	case "group":
		return fmt.Sprintf("group(%d %q)", s.group, s.name)
	case "alias":
		return fmt.Sprintf("alias(%q %q)", s.path, under("/", s.name))
	case "call":
		return fmt.Sprintf("%s(%q)", kind, s.uri)
	}
	return fmt.Sprintf("%s-%s(%d %q)", s.what, kind, s.group, s.name)
}

func (s *routeStep) PreCondition(commands.State) bool { return true }

func (s *routeStep) NextState(state commands.State) commands.State {
	r := state.(routes)
	g := r.groups[s.group%len(r.groups)]
	switch s.what {
	case "group":
		return r.group(g, s.name)
	case "func":
		return r.with(s.kind, under(g, s.name))
	case "controller":
		name := [2]string{"switch_b", "switch_c"}[s.kind]
		return r.with(s.kind, under(g, name, "off_now"), under(g, name, "on"))
	case "unknown":
		return r.setUnknown(s.kind, g)
	case "alias":
		return r.alias(s.path, under("/", s.name))
	}
	return r.call(s.kind, s.uri, s.path)
}

func (s *routeStep) Run(b commands.SystemUnderTest) commands.Result { return b.(*switchboard).do(s) }

func (s *routeStep) PostCondition(state commands.State, got commands.Result) *gopter.PropResult {
	r := machines.Same(state.(routes).want, got)
	for i := range r.Labels {
		r.Labels[i] = "after " + s.String() + ":\n" + r.Labels[i]
	}
	return r
}

// switchboard is a peer whose handlers say who they are, and a session to call it on.
type switchboard struct {
	srv, cli *tp.Peer
	sess     tp.Session
	served   chan error
	groups   [][2]*tp.Router // of pulls and of pushes
	next     int

	mu      sync.Mutex // guards what follows
	aliases map[string]string
	reached string // by the last push
}

func newSwitchboard() *switchboard {
	net := tptest.NewNetwork()
	b := &switchboard{served: make(chan error, 1), aliases: map[string]string{}}
	b.srv = tp.NewPeer(tp.PeerConfig{}, aliasPlugin{b})
	b.cli = tp.NewPeer(tp.PeerConfig{DialFunc: net.DialContext})
	b.groups = [][2]*tp.Router{{b.srv.PullRouter, b.srv.PushRouter}}
	lis, err := net.Listen(worldAddr)
	if err != nil {
		panic(err) // a network of its own: the address is free
	}
	go func() { b.served <- b.srv.ServeListener(lis) }()
	s, rerr := b.cli.Dial(worldAddr)
	if rerr != nil {
		panic(rerr)
	}
	b.sess = s
	return b
}

func (b *switchboard) destroy() {
	b.cli.Close()
	b.srv.Close()
	<-b.served
}

// aliasPlugin writes the uris of others, as they are on the wire, anew.
type aliasPlugin struct{ b *switchboard }

func (aliasPlugin) Name() string { return "alias" }

func (a aliasPlugin) rewrite(ctx tp.ReadCtx) *tp.Rerror {
	a.b.mu.Lock()
	defer a.b.mu.Unlock()
	if to, ok := a.b.aliases[ctx.Input().Uri()]; ok {
		ctx.Input().SetUri(to)
	}
	return nil
}

func (a aliasPlugin) PostReadPullHeader(ctx tp.ReadCtx) *tp.Rerror { return a.rewrite(ctx) }
func (a aliasPlugin) PostReadPushHeader(ctx tp.ReadCtx) *tp.Rerror { return a.rewrite(ctx) }

// tell notes which push handler was reached.
func (b *switchboard) tell(tag string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reached = tag
}

// SwitchB is a controller of pulls, with two handlers: off_now and on.
type SwitchB struct {
	tp.PullCtx
	tag string
}

// OffNow says that it was reached.
func (s *SwitchB) OffNow(*int) (string, *tp.Rerror) { return s.tag + ".0", nil }

// On says that it was reached.
func (s *SwitchB) On(*int) (string, *tp.Rerror) { return s.tag + ".1", nil }

// SwitchC is a controller of pushes, with two handlers, too.
type SwitchC struct {
	tp.PushCtx
	b   *switchboard
	tag string
}

// OffNow notes that it was reached.
func (s *SwitchC) OffNow(*int) { s.b.tell(s.tag + ".0") }

// On notes that it was reached.
func (s *SwitchC) On(*int) { s.b.tell(s.tag + ".1") }

func (b *switchboard) do(s *routeStep) string {
	on := b.groups[s.group%len(b.groups)]
	switch s.what {
	case "group":
		b.groups = append(b.groups, [2]*tp.Router{on[0].Group(s.name), on[1].Group(s.name)})
		return "made"
	case "alias":
		b.mu.Lock()
		defer b.mu.Unlock()
		b.aliases[s.path] = under("/", s.name)
		return "aliased"
	case "call":
		return b.call(s)
	}
	return b.register(s, on[s.kind])
}

func (b *switchboard) register(s *routeStep, on *tp.Router) string {
	tag := fmt.Sprint("h", b.next)
	b.next++
	var err error
	switch {
	case s.what == "unknown" && s.kind == 0:
		tag = "u" + tag[1:]
		err = on.TrySetUnknown(func(tp.UnknownPullCtx) (any, *tp.Rerror) { return tag, nil })
	case s.what == "unknown":
		tag = "u" + tag[1:]
		err = on.TrySetUnknown(func(tp.UnknownPushCtx) { b.tell(tag) })
	case s.what == "controller" && s.kind == 0:
		err = on.TryReg(&SwitchB{tag: tag})
	case s.what == "controller":
		err = on.TryReg(&SwitchC{b: b, tag: tag})
	case s.kind == 0:
		err = on.TryRegFunc(s.name, func(*int) (string, *tp.Rerror) { return tag + ".0", nil })
	default:
		err = on.TryRegFunc(s.name, func(*int) { b.tell(tag + ".0") })
	}
	var bad *tp.RegisterError
	switch {
	case errors.As(err, &bad):
		return "taken"
	case err != nil:
		return err.Error()
	case s.what == "unknown":
		return "set"
	}
	return "registered"
}

func (b *switchboard) call(s *routeStep) string {
	if s.kind == 0 {
		var tag string
		if rerr := b.sess.Pull(s.uri, 1, &tag).Rerror(); rerr != nil {
			return fmt.Sprint(rerr.Code)
		}
		return tag
	}
	b.tell("404")
	if rerr := b.sess.Push(s.uri, 1); rerr != nil {
		return rerr.String()
	}
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reached
}
