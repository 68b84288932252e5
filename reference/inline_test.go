package tp

import (
	"encoding/json"
	"math/big"
	"net/netip"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// The gates of these types are the test's, for json makes their values.
var typeGate *gate

type blocksAsJSON struct{ N int }

func (v *blocksAsJSON) UnmarshalJSON([]byte) error { typeGate.pass(); return nil }

type blocksAsText string

func (v *blocksAsText) UnmarshalText([]byte) error { typeGate.pass(); return nil }

// blocksAsMessage is a protobuf message with a method of its own.
type blocksAsMessage struct{ wrapperspb.StringValue }

func (v *blocksAsMessage) UnmarshalVT([]byte) error { typeGate.pass(); return nil }

// blockingJSON is a codec of the user's in the place of the built-in one.
type blockingJSON struct {
	codec.JSON
	g *gate
}

func (c blockingJSON) Unmarshal(b []byte, v any) error {
	if string(b) == `"wait"` {
		c.g.pass()
	}
	return c.JSON.Unmarshal(b, v)
}

// Code of the user's that decodes an argument may wait as long as it likes: the
// reader does not run it, and other calls of the session go on.
func TestInvariant_ReaderRunsNoUserCode_Arguments(t *testing.T) {
	wait := packet.RawBody(`"wait"`)
	tests := []struct {
		name string
		cfg  func(g *gate) PeerConfig
		reg  func(r *Router)
		body packet.RawBody
		id   byte
	}{
		{name: "UnmarshalJSON of the argument", reg: func(r *Router) { r.RegFunc("/wait", func(*blocksAsJSON) (int, *Rerror) { return 1, nil }) }},
		{name: "UnmarshalJSON deep in the argument", body: packet.RawBody(`{"a":[{"k":[{}]}]}`), reg: func(r *Router) {
			r.RegFunc("/wait", func(*struct{ A []map[string][1]*blocksAsJSON }) (int, *Rerror) { return 1, nil })
		}},
		{name: "UnmarshalText of a map's key", body: packet.RawBody(`{"a":1}`), reg: func(r *Router) {
			r.RegFunc("/wait", func(*map[blocksAsText]int) (int, *Rerror) { return 1, nil })
		}},
		{name: "UnmarshalVT of a message", id: 'p', body: packet.RawBody("\x0a\x01x"), reg: func(r *Router) {
			r.RegFunc("/wait", func(*blocksAsMessage) (any, *Rerror) { return nil, nil })
		}},
		{name: "a codec under the id of json", reg: func(r *Router) { r.RegFunc("/wait", func(*string) (int, *Rerror) { return 1, nil }) },
			cfg: func(g *gate) PeerConfig {
				own := codec.NewRegistry(codec.Default())
				own.Reg(blockingJSON{g: g})
				return PeerConfig{Codecs: own}
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := newGate()
				typeGate = g
				cfg := PeerConfig{}
				if tt.cfg != nil {
					cfg = tt.cfg(g)
				}
				inBubbleHere(t, cfg, func(r *rig) {
					tt.reg(r.srv.PullRouter)
					cli, sess := r.dial(PeerConfig{})
					defer cli.Close()
					body, id := tt.body, tt.id
					if body == nil {
						body = wait
					}
					if id == 0 {
						id = 'j'
					}
					blocked := sess.AsyncPull("/wait", body, nil, nil, packet.WithBodyCodec(id))
					<-g.came
					var sum int
					if rerr := sess.Pull("/add", [2]int{1, 2}, &sum).Rerror(); rerr != nil || sum != 3 {
						t.Errorf("another call: %d, %v", sum, rerr)
					}
					close(g.open)
					if rerr := blocked.Rerror(); rerr != nil {
						t.Error(rerr)
					}
				})
			})
		})
	}
}

// pullsBack is a reply that pulls on the session that it came on.
type pullsBack struct {
	sess Session
	sum  int
}

func (v *pullsBack) UnmarshalJSON([]byte) error {
	return v.sess.Pull("/add", [2]int{1, 2}, &v.sum).Rerror().ToError()
}

