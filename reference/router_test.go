package tp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

func echo(args *string) (string, *Rerror) { return *args, nil }

func TestRouter_ExactMatch(t *testing.T) {
	quiet(t)
	r := newRouter(false, newPluginContainer())
	r.RegFunc("add", func(a *[2]int) (int, *Rerror) { return a[0] + a[1], nil })
	r.Group("v1/x").Group("/Y/").RegFunc("Echo", echo)
	for _, path := range []string{"/add", "/v1/x/Y/Echo"} {
		if h, ok := r.lookup(path); !ok || h.Name() != path {
			t.Errorf("%s is not found", path)
		}
	}
	for _, path := range []string{"add", "/add/", "/Add", "/v1/x/y/echo", "", "/", "//add"} {
		if h, ok := r.lookup(path); ok {
			t.Errorf("%q found %s", path, h.Name())
		}
	}
}

func TestRouter_Functions(t *testing.T) {
	quiet(t)
	pull, push := newRouter(false, newPluginContainer()), newRouter(true, newPluginContainer())
	pull.RegFunc("/plain", echo)
	pull.RegFunc("/ctx", func(ctx PullCtx, args *string) (string, *Rerror) { return ctx.Uri() + *args, nil })
	HandlePull(pull, "/typed", func(ctx PullCtx, args *string) (string, *Rerror) { return "t" + ctx.Uri() + *args, nil })
	HandlePull(pull, "/iface", func(ctx PullCtx, args *any) (any, *Rerror) { return nil, nil })
	pull.RegFunc("/fail", func(args *string) (int, *Rerror) { return 0, NewRerror(1001, *args, "") })
	pull.RegFunc("/partial", func(args *string) (map[string]bool, *Rerror) {
		return map[string]bool{"partial": true}, NewRerror(1006, "with body", "")
	})
	pull.RegFunc("/typednil", func(args *string) (*int, *Rerror) { return nil, nil })
	tests := []struct{ path, want string }{
		{"/plain", "a <nil>"}, {"/ctx", "/ua <nil>"}, {"/typed", "t/ua <nil>"}, {"/fail", `<nil> {"code":1001,"message":"a"}`},
		{"/partial", `map[partial:true] {"code":1006,"message":"with body"}`}, {"/typednil", "<nil> <nil>"},
	}
	for _, tt := range tests {
		h := find(t, pull, tt.path)
		arg := h.newArg()
		*arg.(*string) = "a"
		result, rerr := h.call(&testCtx{uri: "/u"}, arg)
		if got := fmt.Sprint(result, " ", orNil(rerr)); got != tt.want {
			t.Errorf("%s gives %q, want %q", tt.path, got, tt.want)
		}
	}
	if got, _ := find(t, pull, "/typednil").call(&testCtx{}, new(string)); got == nil {
		t.Error("a typed nil result lost its type: codecs write it as null")
	}
	if got, _ := find(t, pull, "/iface").call(&testCtx{}, new(any)); got != nil {
		t.Errorf("a nil interface became %T", got)
	}
	var got []string
	push.RegFunc("/plain", func(args *string) { got = append(got, *args) })
	push.RegFunc("/ctx", func(ctx PushCtx, args *string) { got = append(got, ctx.Uri()+*args) })
	HandlePush(push, "/typed", func(ctx PushCtx, args *string) { got = append(got, "t"+*args) })
	for _, path := range []string{"/plain", "/ctx", "/typed"} {
		s := "p"
		find(t, push, path).call(&testCtx{uri: "/u"}, &s)
	}
	if !slices.Equal(got, []string{"p", "/up", "tp"}) {
		t.Errorf("pushes gave %q", got)
	}
}

func orNil(r *Rerror) any {
	if r == nil {
		return nil
	}
	return r
}

func TestRouter_RawArguments(t *testing.T) {
	quiet(t)
	r := newRouter(false, newPluginContainer())
	r.RegFunc("/bytes", func(*[]byte) (any, *Rerror) { return nil, nil })
	r.RegFunc("/raw", func(*packet.RawBody) (any, *Rerror) { return nil, nil })
	r.RegFunc("/string", echo)
	HandlePull(r, "/typed", func(PullCtx, *[]byte) (any, *Rerror) { return nil, nil })
	for path, want := range map[string]bool{"/bytes": true, "/raw": true, "/typed": true, "/string": false} {
		if h := find(t, r, path); h.rawBody != want {
			t.Errorf("%s: raw %v, want %v", path, h.rawBody, want)
		}
	}
}

