package tp

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// testCtx is a context for handlers called without a peer.
type testCtx struct {
	handleCtx
	uri   string
	body  []byte
	codec byte
}

func (c *testCtx) Uri() string            { return c.uri }
func (c *testCtx) Query() url.Values      { _, q, _ := parseUri(c.uri); return parseQuery(q) }
func (c *testCtx) InputBodyBytes() []byte { return slices.Clone(c.body) }
func (c *testCtx) GetBodyCodec() byte     { return c.codec }

func find(t *testing.T, r *Router, path string) *Handler {
	t.Helper()
	h, ok := r.lookup(path)
	if !ok {
		t.Fatalf("no handler for %s", path)
	}
	return h
}

type Home struct {
	PullCtx
	count  int
	shared *int
}

func (h *Home) Test(args *[2]int) (int, *Rerror) {
	h.count++
	if h.shared != nil {
		*h.shared++
	}
	return args[0] + args[1] + 100*h.count, nil
}

func (h *Home) UserID(args *string) (string, *Rerror) { return *args + h.Uri(), nil }

func TestController_FreshValuePerRequest(t *testing.T) {
	quiet(t)
	shared := 0
	r := newRouter(false, newPluginContainer())
	home := &Home{count: 1, shared: &shared}
	r.Group("group").Reg(home)
	home.count = 50 // after Reg: the copy does not see it
	h := find(t, r, "/group/home/test")
	for range 3 {
		got, rerr := h.call(&testCtx{}, &[2]int{1, 2})
		if got != 203 || rerr != nil {
			t.Errorf("got %v %v, want 203: a request saw another's state", got, rerr)
		}
	}
	if shared != 3 || home.count != 50 {
		t.Errorf("shared %d, registered value's count %d", shared, home.count)
	}
	if h.ArgElemType().String() != "[2]int" || h.ReplyType().String() != "int" || h.IsPush() || !h.IsPull() || h.IsUnknown() {
		t.Errorf("handler says %v %v", h.ArgElemType(), h.ReplyType())
	}
	if _, ok := h.NewArgValue().Interface().(*[2]int); !ok {
		t.Error("NewArgValue is no *[2]int")
	}
	s := "x"
	if got, _ := find(t, r, "/group/home/user_i_d").call(&testCtx{uri: "/u"}, &s); got != "x/u" {
		t.Errorf("the context did not come through: %v", got)
	}
}

func TestController_ConcurrentRequestsShareNothing(t *testing.T) {
	quiet(t)
	r := newRouter(false, newPluginContainer())
	r.Reg(new(Home))
	h := find(t, r, "/home/user_i_d")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			s, uri := "a", fmt.Sprint("/", i)
			if got, _ := h.call(&testCtx{uri: uri}, &s); got != "a"+uri {
				t.Errorf("got %v, want a%s", got, uri)
			}
		})
	}
	wg.Wait()
}

type Base struct{ PullCtx }
type Deep struct {
	Y int
	Base
}

func (d *Deep) Get(args *int) (string, *Rerror) { return fmt.Sprintln(d.Y, *args, d.Uri()), nil }

type PtrBase struct {
	Pad [3]int
	N   int
	PullCtx
}
type ByPointer struct {
	Y int
	*PtrBase
}

func (d *ByPointer) Get(args *int) (string, *Rerror) {
	d.N++
	return fmt.Sprintln(d.Y, d.N, d.Pad, d.Uri()), nil
}

type hidden struct{ PullCtx }
type InHidden struct {
	Y int
	hidden
}

func (d *InHidden) Get(args *int) (string, *Rerror) { return fmt.Sprintln(d.Y, d.Uri()), nil }

// The original wrote the context to the inner field's offset counted from the
// outer struct: over Y here.
func TestController_NestedEmbedding(t *testing.T) {
	quiet(t)
	r := newRouter(false, newPluginContainer())
	base := &PtrBase{N: 7, Pad: [3]int{1, 2, 3}}
	r.Reg(&Deep{Y: 42})
	r.Reg(&ByPointer{Y: 43, PtrBase: base})
	r.Reg(&InHidden{Y: 44})
	one := 1
	for path, want := range map[string]string{"/deep/get": "42 1 /u", "/by_pointer/get": "43 8 [1 2 3] /u", "/in_hidden/get": "44 /u"} {
		h := find(t, r, path)
		for range 2 {
			got, _ := h.call(&testCtx{uri: "/u"}, &one)
			if got != want+"\n" {
				t.Errorf("%s gives %q, want %q", path, got, want)
			}
		}
	}
	if base.N != 7 || base.PullCtx != nil {
		t.Error("a request changed the registered value behind the embedded pointer")
	}
}

