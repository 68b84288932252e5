package xfer_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// every lists the ids of all filters of the standard.
const every = "gzcax"

// side is a registry as one of two parties has it, with keys for AEAD.
func side(t testing.TB, sender uint32) *xfer.Registry {
	t.Helper()
	r := xfer.NewRegistry(xfer.Default())
	r.Reg(party(t, 'a', sender, 1))
	r.Reg(party(t, 'x', sender, 1))
	return r
}

func pipeOf(t testing.TB, r *xfer.Registry, ids string) *xfer.XferPipe {
	t.Helper()
	x := xfer.NewXferPipe()
	if err := x.AppendFromRegistry(r, []byte(ids)...); err != nil {
		t.Fatal(err)
	}
	return x
}

func TestDefault_Preloaded(t *testing.T) {
	for _, id := range []byte("gzc") {
		if f, err := xfer.Get(id); err != nil || f.Id() != id {
			t.Errorf("%c: %v, %v", id, f, err)
		}
	}
	for _, id := range []byte("ax") { // they need keys
		if _, err := xfer.Get(id); err == nil {
			t.Errorf("%c is there without a key", id)
		}
	}
	for _, id := range []byte(every) {
		f, err := side(t, 1).Get(id)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := f.(xfer.Bounded); !ok {
			t.Errorf("%c is not Bounded", id)
		}
		if _, ok := f.(xfer.Appender); !ok {
			t.Errorf("%c is not an Appender", id)
		}
	}
}

// Every pair and triple in both orders comes back, and only in its own order.
func TestFilters_MutualOrder(t *testing.T) {
	send, receive := side(t, 1), side(t, 2)
	content := strings.Repeat("mutual order of filters, ", 40)
	var pipes []string
	for _, a := range every {
		for _, b := range every {
			pipes = append(pipes, string(a)+string(b))
			for _, c := range every {
				pipes = append(pipes, string(a)+string(b)+string(c))
			}
		}
	}
	for _, ids := range pipes {
		packed, err := pipeOf(t, send, ids).AppendPack([]byte("head"), []byte(content))
		if err != nil || string(packed[:4]) != "head" {
			t.Fatalf("%s: %v", ids, err)
		}
		packed = packed[4:]
		was := bytes.Clone(packed)
		got, err := pipeOf(t, receive, ids).AppendUnpack([]byte("front"), packed, 10_000)
		if err != nil || string(got) != "front"+content {
			t.Fatalf("%s: %d bytes back, %v", ids, len(got), err)
		}
		if !bytes.Equal(packed, was) {
			t.Errorf("%s: undoing changed its input", ids)
		}
		clear(packed)
		if string(got) != "front"+content {
			t.Errorf("%s: the output shares memory with the input", ids)
		}
		swapped := ids[1:2] + ids[:1] + ids[2:]
		if swapped == ids {
			continue
		}
		// A checksum behind another filter's output is no checksum; nothing
		// comes back but by its own order.
		var fe *xfer.FilterError
		if _, err := pipeOf(t, receive, swapped).OnUnpackLimit(was, 10_000); !errors.As(err, &fe) {
			t.Errorf("%s undone as %s: %v, want a *FilterError", ids, swapped, err)
		}
	}
}

// A fault is reported at the filter that finds it.
func TestFilters_FaultsName(t *testing.T) {
	send, receive := side(t, 1), side(t, 2)
	content := []byte(strings.Repeat("x", 500))
	for _, outer := range every {
		for _, inner := range every {
			x := pipeOf(t, receive, string(outer)+string(inner))
			for index, packed := range [][]byte{
				content, // not even the outer filter was applied
				must(pipeOf(t, send, string(outer)).OnPack(content)), // the inner one was not
			} {
				var fe *xfer.FilterError
				if _, err := x.OnUnpackLimit(packed, 10_000); !errors.As(err, &fe) || fe.Index != index || fe.Id != x.Ids()[index] {
					t.Errorf("%c%c: %v, want a *FilterError about filter %d", outer, inner, err, index)
				}
			}
		}
	}
}

// The limit holds for every stage, whatever the filter, to the byte.
func TestFilters_LimitOfEveryStage(t *testing.T) {
	send, receive := side(t, 1), side(t, 2)
	content := noise(3000)
	for _, outer := range every {
		for _, inner := range every {
			ids := string(outer) + string(inner)
			x := pipeOf(t, receive, ids)
			middle := must(pipeOf(t, send, string(inner)).OnPack(content))
			packed := must(pipeOf(t, send, string(outer)).OnPack(middle))
			largest, index := max(len(middle), len(content)), 0
			if len(content) > len(middle) {
				index = 1
			}
			if got, err := x.OnUnpackLimit(packed, largest); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s at the limit: %v", ids, err)
			}
			var fe *xfer.FilterError
			if _, err := x.OnUnpackLimit(packed, largest-1); !errors.Is(err, xfer.ErrExceedLimit) || !errors.As(err, &fe) || fe.Index != index {
				t.Errorf("%s one over the limit: %v, want ErrExceedLimit at filter %d", ids, err, index)
			}
		}
	}
}

func TestFilters_InputUntouchedAndNotKept(t *testing.T) {
	send, receive := side(t, 1), side(t, 2)
	for _, id := range every {
		packer, unpacker := pipeOf(t, send, string(id)), pipeOf(t, receive, string(id))
		in := []byte(strings.Repeat("input ", 50))
		was := bytes.Clone(in)
		packed := must(packer.OnPack(in))
		if !bytes.Equal(in, was) {
			t.Errorf("%c: packing changed its input", id)
		}
		clear(in)
		out := must(unpacker.OnUnpackLimit(packed, 1000))
		clear(packed)
		if !bytes.Equal(out, was) {
			t.Errorf("%c: the output changed with the input", id)
		}
		// Nor does a later call change what an earlier one gave.
		must(unpacker.OnUnpackLimit(must(packer.OnPack(noise(300))), 1000))
		if !bytes.Equal(out, was) {
			t.Errorf("%c: a later call changed an earlier output", id)
		}
	}
}

func TestFilters_AppendKeepsWhatIsThere(t *testing.T) {
	send, receive := side(t, 1), side(t, 2)
	for _, id := range []byte(every) {
		f, err := send.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		g, err := receive.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		packed := must(f.(xfer.Appender).AppendPack([]byte("head"), []byte("body")))
		if string(packed[:4]) != "head" {
			t.Errorf("%c: AppendPack: %q", id, packed)
		}
		for _, room := range []int{0, 1000} {
			dst := append(make([]byte, 0, 6+room), "front-"...)
			out, err := g.(xfer.Appender).AppendUnpack(dst, packed[4:], 4)
			if err != nil || string(out) != "front-body" {
				t.Errorf("%c: AppendUnpack: %q, %v", id, out, err)
			}
			out, err = g.(xfer.Appender).AppendUnpack(dst, packed[4:], 3)
			if err == nil || string(out) != "front-" {
				t.Errorf("%c: AppendUnpack over the limit: %q, %v", id, out, err)
			}
		}
	}
}

func TestFilters_Concurrently(t *testing.T) {
	send, receive := side(t, 1), side(t, 2)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			ids := every[i%5:] + every[:i%5]
			for n := range 20 {
				want := fmt.Sprint(strings.Repeat(string(rune('a'+i)), 2000), n)
				packed, err := pipeOf(t, send, ids).OnPack([]byte(want))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := pipeOf(t, receive, ids).OnUnpackLimit(packed, 4000); err != nil || string(got) != want {
					t.Errorf("goroutine %d: %v", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
