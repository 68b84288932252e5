package xfer_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// tag is a filter that puts its id before the payload and takes it away.
type tag byte

func (f tag) Id() byte { return byte(f) }

func (f tag) OnPack(b []byte) ([]byte, error) { return append([]byte{byte(f)}, b...), nil }

func (f tag) OnUnpack(b []byte) ([]byte, error) {
	if len(b) == 0 || b[0] != byte(f) {
		return nil, fmt.Errorf("the tag %c is missing", f)
	}
	return b[1:], nil // a part of the input, as is allowed
}

// same gives its input back.
type same struct{}

func (same) Id() byte                          { return '=' }
func (same) OnPack(b []byte) ([]byte, error)   { return b, nil }
func (same) OnUnpack(b []byte) ([]byte, error) { return b, nil }

func registry() *xfer.Registry {
	r := xfer.NewRegistry(xfer.Default())
	for _, f := range []xfer.XferFilter{tag('a'), tag('b'), same{}} {
		r.Reg(f)
	}
	return r
}

func pipe(t testing.TB, ids string) *xfer.XferPipe {
	t.Helper()
	x := xfer.NewXferPipe()
	if err := x.AppendFromRegistry(registry(), []byte(ids)...); err != nil {
		t.Fatal(err)
	}
	return x
}

func TestXferPipe_Order(t *testing.T) {
	x := pipe(t, "aba")
	got, err := x.OnPack([]byte("-"))
	if err != nil || string(got) != "aba-" {
		t.Fatalf("OnPack = %q, %v; the first listed must be the outer-most", got, err)
	}
	got, err = x.OnUnpack(got)
	if err != nil || string(got) != "-" {
		t.Errorf("OnUnpack = %q, %v", got, err)
	}
}

func TestXferPipe_RoundTrips(t *testing.T) {
	for _, ids := range []string{"", "g", "gg", "ggg", "gag", "g=g", "=g=g=", "ab=g", "gab", "=", "g==gg=a", "gggggg"} {
		for _, want := range samples() {
			x := pipe(t, ids)
			packed, err := x.AppendPack([]byte("head"), []byte(want))
			if err != nil || string(packed[:4]) != "head" {
				t.Fatalf("%q: AppendPack: %v", ids, err)
			}
			got, err := x.AppendUnpack([]byte("front"), packed[4:], maxOut)
			if err != nil || string(got) != "front"+want {
				t.Errorf("%q: %d bytes come back as %d, %v", ids, len(want), len(got), err)
			}
			packed, _ = x.OnPack([]byte(want))
			if got, err = x.OnUnpack(packed); err != nil || string(got) != want {
				t.Errorf("%q: OnUnpack(OnPack) of %d bytes: %d, %v", ids, len(want), len(got), err)
			}
		}
	}
}

func TestXferPipe_255Filters(t *testing.T) {
	x := pipe(t, strings.Repeat("a", 255))
	packed, err := x.OnPack([]byte("x"))
	if err != nil || len(packed) != 256 {
		t.Fatalf("%d bytes, %v", len(packed), err)
	}
	if got, err := x.OnUnpack(packed); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	if x.Len() != 255 || len(x.Ids()) != 255 {
		t.Errorf("Len %d, %d ids", x.Len(), len(x.Ids()))
	}
	if err := x.AppendFilter(tag('a')); !errors.Is(err, xfer.ErrPipeTooLong) || x.Len() != 255 {
		t.Errorf("one more: %v, Len %d", err, x.Len())
	}
	if _, err := x.OnPack(nil); !errors.Is(err, xfer.ErrPipeTooLong) {
		t.Errorf("the failure is forgotten: OnPack gives %v", err)
	}
}