func TestRouter_FunctionMistakes(t *testing.T) {
	quiet(t)
	r := newRouter(false, newPluginContainer())
	r.RegFunc("/taken", echo)
	for _, tt := range []struct {
		name string
		fn   any
		says string
	}{
		{"/x", nil, "want a function"}, {"/x", 5, "want a function"}, {"/x", (func(*int) (int, *Rerror))(nil), "want a function"},
		{"/x", func(*int) {}, "want the results"}, {"/x", func(PushCtx, *int) (int, *Rerror) { return 0, nil }, "want one argument"},
		{"/x", func(...*int) (int, *Rerror) { return 0, nil }, "want one argument"}, {"/taken", echo, "has a handler already"},
	} {
		err := r.TryRegFunc(tt.name, tt.fn)
		var re *RegisterError
		if !errors.As(err, &re) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "pull handler "+tt.name) {
			t.Errorf("%T: got %v, want one that says %q", tt.fn, err, tt.says)
		}
	}
	defer func() {
		if err, ok := recover().(*RegisterError); !ok || !strings.Contains(err.Error(), "this is the pull router") {
			t.Errorf("HandlePush on the pull router: %v", err)
		}
	}()
	HandlePush(r, "/y", func(PushCtx, *int) {})
}

func TestRouter_Unknown(t *testing.T) {
	quiet(t)
	answer := func(s string) func(UnknownPullCtx) (any, *Rerror) {
		return func(ctx UnknownPullCtx) (any, *Rerror) { return s, nil }
	}
	r := newRouter(false, newPluginContainer())
	if _, ok := r.lookup("/none"); ok {
		t.Fatal("found something in an empty router")
	}
	r.SetUnknown(answer("root"))
	g := r.Group("a")
	g.RegFunc("known", echo)
	g.SetUnknown(answer("a"))
	g.Group("b").SetUnknown(answer("old"))
	g.Group("b").SetUnknown(answer("a/b")) // covers
	for path, want := range map[string]string{
		"/x": "root", "x": "root", "": "root", "/ab": "root", "/a": "a", "/a/": "a", "/a/x": "a", "/a/bc": "a",
		"/a/b": "a/b", "/a/b/c/d": "a/b",
	} {
		h := find(t, r, path)
		if got, _ := h.call(&testCtx{}, h.newArg()); got != want || !h.IsUnknown() || !h.rawBody {
			t.Errorf("%q is served by %v, want %s", path, got, want)
		}
	}
	if h := find(t, r, "/a/known"); h.IsUnknown() {
		t.Error("the unknown handler hides a known one")
	}
}

type namedUnknown func(UnknownPullCtx) (interface{}, *Rerror)

func TestRouter_UnknownForms(t *testing.T) {
	quiet(t)
	pull, push := newRouter(false, newPluginContainer()), newRouter(true, newPluginContainer())
	ctx := &testCtx{uri: "/u", body: []byte("body")}
	pull.SetUnknown(func(ctx UnknownPullCtx, body *[]byte) (interface{}, *Rerror) { return string(*body) + ctx.Uri(), nil })
	if got, _ := find(t, pull, "/").call(ctx, nil); got != "body/u" {
		t.Errorf("got %v", got)
	}
	pull.SetUnknown(namedUnknown(func(ctx UnknownPullCtx) (interface{}, *Rerror) { return string(ctx.InputBodyBytes()), nil }))
	if got, _ := find(t, pull, "/").call(ctx, nil); got != "body" {
		t.Errorf("got %v", got)
	}
	var seen string
	push.SetUnknown(func(ctx UnknownPushCtx, body *[]byte) { seen = string(*body) })
	find(t, push, "/").call(ctx, nil)
	if seen != "body" {
		t.Errorf("push got %q", seen)
	}
	push.SetUnknown(func(ctx UnknownPushCtx) { seen = ctx.Uri() })
	find(t, push, "/").call(ctx, nil)
	if seen != "/u" {
		t.Errorf("push got %q", seen)
	}
	for _, fn := range []any{nil, 1, func() {}, func(UnknownPushCtx) {}, namedUnknown(nil), func(UnknownPullCtx) any { return nil }} {
		err := pull.TrySetUnknown(fn)
		var re *RegisterError
		if !errors.As(err, &re) || !strings.Contains(err.Error(), "func(tp.UnknownPullCtx, *[]byte)") {
			t.Errorf("%T: got %v", fn, err)
		}
	}
	if err := push.TrySetUnknown(func(UnknownPullCtx) (any, *Rerror) { return nil, nil }); err == nil {
		t.Error("the push router took a pull handler")
	}
}

