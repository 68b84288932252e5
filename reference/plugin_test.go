package tp

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// allHooks has every hook; each writes the plugin's name into trace and
// returns the error set for it.
type allHooks struct {
	name  string
	trace *[]string
	fail  *Rerror
}

func (p *allHooks) Name() string { return p.name }
func (p *allHooks) run(hook string) *Rerror {
	*p.trace = append(*p.trace, p.name+"."+hook)
	return p.fail
}
func (p *allHooks) PostReg(*Handler) *Rerror            { return p.run("PostReg") }
func (p *allHooks) PostDial(PreSession) *Rerror         { return p.run("PostDial") }
func (p *allHooks) PostAccept(PreSession) *Rerror       { return p.run("PostAccept") }
func (p *allHooks) PreWritePull(WriteCtx) *Rerror       { return p.run("PreWritePull") }
func (p *allHooks) PostWritePull(WriteCtx) *Rerror      { return p.run("PostWritePull") }
func (p *allHooks) PreWriteReply(WriteCtx) *Rerror      { return p.run("PreWriteReply") }
func (p *allHooks) PostWriteReply(WriteCtx) *Rerror     { return p.run("PostWriteReply") }
func (p *allHooks) PreWritePush(WriteCtx) *Rerror       { return p.run("PreWritePush") }
func (p *allHooks) PostWritePush(WriteCtx) *Rerror      { return p.run("PostWritePush") }
func (p *allHooks) PreReadHeader(BackgroundCtx) *Rerror { return p.run("PreReadHeader") }
func (p *allHooks) PostReadPullHeader(ReadCtx) *Rerror  { return p.run("PostReadPullHeader") }
func (p *allHooks) PreReadPullBody(ReadCtx) *Rerror     { return p.run("PreReadPullBody") }
func (p *allHooks) PostReadPullBody(ReadCtx) *Rerror    { return p.run("PostReadPullBody") }
func (p *allHooks) PostReadPushHeader(ReadCtx) *Rerror  { return p.run("PostReadPushHeader") }
func (p *allHooks) PreReadPushBody(ReadCtx) *Rerror     { return p.run("PreReadPushBody") }
func (p *allHooks) PostReadPushBody(ReadCtx) *Rerror    { return p.run("PostReadPushBody") }
func (p *allHooks) PostReadReplyHeader(ReadCtx) *Rerror { return p.run("PostReadReplyHeader") }
func (p *allHooks) PreReadReplyBody(ReadCtx) *Rerror    { return p.run("PreReadReplyBody") }
func (p *allHooks) PostReadReplyBody(ReadCtx) *Rerror   { return p.run("PostReadReplyBody") }
func (p *allHooks) PostDisconnect(PostSession) *Rerror  { return p.run("PostDisconnect") }

// runners calls every hook runner of a container, by the hook's name.
func runners(c *PluginContainer) map[string]func() *Rerror {
	return map[string]func() *Rerror{
		"PostReg":             func() *Rerror { return c.postReg(nil) },
		"PostDial":            func() *Rerror { return c.postDial(nil) },
		"PostAccept":          func() *Rerror { return c.postAccept(nil) },
		"PreWritePull":        func() *Rerror { return c.preWritePull(nil) },
		"PostWritePull":       func() *Rerror { return c.postWritePull(nil) },
		"PreWriteReply":       func() *Rerror { return c.preWriteReply(nil) },
		"PostWriteReply":      func() *Rerror { return c.postWriteReply(nil) },
		"PreWritePush":        func() *Rerror { return c.preWritePush(nil) },
		"PostWritePush":       func() *Rerror { return c.postWritePush(nil) },
		"PreReadHeader":       func() *Rerror { return c.preReadHeader(nil) },
		"PostReadPullHeader":  func() *Rerror { return c.postReadPullHeader(nil) },
		"PreReadPullBody":     func() *Rerror { return c.preReadPullBody(nil) },
		"PostReadPullBody":    func() *Rerror { return c.postReadPullBody(nil) },
		"PostReadPushHeader":  func() *Rerror { return c.postReadPushHeader(nil) },
		"PreReadPushBody":     func() *Rerror { return c.preReadPushBody(nil) },
		"PostReadPushBody":    func() *Rerror { return c.postReadPushBody(nil) },
		"PostReadReplyHeader": func() *Rerror { return c.postReadReplyHeader(nil) },
		"PreReadReplyBody":    func() *Rerror { return c.preReadReplyBody(nil) },
		"PostReadReplyBody":   func() *Rerror { return c.postReadReplyBody(nil) },
		"PostDisconnect":      func() *Rerror { return c.postDisconnect(nil) },
	}
}