// The same for replies: one may even need another call's REPLY to be decoded.
func TestInvariant_ReaderRunsNoUserCode_Replies(t *testing.T) {
	own := codec.NewRegistry(codec.Default())
	g := newGate()
	own.Reg(blockingJSON{g: g})
	for name, into := range map[string]func(v *pullsBack) any{
		"the reply itself":                func(v *pullsBack) any { return v },
		"a pointer in the reply":          func(v *pullsBack) any { return &struct{ X *pullsBack }{v} },
		"an interface in the reply":       func(v *pullsBack) any { return &struct{ X any }{v} },
		"an interface that is the reply":  func(v *pullsBack) any { x := any(v); return &x },
		"a slice of what is there before": func(v *pullsBack) any { return &[]any{v} },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				cli, sess := r.dial(PeerConfig{})
				defer cli.Close()
				v := &pullsBack{sess: sess}
				reply := into(v)
				body := map[bool]string{true: `{"X":{}}`, false: "{}"}[name == "a pointer in the reply" || name == "an interface in the reply"]
				if name == "a slice of what is there before" {
					body = "[{}]"
				}
				rerr := sess.Pull("/echo", packet.RawBody(body), reply).Rerror()
				if rerr != nil || v.sum != 3 {
					t.Errorf("got %d, %v", v.sum, rerr)
				}
			})
		})
	}
	t.Run("a codec under the id of json", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g.came, g.open = make(chan struct{}, 10), make(chan struct{})
			inBubbleHere(t, PeerConfig{}, func(r *rig) {
				cli, sess := r.dial(PeerConfig{Codecs: own})
				defer cli.Close()
				blocked := sess.AsyncPull("/echo", packet.RawBody(`"wait"`), new(string), nil)
				<-g.came
				if rerr := sess.Pull("/add", [2]int{1, 2}, new(int)).Rerror(); rerr != nil {
					t.Errorf("another call: %v", rerr)
				}
				close(g.open)
				if rerr := blocked.Rerror(); rerr != nil {
					t.Error(rerr)
				}
			})
		})
	})
}

type plainTree struct {
	Name string
	Kids []*plainTree
}

type tainted struct {
	Next *tainted
	V    struct{ T []blocksAsText }
}

type embedsTime struct{ time.Time }

type wireNumber json.Number

// What the reader decodes itself, by type: nothing that has, or can lead to, a
// method that encoding/json calls, but for the standard library's.
func TestInertTarget_ByType(t *testing.T) {
	var none *any
	held := any(new(blocksAsJSON))
	tests := []struct {
		name       string
		v          any
		fresh, set bool // decided for a fresh value, and for one that the caller gave
	}{
		{"int", new(int), true, true},
		{"string", new(string), true, true},
		{"array", new([2]int), true, true},
		{"map of slices", new(map[string][]float64), true, true},
		{"recursive struct", new(plainTree), true, true},
		{"time.Time", new(time.Time), true, true},
		{"*big.Int inside", new(struct{ N *big.Int }), true, true},
		{"netip.Addr as a key", new(map[netip.Addr]bool), true, true},
		{"url.URL", new(url.URL), true, true},
		{"json.RawMessage", new(json.RawMessage), true, true},
		{"json.Number", new(json.Number), true, true},
		{"type made of json.Number", new(wireNumber), true, true},
		{"empty any", new(any), true, true},
		{"any that holds something", &held, false, false},
		{"nil *any", none, false, false},
		{"any inside", new(struct{ X any }), true, false},
		{"slice of any", new([]any), true, false},
		{"interface with methods inside", new(struct{ X error }), true, false},
		{"UnmarshalJSON", new(blocksAsJSON), false, false},
		{"UnmarshalText", new(blocksAsText), false, false},
		{"pointer to pointer to it", new(**blocksAsJSON), false, false},
		{"as a map's key", new(map[blocksAsText]int), false, false},
		{"as a map's value", new(map[int]blocksAsText), false, false},
		{"deep in a recursive struct", new(tainted), false, false},
		{"embedded from the standard library", new(embedsTime), false, false},
		{"in an unexported field", new(struct{ x blocksAsJSON }), false, false},
	}
	for _, tt := range tests {
		for range 2 { // as worked out, and as remembered
			if fresh, set := inertTarget(tt.v, true), inertTarget(tt.v, false); fresh != tt.fresh || set != tt.set {
				t.Errorf("%s: %v for a fresh value, %v for a given one; want %v and %v", tt.name, fresh, set, tt.fresh, tt.set)
			}
		}
	}
}

// The same by codec and size.
func TestDecodesInline_ByCodecAndSize(t *testing.T) {
	p := NewPeer(PeerConfig{})
	defer p.Close()
	p.Codecs().Reg(&slowCodec{})
	l := &link{sess: &session{peer: p}}
	tests := []struct {
		name string
		id   byte
		size int
		v    any
		want bool
	}{
		{"json", 'j', 1, new(int), true},
		{"json with a method", 'j', 1, new(blocksAsJSON), false},
		{"json, large", 'j', inlineBody + 1, new(int), false},
		{"json, as large as may be", 'j', inlineBody, new(int), true},
		{"no body", 'z', 0, new(blocksAsJSON), true},
		{"nowhere to put it", 'z', 1, nil, true},
		{"a codec of the user's", 'z', 1, new(int), false},
		{"a codec of the user's, raw", 'z', 1, new(packet.RawBody), true},
		{"raw, large", 'j', inlineBody + 1, new([]byte), false},
		{"no such codec", '?', 1, new(int), true},
		{"string, whatever the methods", 's', 1, new(blocksAsText), true},
		{"a generated message", 'p', 1, new(wrapperspb.StringValue), true},
		{"a message with a method", 'p', 1, new(blocksAsMessage), false},
		{"no message", 'p', 1, new(int), false},
	}
	for _, tt := range tests {
		in := packet.NewPacket(packet.WithBodyCodec(tt.id))
		in.SetRawBody(make([]byte, tt.size), 0)
		if got := l.decodesInline(in, tt.v, true); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
