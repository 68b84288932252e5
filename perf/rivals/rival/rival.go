// Package rival is what the other frameworks have in common in the harness: one message, one codec, one handler, and
// one loop that checks every reply.
package rival

import (
	"fmt"
	"runtime/debug"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/message"
)

// Msg is what every call carries.
type Msg = message.BenchmarkMessage

// Rival is a framework with the calls of it that a measured loop takes.
type Rival struct {
	Name   string
	Module string // whose version is reported; "": the standard library
	Shares bool   // many callers may share a connection
	// Serve starts a server that runs h on each request, and sends the changed request back.
	Serve func(addr string, h Handler) (harness.Server, error)
	// Dial makes one connection, and does not return before it is made.
	Dial func(addr string) (harness.Client, error)
}

// System is the rival as the harness wants it.
func (r Rival) System() harness.System {
	return harness.System{
		Name: r.Name, Version: version(r.Module), Kind: harness.Rival, Shares: r.Shares,
		Lacks: func(o harness.Options) string {
			_, lacks := newHandler(o)
			return lacks
		},
		Listen: func(addr string, o harness.Options) (harness.Server, error) {
			h, lacks := newHandler(o)
			if lacks != "" {
				return nil, fmt.Errorf("%s: %s", r.Name, lacks)
			}
			return r.Serve(addr, h)
		},
		Dial: func(addr string, o harness.Options) (harness.Client, error) {
			if _, lacks := newHandler(o); lacks != "" {
				return nil, fmt.Errorf("%s: %s", r.Name, lacks)
			}
			return r.Dial(addr)
		},
	}
}

// version is what the program was built with.
func version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	if module == "" {
		return info.GoVersion
	}
	for _, m := range info.Deps {
		if m.Path == module {
			return m.Version
		}
	}
	return ""
}

// Handler is what every server does with a request.
type Handler struct {
	work func() // nil: nothing besides answering
}

func newHandler(o harness.Options) (h Handler, lacks string) {
	what, err := harness.ParseHandler(o.Handler)
	switch {
	case err != nil:
		return h, err.Error()
	case what.Name != "echo" && what.Name != "compute" && what.Name != "sleep":
		return h, fmt.Sprintf("no %s handler is written for the rivals", what.Name)
	case o.Codec != "" && o.Codec != "protobuf":
		return h, fmt.Sprintf("rivals are measured with protobuf, not %s", o.Codec)
	case o.Size != 0 && o.Size != message.Size:
		return h, fmt.Sprintf("the message has %d bytes, not %d", message.Size, o.Size)
	case o.Pipe != "":
		return h, "transfer filters are ours"
	}
	if what.Name != "echo" {
		h.work = what.Work
	}
	return h, ""
}

// Slow says that the handler takes its time, so that it must not run where connections are read.
func (h Handler) Slow() bool { return h.work != nil }

// Handle makes the reply out of the request.
func (h Handler) Handle(m *Msg) {
	message.Handle(m)
	if h.work != nil {
		h.work()
	}
}