func TestXferPipe_FailuresStick(t *testing.T) {
	var unknown *xfer.UnknownError
	x := pipe(t, "g")
	if err := x.Append('g', 0xee, 'g'); !errors.As(err, &unknown) || unknown.Id != 0xee {
		t.Fatalf("Append: %v, want an *UnknownError", err)
	}
	if string(x.Ids()) != "g" {
		t.Errorf("the failed call added something: %q", x.Ids())
	}
	if err := x.Append('g'); err != nil {
		t.Errorf("a good Append after a failed one: %v", err)
	}
	for name, err := range map[string]error{"Err": x.Err(), "OnPack": second(x.OnPack([]byte("x"))), "OnUnpack": second(x.OnUnpack(nil))} {
		if !errors.As(err, &unknown) {
			t.Errorf("%s gives %v, want the first failure", name, err)
		}
	}
	var y xfer.XferPipe
	y.AppendFrom(x)
	if !errors.As(y.Err(), &unknown) || string(y.Ids()) != "gg" {
		t.Errorf("AppendFrom: %q, %v; want the filters and the failure", y.Ids(), y.Err())
	}
	x.Reset()
	if x.Err() != nil || x.Len() != 0 {
		t.Errorf("after Reset: %v, %d filters", x.Err(), x.Len())
	}
	if err := x.AppendFilter(tag('a'), nil); !errors.Is(err, xfer.ErrNil) || x.Len() != 0 {
		t.Errorf("a nil filter: %v", err)
	}
	y.AppendFrom(nil)
}

func second(_ []byte, err error) error { return err }

func TestXferPipe_FilterErrorNamesTheFilter(t *testing.T) {
	var fe *xfer.FilterError
	_, err := pipe(t, "ab").OnUnpack([]byte("a-"))
	if !errors.As(err, &fe) || fe.Index != 1 || fe.Id != 'b' {
		t.Errorf("%v, want a *FilterError about filter 1", err)
	}
	if err.Error() != "xfer: filter 1 of the pipe (id 98): the tag b is missing" {
		t.Errorf("got %v", err)
	}
	dst, err := pipe(t, "ag").AppendUnpack([]byte("keep"), []byte("a-"), 100)
	if !errors.As(err, &fe) || fe.Index != 1 || fe.Id != 'g' || string(dst) != "keep" {
		t.Errorf("%q, %v, want the old slice and a *FilterError about filter 1", dst, err)
	}
}

// Every stage is held to the limit, not only the last.
func TestXferPipe_LimitOfEveryStage(t *testing.T) {
	tests := []struct {
		name, ids, payload string
		max, index         int // index of the filter that must fail; -1 for none
	}{
		{"plain filter, exact", "a", "12345", 5, -1},
		{"plain filter, one more", "a", "12345", 4, 0},
		{"middle stage, exact", "aab", "12345", 7, -1},
		{"first stage", "aab", "12345", 6, 0},
		{"bounded last stage", "ag", strings.Repeat("x", 1000), 999, 1},
		{"bounded last stage, exact", "ag", strings.Repeat("x", 1000), 1000, -1},
		{"bounded first stage", "ga", strings.Repeat("x", 1000), 1000, 0},
		{"the empty pipe has no stage", "", "12345", 1, -1},
	}
	for _, tt := range tests {
		x := pipe(t, tt.ids)
		packed, err := x.OnPack([]byte(tt.payload))
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.OnUnpackLimit(packed, tt.max)
		var fe *xfer.FilterError
		switch {
		case tt.index < 0 && (err != nil || string(got) != tt.payload):
			t.Errorf("%s: %v", tt.name, err)
		case tt.index >= 0 && (!errors.As(err, &fe) || fe.Index != tt.index || !errors.Is(err, xfer.ErrExceedLimit)):
			t.Errorf("%s: %v, want ErrExceedLimit at filter %d", tt.name, err, tt.index)
		}
	}
}

