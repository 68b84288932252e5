// Package rivaltest tries a rival out.
package rivaltest

import (
	"sync"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Exercise makes calls of ten callers, over connections of their own and, where the rival has it, over a shared one.
// The handlers answer at once, or take a while. It sees to it that each connection of the harness is one of TCP.
func Exercise(t *testing.T, s harness.System) {
	for _, c := range []struct {
		name   string
		shared bool
		o      harness.Options
		calls  int
	}{
		{"own", false, harness.Options{}, 50},
		{"own, compute", false, harness.Options{Handler: "compute:10us"}, 5},
		{"own, sleep", false, harness.Options{Handler: "sleep:1ms"}, 3},
		{"shared", true, harness.Options{}, 50},
		{"shared, sleep", true, harness.Options{Handler: "sleep:1ms"}, 3},
	} {
		if c.shared && !s.Shares {
			continue
		}
		t.Run(s.Name+"/"+c.name, func(t *testing.T) { calls(t, s, c.o, c.shared, 10, c.calls) })
	}
	t.Run(s.Name+"/lacks", func(t *testing.T) {
		for _, o := range []harness.Options{{Codec: "json"}, {Size: 1}, {Pipe: "g"}, {Handler: "callback"}, {Handler: "nap"}} {
			if s.Lacks(o) == "" {
				t.Errorf("%+v: lacks nothing", o)
			}
			if _, err := s.Listen("127.0.0.1:0", o); err == nil {
				t.Errorf("%+v: Listen gives no error", o)
			}
			if _, err := s.Dial("127.0.0.1:1", o); err == nil {
				t.Errorf("%+v: Dial gives no error", o)
			}
		}
	})
	t.Run(s.Name+"/nobody listens", func(t *testing.T) {
		if _, err := s.Dial("127.0.0.1:1", harness.Options{}); err == nil {
			t.Error("Dial gives no error")
		}
	})
}

func calls(t *testing.T, s harness.System, o harness.Options, shared bool, callers, calls int) {
	server, err := s.Listen("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	between, err := newCounter(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer between.close()
	var conns []harness.Client
	defer func() {
		for _, conn := range conns {
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
		}
	}()
	var running sync.WaitGroup
	for worker := range callers {
		if worker == 0 || !shared {
			conn, err := s.Dial(between.addr(), o)
			if err != nil {
				t.Fatal(err)
			}
			conns = append(conns, conn)
			select {
			case <-between.arrived:
			case <-time.After(10 * time.Second):
				t.Fatal("there is no connection after Dial: it must not wait for the first call")
			}
		}
		call, err := conns[len(conns)-1].Caller(worker)
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() {
			for n := range calls {
				if err := call(); err != nil {
					t.Errorf("caller %d, call %d: %v", worker, n, err)
					return
				}
			}
		})
	}
	running.Wait()
	if n := between.accepted.Load(); n != int64(len(conns)) {
		t.Errorf("%d connections after the calls, want %d", n, len(conns))
	}
}