func TestPluginContainer_TwentyHooksInOrder(t *testing.T) {
	quiet(t)
	var trace []string
	plugin := func(name string) *allHooks { return &allHooks{name: name, trace: &trace} }
	peer := newPluginContainer()
	group := peer.child(levelPullGroup, "group")
	inner := group.child(levelPullGroup, "inner")
	reg := inner.child(levelPull, "handler")
	second, third := plugin("group"), plugin("inner")
	for _, step := range []struct {
		c *PluginContainer
		p []Plugin
	}{{peer, []Plugin{plugin("p1"), plugin("p2")}}, {group, []Plugin{second}}, {inner, []Plugin{third}}, {reg, []Plugin{plugin("reg")}}} {
		if err := step.c.Add(step.p...); err != nil {
			t.Fatal(err)
		}
	}
	if len(hookKinds) != 20 || len(runners(reg)) != 20 {
		t.Fatalf("%d kinds, %d runners, want 20", len(hookKinds), len(runners(reg)))
	}
	for name, run := range runners(reg) {
		if !slices.ContainsFunc(hookKinds[:], func(k hookKind) bool { return k.name == name && k.has(second) }) {
			t.Errorf("%s is not among the kinds", name)
		}
		trace, second.fail = nil, nil
		if rerr := run(); rerr != nil {
			t.Errorf("%s: %v", name, rerr)
		}
		want := []string{"p1." + name, "p2." + name, "group." + name, "inner." + name, "reg." + name}
		if !slices.Equal(trace, want) {
			t.Errorf("%s ran %v, want %v", name, trace, want)
		}
		trace, second.fail = nil, NewRerror(1001, "stop", "")
		if rerr := run(); rerr != second.fail {
			t.Errorf("%s returned %v, want the second plugin's error", name, rerr)
		}
		if !slices.Equal(trace, want[:3]) {
			t.Errorf("%s ran %v after an error, want %v", name, trace, want[:3])
		}
	}
}

func TestPluginContainer_DuplicatesAndMistakes(t *testing.T) {
	quiet(t)
	var trace []string
	peer := newPluginContainer()
	group := peer.child(levelPullGroup, "pull group /a")
	a := &allHooks{name: "a", trace: &trace}
	if err := peer.Add(a); err != nil {
		t.Fatal(err)
	}
	b := &allHooks{name: "b", trace: &trace}
	for what, plugins := range map[string][]Plugin{
		"is nil": {b, nil}, "empty name": {b, &allHooks{}}, "given twice": {b, b},
		"there already": {b, &allHooks{name: "a", trace: &trace}},
	} {
		err := group.Add(plugins...)
		var pe *PluginError
		if !errors.As(err, &pe) || !strings.Contains(err.Error(), what) || pe.Where != "pull group /a" {
			t.Errorf("got %v, want one that says %q", err, what)
		}
	}
	if all := group.GetAll(); !slices.Equal(all, []Plugin{a}) {
		t.Errorf("a failed Add left %v", all)
	}
	if err := group.Add(b); err != nil {
		t.Fatal(err)
	}
	if group.GetByName("a") != a || group.GetByName("b") != b || group.GetByName("c") != nil || peer.GetByName("b") != nil {
		t.Error("GetByName goes wrong")
	}
	var pe *PluginError
	if err := group.Remove("a"); !errors.As(err, &pe) {
		t.Errorf("removed the parent's plugin: %v", err)
	}
	if err := group.Remove("b"); err != nil || group.GetByName("b") != nil {
		t.Errorf("not removed: %v", err)
	}
}