func TestRouter_PluginLevels(t *testing.T) {
	quiet(t)
	var trace []string
	p := func(name string) Plugin { return &allHooks{name: name, trace: &trace} }
	peer := newPluginContainer()
	peer.Add(p("peer"))
	r := newRouter(false, peer)
	shared := p("shared")
	g := r.Group("a", p("a"), shared)
	g.RegFunc("x", echo, p("reg"))
	r.Group("b", shared).SetUnknown(func(UnknownPullCtx) (any, *Rerror) { return nil, nil }, p("unknown"))
	if want := []string{"peer.PostReg", "a.PostReg", "shared.PostReg", "reg.PostReg"}; !slices.Equal(trace, want) {
		t.Errorf("registration ran %v, want %v", trace, want)
	}
	trace = nil
	find(t, r, "/a/x").plugins.preReadPullBody(nil)
	find(t, r, "/b/any").plugins.preReadPullBody(nil)
	if want := []string{"peer.PreReadPullBody", "a.PreReadPullBody", "shared.PreReadPullBody", "reg.PreReadPullBody",
		"peer.PreReadPullBody", "shared.PreReadPullBody", "unknown.PreReadPullBody"}; !slices.Equal(trace, want) {
		t.Errorf("body hooks ran %v, want %v", trace, want)
	}
	trace = nil
	// Header hooks of groups run for every packet, each plugin once, after the
	// peer's own (which the engine runs), and those of handlers not at all.
	r.headerHooks().postReadPullHeader(nil)
	r.PluginContainer().Add(p("late"))
	g.PluginContainer().Remove("a")
	r.headerHooks().postReadPullHeader(nil)
	if want := []string{"a.PostReadPullHeader", "shared.PostReadPullHeader", "late.PostReadPullHeader", "shared.PostReadPullHeader"}; !slices.Equal(trace, want) {
		t.Errorf("header hooks ran %v, want %v", trace, want)
	}
}

func TestRouter_PostRegRefuses(t *testing.T) {
	quiet(t)
	var trace []string
	refuse := NewRerror(1001, "not this one", "")
	r := newRouter(false, newPluginContainer())
	err := r.TryReg(new(Home), &allHooks{name: "p", trace: &trace, fail: refuse})
	var re *RegisterError
	var rerr *Rerror
	if !errors.As(err, &re) || !errors.As(err, &rerr) || rerr != refuse {
		t.Errorf("got %v", err)
	}
	if _, ok := r.lookup("/home/test"); ok {
		t.Error("a refused handler is registered")
	}
	if err := r.TryReg(new(Home)); err != nil {
		t.Errorf("the path stayed taken: %v", err)
	}
	if _, err := r.TryGroup("g", nil); !errors.As(err, &re) {
		t.Errorf("a nil plugin on a group: %v", err)
	}
}

func TestRouter_ControllerIsAllOrNothing(t *testing.T) {
	quiet(t)
	r := newRouter(false, newPluginContainer())
	r.RegFunc("/home/user_i_d", echo)
	if err := r.TryReg(new(Home)); err == nil || !strings.Contains(err.Error(), "/home/user_i_d") {
		t.Errorf("got %v", err)
	}
	if _, ok := r.lookup("/home/test"); ok {
		t.Error("half of a controller is registered")
	}
}

func TestRouter_RegWhileServing(t *testing.T) {
	quiet(t)
	r := newRouter(false, newPluginContainer())
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				r.Group(fmt.Sprint("g", g)).RegFunc(fmt.Sprint(i), echo)
				r.SetUnknown(func(UnknownPullCtx) (any, *Rerror) { return nil, nil })
				r.TryRegFunc("/one", echo)
			}
		})
		wg.Go(func() {
			for i := range 500 {
				r.lookup(fmt.Sprintf("/g%d/%d", g, i%50))
				r.headerHooks().postReadPullHeader(nil)
			}
		})
	}
	wg.Wait()
	for g := range 4 {
		for i := range 50 {
			if h := find(t, r, fmt.Sprintf("/g%d/%d", g, i)); h.IsUnknown() {
				t.Fatalf("%s is lost", h.Name())
			}
		}
	}
}

func TestRouter_LookupTakesNoMemory(t *testing.T) {
	quiet(t)
	r := newRouter(false, newPluginContainer())
	r.Group("group").Reg(new(Home))
	if n := testing.AllocsPerRun(100, func() { r.lookup("/group/home/test"); r.lookup("/none") }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
