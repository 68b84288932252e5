package attack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// toy is a subject with faults of a test's choice.
type toy struct {
	tries func(data []byte) attack.Outcome
	closd *atomic.Int32
}

func (t toy) Name() string { return "toy" }

func (t toy) Close() error { t.closd.Add(1); return nil }

func (t toy) Try(_ context.Context, data []byte) attack.Outcome { return t.tries(data) }

// toys gives options that attack a toy, and the number of those that were closed.
func toys(f func([]byte) attack.Outcome) (attack.Options, *atomic.Int32) {
	n := new(atomic.Int32)
	return attack.Options{Open: func() (attack.Subject, error) { return toy{f, n}, nil }, Tries: 60_000, Hang: -1, Seed: 1}, n
}

// climb is a fault behind three steps, each of a shape of its own.
func climb(data []byte) attack.Outcome {
	out := attack.Outcome{Shape: "start"}
	for i, step := range []string{"\x00", "&", "\xff"} {
		if !bytes.Contains(data, []byte(step)) {
			return out
		}
		out.Shape = fmt.Sprint("step ", i)
	}
	out.Fault = &attack.Fault{Kind: attack.KindWrong, Detail: fmt.Sprintf("wrong with %d bytes", len(data))}
	return out
}

func TestRun_FindsConfirmsAndMinimises(t *testing.T) {
	o, closed := toys(climb)
	o.Seeds = [][]byte{[]byte("a longer seed without any of them")}
	o.Workers = 2
	r, err := attack.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Crashers) != 1 || r.Crashers[0].Flaky || len(r.Crashers[0].Data) != 3 || r.Crashers[0].Found < 3 {
		t.Errorf("found %+v, expected one crasher of three bytes", r.Crashers)
	}
	if r.New != 4 || len(r.Corpus) != 4 || closed.Load() != 2 {
		t.Errorf("%d new, %d kept, %d closed; expected 4, 4 and 2", r.New, len(r.Corpus), closed.Load())
	}
}

func TestRun_SameSeedSameInputs(t *testing.T) {
	run := func(seed uint64) (inputs [][]byte) {
		o, _ := toys(func(data []byte) attack.Outcome {
			inputs = append(inputs, slices.Clone(data))
			return attack.Outcome{Shape: fmt.Sprint(len(data))}
		})
		o.Seeds, o.Tries, o.Seed = [][]byte{[]byte("seed"), {0, 0, 0, 6, 'f', 0}}, 3000, seed
		if _, err := attack.Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		return inputs
	}
	first := run(7)
	if len(first) != 3000 || string(first[0]) != "seed" {
		t.Fatalf("%d inputs, the first %q", len(first), first[0])
	}
	if !slices.EqualFunc(first, run(7), bytes.Equal) {
		t.Error("the same seed gives other inputs")
	}
	if slices.EqualFunc(first, run(8), bytes.Equal) {
		t.Error("another seed gives the same inputs")
	}
}

func TestRun_OneCrasherACause(t *testing.T) {
	o, _ := toys(func(data []byte) attack.Outcome {
		return attack.Outcome{Shape: "x", Fault: &attack.Fault{Kind: attack.KindPanic, Detail: fmt.Sprintf("index %d out of %q", len(data), data)}}
	})
	o.Tries, o.Seeds = 500, [][]byte{[]byte("abc")}
	r, err := attack.Run(t.Context(), o)
	if err != nil || len(r.Crashers) != 1 {
		t.Errorf("%d crashers, %v; expected one", len(r.Crashers), err)
	}
}

func TestRun_StopsAfterEnoughCrashers(t *testing.T) {
	o, _ := toys(func(data []byte) attack.Outcome {
		return attack.Outcome{Shape: "x", Fault: &attack.Fault{Kind: attack.KindWrong, Detail: "x", Cause: fmt.Sprintf("%c", 'a'+len(data)%26)}}
	})
	o.Stop, o.Minimise, o.Seeds = 3, -1, [][]byte{[]byte("abc")}
	if r, err := attack.Run(t.Context(), o); err != nil || len(r.Crashers) != 3 {
		t.Errorf("%d crashers, %v; expected 3", len(r.Crashers), err)
	}
}

// A fault that does not come again is told as such, and never dropped.
func TestRun_FlakyFault(t *testing.T) {
	n := 0
	o, _ := toys(func([]byte) attack.Outcome {
		if n++; n == 5 {
			return attack.Outcome{Fault: &attack.Fault{Kind: attack.KindWrong, Detail: "once"}}
		}
		return attack.Outcome{}
	})
	o.Tries = 50
	if r, err := attack.Run(t.Context(), o); err != nil || len(r.Crashers) != 1 || !r.Crashers[0].Flaky {
		t.Errorf("%+v, %v; expected one flaky crasher", r.Crashers, err)
	}
}

func TestRun_HangIsFoundAndEnds(t *testing.T) {
	free := make(chan struct{})
	defer close(free)
	o, _ := toys(func(data []byte) attack.Outcome {
		if len(data) == 3 {
			<-free
		}
		return attack.Outcome{Shape: fmt.Sprint(len(data))}
	})
	o.Hang, o.Tries, o.Seeds = 20*time.Millisecond, 0, [][]byte{[]byte("ab"), []byte("abc")}
	r, err := attack.Run(t.Context(), o)
	if err != nil || !r.Hung || len(r.Crashers) != 1 || r.Crashers[0].Fault.Kind != attack.KindHang || string(r.Crashers[0].Data) != "abc" {
		t.Errorf("%+v, %v; expected the hang with abc", r, err)
	}
}

func TestRun_SubjectThatCannotGoOn(t *testing.T) {
	gone := errors.New("gone")
	o, closed := toys(func([]byte) attack.Outcome { return attack.Outcome{Err: gone} })
	if _, err := attack.Run(t.Context(), o); !errors.Is(err, gone) || closed.Load() != 1 {
		t.Errorf("%v, %d closed", err, closed.Load())
	}
	open := o.Open
	n := 0
	o.Workers, o.Open = 2, func() (attack.Subject, error) {
		if n++; n == 2 {
			return nil, gone
		}
		return open()
	}
	if _, err := attack.Run(t.Context(), o); !errors.Is(err, gone) || closed.Load() != 2 {
		t.Errorf("%v, %d closed", err, closed.Load())
	}
}

func TestRun_EndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o, _ := toys(func(data []byte) attack.Outcome {
		cancel()
		return attack.Outcome{}
	})
	o.Tries = 0
	if r, err := attack.Run(ctx, o); err != nil || r.Execs == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
