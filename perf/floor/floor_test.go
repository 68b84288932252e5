package floor

import (
	"net"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/henrylee2cn/teleport/perf/harness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// exercise makes calls of several callers, over one connection where the system shares it and over one each where
// it does not.
func exercise(t *testing.T, s harness.System, o harness.Options, callers, calls int) {
	t.Helper()
	server, err := s.Listen("127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var clients []harness.Client
	var running sync.WaitGroup
	for worker := range callers {
		if worker == 0 || !s.Shares {
			client, err := s.Dial(server.Addr(), o)
			if err != nil {
				t.Fatal(err)
			}
			clients = append(clients, client)
		}
		call, err := clients[len(clients)-1].Caller(worker)
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
	for _, client := range clients {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestSystems_CheckedCalls(t *testing.T) {
	for _, s := range Systems() {
		for _, o := range []harness.Options{
			{},
			{Handler: "compute:10us"},
			{Handler: "sleep:1ms"},
			{Codec: "bytes", Size: 1},
			{Codec: "bytes", Size: 100_000},
		} {
			t.Run(s.Name+"/"+o.Handler+o.Codec, func(t *testing.T) {
				calls := 50
				if strings.HasPrefix(o.Handler, "sleep") {
					calls = 3
				}
				if why := s.Lacks(o); why != "" {
					if _, err := s.Listen("127.0.0.1:0", o); err == nil || !strings.Contains(err.Error(), why) {
						t.Fatalf("Listen: %v, want an error that says: %s", err, why)
					}
					if _, err := s.Dial("127.0.0.1:1", o); err == nil || !strings.Contains(err.Error(), why) {
						t.Fatalf("Dial: %v, want an error that says: %s", err, why)
					}
					return
				}
				exercise(t, s, o, 10, calls)
			})
		}
	}
}

func TestSystems_Lacking(t *testing.T) {
	for _, o := range []harness.Options{{Pipe: "g"}, {Handler: "callback"}, {Handler: "push"}, {Handler: "nap"}} {
		for _, s := range Systems() {
			if s.Lacks(o) == "" {
				t.Errorf("%s with %+v: lacks nothing", s.Name, o)
			}
		}
	}
}

// Short calls are answered while a slow one of the same connection waits.
func TestGoroutines_MixedCalls(t *testing.T) {
	asleep, wake := make(chan struct{}), make(chan struct{})
	b := messages{work{slow: func() { close(asleep); <-wake }}}
	server, err := listen("127.0.0.1:0", serveGoroutines(b))
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client, err := find(t, "coalescing-goroutine").Dial(server.Addr(), harness.Options{Handler: "mixed:1ms"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	slow, err := client.(harness.Sleeper).Sleeper(0)
	if err != nil {
		t.Fatal(err)
	}
	short, err := client.Caller(1)
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error)
	go func() { result <- slow() }()
	<-asleep
	for range 10 {
		if err := short(); err != nil {
			t.Fatal(err)
		}
	}
	close(wake)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
}

// A caller learns that its connection has ended, whenever it calls.
func TestShared_EndOfConnection(t *testing.T) {
	for _, name := range []string{"coalescing", "one-write-per-packet"} {
		t.Run(name, func(t *testing.T) {
			s := find(t, name)
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			client, err := s.Dial(listener.Addr().String(), harness.Options{})
			if err != nil {
				t.Fatal(err)
			}
			conn, err := listener.Accept()
			if err != nil {
				t.Fatal(err)
			}
			call, err := client.Caller(0)
			if err != nil {
				t.Fatal(err)
			}
			result := make(chan error)
			go func() { result <- call() }()
			if _, err := newFrameReader(conn, rawBuffer).next(); err != nil {
				t.Fatal(err)
			}
			conn.Close()
			if err := <-result; err == nil {
				t.Error("the call under way: no error")
			}
			if err := call(); err == nil {
				t.Error("a call after the end: no error")
			}
			client.Close()
			if _, err := client.Caller(1); err == nil {
				t.Error("Caller after the end: no error")
			}
		})
	}
}

// Replies that are not the call's are noticed.
func TestShared_WrongReplies(t *testing.T) {
	request, _ := newStamped(0, 8).request(nil)
	for name, reply := range map[string][]byte{
		"another body":   endFrame(append(beginFrame(nil, 0), 1, 2, 3), 0),
		"another caller": endFrame(append(beginFrame(nil, 7), request...), 0),
		"too short":      {0, 0, 0, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := listen("127.0.0.1:0", func(conn net.Conn) {
				in := newFrameReader(conn, rawBuffer)
				for {
					if _, err := in.next(); err != nil {
						return
					}
					conn.Write(reply)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			client, err := find(t, "coalescing-nocodec").Dial(server.Addr(), harness.Options{Size: 8})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			call, err := client.Caller(0)
			if err != nil {
				t.Fatal(err)
			}
			if err := call(); err == nil {
				t.Error("no error")
			}
		})
	}
}

func find(t *testing.T, name string) harness.System {
	t.Helper()
	for _, s := range Systems() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no floor %q", name)
	return harness.System{}
}
