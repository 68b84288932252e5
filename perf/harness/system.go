package harness

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Options say what a call carries and what its handler does. Server and clients of a run are given the same ones.
type Options struct {
	// Size is the number of body bytes. 0: the benchmark message, 581 bytes.
	Size int `json:"size,omitempty"`
	// Codec is "protobuf" (the message of package message), "json" (the same message as JSON), "plain" (a string of
	// Size bytes) or "bytes" (a []byte of Size bytes, undecoded). "": protobuf.
	Codec string `json:"codec,omitempty"`
	// Pipe holds the ids of the transfer filters, as "g". Ours only.
	Pipe string `json:"pipe,omitempty"`
	// Proto is "fast", "json" or "pb". "": fast. Ours only.
	Proto string `json:"proto,omitempty"`
	// Handler is what the handler does before it replies; see ParseHandler. "": echo.
	Handler string `json:"handler,omitempty"`
	// Route is "", "inline" or "blocking": how ours runs its handlers. Ours only.
	Route string `json:"route,omitempty"`
}

// Kind groups systems: what a figure may be compared with.
type Kind string

// The kinds.
const (
	Peer   Kind = "peer"   // ours, with routing, hooks and limits
	Socket Kind = "socket" // ours, packets without a peer
	Floor  Kind = "floor"  // the least that such a loop can cost
	Rival  Kind = "rival"  // another framework
)

// System is something that can be measured.
type System struct {
	// Name is as in tables and flags: "teleport", "teleport/socket", "raw", "erpc".
	Name    string
	Version string
	Kind    Kind
	// Shares says that many callers may share a connection.
	Shares bool
	// Lacks says why cells with these options cannot run, "" where they can. nil: all can.
	Lacks func(o Options) string
	// Listen starts a server at addr; it returns when clients may dial.
	Listen func(addr string, o Options) (Server, error)
	// Dial makes one connection to a server that was started with the same options.
	Dial func(addr string, o Options) (Client, error)
}

// Server is a listening system.
type Server interface {
	// Addr is what clients dial.
	Addr() string
	Close() error
}

// Client is one connection.
type Client interface {
	// Caller returns a function that makes one call and checks its reply against its request. Each goroutine has its
	// own; worker numbers them over all connections from 0. Where the system does not share connections, Caller is
	// called once.
	Caller(worker int) (call func() error, err error)
	Close() error
}

// Pusher is a Client that can also send without a reply.
type Pusher interface {
	Client
	// Pusher returns a function that sends one message nobody answers. Each goroutine has its own.
	Pusher(worker int) (push func() error, err error)
}

// PushCounter is a Server that counts the pushes it has handled.
type PushCounter interface {
	Server
	Pushes() int64
}

// Sleeper is a Client that can make slow calls beside the short ones of Caller, on the same connection: their handler
// sleeps as long as Options.Handler says ("mixed:1ms").
type Sleeper interface {
	Client
	Sleeper(worker int) (call func() error, err error)
}

// Handler is what a handler does before it replies.
type Handler struct {
	Name string        // echo, compute, sleep, mixed, callback, push
	For  time.Duration // of compute, sleep and mixed
}

// ParseHandler reads Options.Handler: "" or "echo" (reply at once), "compute:50us" (keep a core busy so long),
// "sleep:1ms", "mixed:1ms" (the calls of Sleeper sleep, the others echo), "callback" (call the caller back first) or
// "push" (push to the caller first).
func ParseHandler(s string) (Handler, error) {
	name, duration, timed := strings.Cut(s, ":")
	h := Handler{Name: name}
	switch name {
	case "":
		h.Name = "echo"
	case "echo", "callback", "push":
	case "compute", "sleep", "mixed":
		d, err := time.ParseDuration(duration)
		if err != nil || d <= 0 {
			return h, fmt.Errorf("handler %q: expected %s:DURATION, as %s:1ms", s, name, name)
		}
		h.For = d
		return h, nil
	default:
		return h, fmt.Errorf("handler %q: expected echo, compute:50us, sleep:1ms, mixed:1ms, callback or push", s)
	}
	if timed {
		return h, fmt.Errorf("handler %q: %s takes no duration", s, name)
	}
	return h, nil
}

// Work does what a compute or sleep handler has to do, for any system.
func (h Handler) Work() {
	switch h.Name {
	case "compute":
		for start := time.Now(); time.Since(start) < h.For; {
		}
	case "sleep":
		time.Sleep(h.For)
	}
}

// Mode is how many connections the clients of a cell have: "conn" (one each) or "sharedK" (K in all).
type Mode string

// Connections gives the number of connections of so many clients.
func (m Mode) Connections(clients int) (int, error) {
	if m == "conn" {
		return clients, nil
	}
	k, err := strconv.Atoi(strings.TrimPrefix(string(m), "shared"))
	if err != nil || k < 1 || !strings.HasPrefix(string(m), "shared") {
		return 0, fmt.Errorf("mode %q: expected conn, shared1, shared8 or sharedK", string(m))
	}
	return min(k, clients), nil
}