func TestXferPipe_InputUntouched(t *testing.T) {
	for _, ids := range []string{"g", "gg", "=g", "g=", "aga"} {
		x := pipe(t, ids)
		in := []byte("payload payload")
		packed, err := x.AppendPack(nil, in)
		if err != nil || string(in) != "payload payload" {
			t.Fatalf("%q: %v, input now %q", ids, err, in)
		}
		was := bytes.Clone(packed)
		if _, err := x.AppendUnpack(nil, packed, math.MaxInt); err != nil || !bytes.Equal(was, packed) {
			t.Errorf("%q: %v, input changed: %t", ids, err, !bytes.Equal(was, packed))
		}
	}
}

func TestXferPipe_Range(t *testing.T) {
	var got []string
	x := pipe(t, "gab")
	x.Range(func(i int, f xfer.XferFilter) bool {
		got = append(got, fmt.Sprint(i, string(rune(f.Id()))))
		return f.Id() != 'a'
	})
	if strings.Join(got, " ") != "0g 1a" && strings.Join(got, " ") != "0 g 1 a" {
		t.Errorf("Range visits %q, want the first two", got)
	}
	ids := x.Ids()
	ids[0] = 'x'
	if string(x.Ids()) != "gab" || string(x.AppendIds([]byte("-"))) != "-gab" {
		t.Error("Ids is not a copy")
	}
}

func TestRegistry_Refuses(t *testing.T) {
	r := xfer.NewRegistry(nil)
	r.Reg(tag('a'))
	for name, tt := range map[string]struct {
		f    xfer.XferFilter
		want error
	}{
		"nil":   {nil, xfer.ErrNil},
		"zero":  {tag(0), xfer.ErrZeroId},
		"taken": {tag('a'), xfer.ErrIdTaken},
	} {
		var re *xfer.RegisterError
		if err := r.Add(tt.f); !errors.As(err, &re) || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want a *RegisterError with %v", name, err, tt.want)
		}
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !errors.Is(err, tt.want) {
					t.Errorf("%s: Reg panics with %v", name, err)
				}
			}()
			r.Reg(tt.f)
		}()
	}
	if err := xfer.Default().Add(tag('g')); !errors.Is(err, xfer.ErrIdTaken) {
		t.Errorf("gzip's id: %v", err)
	}
}

func TestReg_IsSeenByOverlays(t *testing.T) {
	over := xfer.NewRegistry(xfer.Default())
	id := byte(200) // what an earlier run has registered stays
	for ; id > 0; id++ {
		if _, err := over.Get(id); err != nil {
			break
		}
	}
	xfer.Reg(tag(id))
	if f, err := over.Get(id); err != nil || f != tag(id) {
		t.Errorf("a filter registered for the process later: %v, %v", f, err)
	}
	err := xfer.Default().Add(tag(id))
	if want := fmt.Sprintf("xfer: cannot register the filter with id %d: the id is already taken", id); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestRegistry_Overlay(t *testing.T) {
	base := xfer.NewRegistry(nil)
	over := xfer.NewRegistry(base)
	base.Reg(tag('a'))
	if f, err := over.Get('a'); err != nil || f != tag('a') {
		t.Errorf("the base's later filter: %v, %v", f, err)
	}
	own, err := xfer.NewGzip('a', 1)
	if err != nil {
		t.Fatal(err)
	}
	over.Reg(own)
	if f, _ := over.Get('a'); f != own {
		t.Error("the overlay's own filter does not win")
	}
	if _, err := over.Get('b'); err == nil || !strings.Contains(err.Error(), "98") {
		t.Errorf("unknown id: %v", err)
	}
}

func TestXferPipe_SharedFiltersConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			x := xfer.NewXferPipe()
			if err := x.Append('g', 'g'); err != nil {
				t.Error(err)
				return
			}
			want := strings.Repeat(string(rune('a'+i)), 2000)
			for range 20 {
				packed, err := x.OnPack([]byte(want))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := x.OnUnpackLimit(packed, 2000); err != nil || string(got) != want {
					t.Errorf("goroutine %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