type Own struct{ PullCtx }

func (*Own) Query(args *int) (int, *Rerror) { return *args + 1, nil } // hides PullCtx.Query: a handler
func (*Own) Uri() string                    { return "override" }     // same form: an override, no handler

func TestController_MethodsThatHideTheContexts(t *testing.T) {
	quiet(t)
	r := newRouter(false, newPluginContainer())
	r.Reg(new(Own))
	one := 1
	if got, _ := find(t, r, "/own/query").call(&testCtx{}, &one); got != 2 {
		t.Errorf("got %v, want 2", got)
	}
	if h, ok := r.lookup("/own/uri"); ok {
		t.Errorf("an override became the handler %s", h.Name())
	}
}

type Pushed struct {
	PushCtx
	got *[]string
}

func (p *Pushed) Test(args *map[string]any) {
	*p.got = append(*p.got, fmt.Sprint(*args, " ", p.Query().Get("tag")))
}
func (p *Pushed) Bind(args *int) *Rerror { return NewRerror(int32(*args), "from push", "") }

func TestController_Push(t *testing.T) {
	quiet(t)
	var got []string
	r := newRouter(true, newPluginContainer())
	r.Reg(&Pushed{got: &got})
	h := find(t, r, "/pushed/test")
	if result, rerr := h.call(&testCtx{uri: "/pushed/test?tag=from home-test"}, &map[string]any{"a": 1}); result != nil || rerr != nil {
		t.Errorf("got %v %v", result, rerr)
	}
	if !slices.Equal(got, []string{"map[a:1] from home-test"}) || !h.IsPush() || h.ReplyType() != nil {
		t.Errorf("got %q", got)
	}
	n := 1001
	if _, rerr := find(t, r, "/pushed/bind").call(&testCtx{}, &n); rerr == nil || rerr.Code != 1001 {
		t.Errorf("a push handler's error is lost: %v", rerr)
	}
}

type noCtx struct{}
type NoMethods struct{ PullCtx }
type BadMethod struct{ PullCtx }

func (*BadMethod) Get(args int) (int, *Rerror) { return 0, nil }

type BadResult struct{ PullCtx }

func (*BadResult) Get(args *int) (int, error) { return 0, nil }

type HidesBadly struct{ PullCtx }

func (*HidesBadly) Query() string { return "" }

type ChanArg struct{ PullCtx }

func (*ChanArg) Get(args *chan int) (int, *Rerror) { return 0, nil }

type hiddenPtr struct{ PullCtx }
type InHiddenPtr struct{ *hiddenPtr }

func (*InHiddenPtr) Get(args *int) (int, *Rerror) { return 0, nil }

func TestController_Mistakes(t *testing.T) {
	quiet(t)
	var nilHome *Home
	for _, tt := range []struct {
		ctrl any
		says string
	}{
		{nil, "pointer to a struct"}, {Home{}, "pointer to a struct"}, {nilHome, "nil *tp.Home"}, {new(int), "pointer to a struct"},
		{new(noCtx), "does not embed"}, {&struct{ PullCtx }{}, "no name"}, {new(NoMethods), "has no method"},
		{new(BadMethod), "method Get of *tp.BadMethod: want one argument"}, {new(BadResult), "want the results of func(args *T) (R, *tp.Rerror)"},
		{new(HidesBadly), "hides the context's method"}, {new(ChanArg), "no body can be decoded"},
		{new(InHiddenPtr), "not exported"}, {new(Pushed), "does not embed tp.PullCtx"},
	} {
		r := newRouter(false, newPluginContainer())
		err := r.TryReg(tt.ctrl)
		re, ok := err.(*RegisterError)
		if !ok || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%T: got %v, want one that says %q", tt.ctrl, err, tt.says)
			continue
		}
		func() {
			defer func() {
				if p, ok := recover().(*RegisterError); !ok || p.Error() != re.Error() {
					t.Errorf("%T: Reg panicked with %v", tt.ctrl, p)
				}
			}()
			r.Reg(tt.ctrl)
		}()
	}
}
