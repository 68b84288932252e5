package floor

import (
	"cmp"
	"fmt"
	"net"
	"runtime"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/message"
)

// Systems lists the floors.
func Systems() []harness.System {
	combined := func(conn net.Conn) sender { return &combiner{conn: conn} }
	single := func(conn net.Conn) sender { return &oneByOne{conn: conn} }
	return []harness.System{
		rawFloor("raw", newMessages),
		rawFloor("raw-nocodec", newEchoes),
		bytesFloor("raw-bytes"),
		sharedFloor("coalescing", newMessages, serveInline, combined, inlineCannot),
		sharedFloor("coalescing-goroutine", newMessages, serveGoroutines, combined, nil),
		sharedFloor("coalescing-nocodec", newEchoes, serveInline, combined, inlineCannot),
		sharedFloor("one-write-per-packet", newMessages, serveSingly, single, inlineCannot),
		sharedFloor("one-write-per-packet-nocodec", newEchoes, serveSingly, single, inlineCannot),
	}
}

// newBody makes what a floor's frames carry, or says why it cannot.
type newBody func(o harness.Options, w work) (b body, lacks string)

func newMessages(o harness.Options, w work) (body, string) {
	if o.Codec != "" && o.Codec != "protobuf" {
		return nil, fmt.Sprintf("it encodes the benchmark message with protobuf, not %s", o.Codec)
	}
	if o.Size != 0 && o.Size != message.Size {
		return nil, fmt.Sprintf("its message has %d bytes, not %d", message.Size, o.Size)
	}
	return messages{w}, ""
}

// echoFrame is the size of a frame without a codec where no size is asked for: about that of ours with the
// benchmark message.
const echoFrame = 640

func newEchoes(o harness.Options, w work) (body, string) {
	return echoes{work: w, size: cmp.Or(o.Size, echoFrame-headSize)}, ""
}

// prepare reads what all floors have in common out of the options.
func prepare(o harness.Options, cannot func(harness.Handler) string) (work, string) {
	h, err := harness.ParseHandler(o.Handler)
	if err != nil {
		return work{}, err.Error()
	}
	if o.Pipe != "" {
		return work{}, "a floor has no transfer filters"
	}
	if h.Name == "callback" || h.Name == "push" {
		return work{}, fmt.Sprintf("the server of a floor only answers, so no %s handler", h.Name)
	}
	if cannot != nil {
		if why := cannot(h); why != "" {
			return work{}, why
		}
	}
	return newWork(h), ""
}

// inlineCannot refuses what would measure nothing but the handler that everybody waits for.
func inlineCannot(h harness.Handler) string {
	if h.Name == "sleep" || h.Name == "mixed" {
		return "the reader runs the handlers, so one that sleeps holds up every call of the connection"
	}
	return ""
}

func aloneCannot(h harness.Handler) string {
	if h.Name == "mixed" {
		return "a connection has one call at a time, so none can be slow beside it"
	}
	return ""
}

func rawFloor(name string, create newBody) harness.System {
	return floor[body]{name: name, create: create, cannot: aloneCannot,
		serve: func(b body) func(net.Conn) { return serveRaw(b, rawBuffer) }, dial: dialRaw}.system()
}

func bytesFloor(name string) harness.System {
	return floor[echoes]{name: name, cannot: aloneCannot,
		create: func(o harness.Options, w work) (echoes, string) {
			return echoes{work: w, size: cmp.Or(o.Size, message.Size)}, ""
		},
		serve: func(b echoes) func(net.Conn) { return serveBytes(b.work) },
		dial:  func(addr string, b echoes) (harness.Client, error) { return dialBytes(addr, b.size) },
	}.system()
}

func sharedFloor(name string, create newBody, serve func(body) func(net.Conn), out func(net.Conn) sender, cannot func(harness.Handler) string) harness.System {
	return floor[body]{name: name, shares: true, create: create, cannot: cannot, serve: serve,
		dial: func(addr string, b body) (harness.Client, error) { return dialShared(addr, b, out) }}.system()
}

// floor is what a system is made of: how its bodies come from the options, and the two sides that carry them.
type floor[Body any] struct {
	name   string
	shares bool
	create func(harness.Options, work) (Body, string)
	cannot func(harness.Handler) string // nil: it can have any handler
	serve  func(Body) func(net.Conn)
	dial   func(addr string, b Body) (harness.Client, error)
}

func (f floor[Body]) start(o harness.Options) (b Body, lacks string) {
	w, lacks := prepare(o, f.cannot)
	if lacks != "" {
		return b, lacks
	}
	return f.create(o, w)
}

func (f floor[Body]) system() harness.System {
	return harness.System{
		Name: f.name, Version: runtime.Version(), Kind: harness.Floor, Shares: f.shares,
		Lacks: func(o harness.Options) string {
			_, lacks := f.start(o)
			return lacks
		},
		Listen: func(addr string, o harness.Options) (harness.Server, error) {
			b, lacks := f.start(o)
			if lacks != "" {
				return nil, fmt.Errorf("%s: %s", f.name, lacks)
			}
			return listen(addr, f.serve(b))
		},
		Dial: func(addr string, o harness.Options) (harness.Client, error) {
			b, lacks := f.start(o)
			if lacks != "" {
				return nil, fmt.Errorf("%s: %s", f.name, lacks)
			}
			return f.dial(addr, b)
		},
	}
}