func TestPluginContainer_LaterChangesReachHandlers(t *testing.T) {
	quiet(t)
	var trace []string
	peer := newPluginContainer()
	reg := peer.child(levelPull, "handler")
	reg.preReadPullBody(nil)
	peer.Add(&allHooks{name: "late", trace: &trace})
	reg.preReadPullBody(nil)
	peer.Remove("late")
	reg.preReadPullBody(nil)
	if !slices.Equal(trace, []string{"late.PreReadPullBody"}) {
		t.Errorf("ran %v", trace)
	}
	reg.Add(&allHooks{name: "x", trace: &trace})
	peer.Add(&allHooks{name: "x", trace: &trace}) // above one that has it: runs once
	if n := len(reg.GetAll()); n != 1 {
		t.Errorf("%d plugins, want 1", n)
	}
}

type headerOnly struct{ name string }

func (p headerOnly) Name() string                       { return p.name }
func (p headerOnly) PostReadPullHeader(ReadCtx) *Rerror { return nil }

type hookless struct{}

func (hookless) Name() string { return "hookless" }

func TestPlugin_IdleWhereRegistered(t *testing.T) {
	tests := []struct {
		level  hookLevel
		plugin Plugin
		idle   []string // nil: it can run
	}{
		{levelPeer, headerOnly{"h"}, nil},
		{levelPullGroup, headerOnly{"h"}, nil},
		{levelPull, headerOnly{"h"}, []string{"PostReadPullHeader"}},
		{levelPushGroup, headerOnly{"h"}, []string{"PostReadPullHeader"}},
		{levelPush, headerOnly{"h"}, []string{"PostReadPullHeader"}},
		{levelPeer, hookless{}, []string{}},
		{levelPush, &allHooks{}, nil},
	}
	for _, tt := range tests {
		if got := idleHooks(tt.plugin, tt.level); !reflect.DeepEqual(got, tt.idle) {
			t.Errorf("%T at %s: idle %v, want %v", tt.plugin, tt.level, got, tt.idle)
		}
	}
}

func TestPlugin_IdleIsWarnedOnce(t *testing.T) {
	lines := captureLog(t)
	push := newRouter(true, newPluginContainer())
	// The design document does this: it must work, and say that it is useless.
	push.Group("push").RegFunc("/x", func(*int) {}, headerOnly{"AliasPlugin"})
	warnings := lines.with("AliasPlugin")
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "WARN ") ||
		!strings.Contains(warnings[0], "PostReadPullHeader") || !strings.Contains(warnings[0], "push handler /push/x") {
		t.Errorf("logged %q", warnings)
	}
	err := push.TryRegFunc("/y", func(*int) {}, headerOnly{"AliasPlugin"})
	var idle *IdlePluginError
	if !errors.As(err, &idle) || idle.Plugin != "AliasPlugin" || fmt.Sprint(idle.Hooks) != "[PostReadPullHeader]" {
		t.Errorf("the error-returning twin gives %v", err)
	}
	if _, ok := push.lookup("/y"); !ok {
		t.Error("the handler with the idle plugin is not registered")
	}
	if n := len(lines.with("AliasPlugin")); n != 1 {
		t.Errorf("%d lines: the twin logged as well", n)
	}
}

func TestPlugin_HookErrorsAreLogged(t *testing.T) {
	lines := captureLog(t)
	var trace []string
	c := newPluginContainer()
	c.Add(&allHooks{name: "auth", trace: &trace, fail: NewRerror(401, "a\nb", "")})
	c.postDial(nil)
	c.preReadPullBody(nil)
	got := lines.with("auth-")
	want := []string{
		`DEBUG auth-PostDialPlugin({"code":401,"message":"a\nb"})`,
		`ERROR auth-PreReadPullBodyPlugin({"code":401,"message":"a\nb"})`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("logged %q, want %q", got, want)
	}
}
