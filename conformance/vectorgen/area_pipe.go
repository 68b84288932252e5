package vectorgen

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// pipeArea is the transfer pipe: which filters, in which order.
func pipeArea() *area {
	a := newArea("pipe", "The transfer pipe: which filters a frame lists, in which order they are undone, and who is to blame when one fails.", map[string]string{
		"UnknownFilter": "The pipe names a filter that the receiver does not know: the payload cannot be read, the stream cannot be trusted.",
		"Order":         "The filters must be undone in the order of the list, outer-most first: undone the other way the wrong one fails.",
		"ManyFilters":   "The pipe is as long as the count byte allows: a reader with a fixed array, or a signed count, fails.",
	})
	f := base()
	plain := f.payload()
	once, twice := oracle.Gzip(plain), oracle.Gzip(oracle.Gzip(plain))

	a.good("empty", reqs("TP-XFER-001"), "No filter: the payload is in clear.", f)
	a.good("one", reqs("TP-XFER-001", "TP-XFER-003", "TP-XFER-011", "TP-XFER-013", "TP-FAST-016", "TP-FAST-017"), "One filter.", f.withPipe("g", once), loose)
	a.good("repeat", reqs("TP-XFER-004", "TP-XFER-002", "TP-XFER-003", "TP-XFER-013"), "The same filter twice.", f.withPipe("gg", twice), loose)
	a.good("repeat", reqs("TP-XFER-004"), "The same filter three times.", f.withPipe("ggg", oracle.Gzip(twice)), loose)
	a.reads("order", reqs("TP-XFER-001", "TP-XFER-003", "TP-XFER-020"), "Two filters, each written in another way: the outer member is stored, the inner one fixed-Huffman.",
		doubleGzip(), flags("Order"))
	a.reads("order", reqs("TP-XFER-003", "TP-XFER-015"), "The outer member is complete, the inner one ends with a sync flush.",
		f.withPipe("gg", oracle.Gzip(oracle.GzipSync(plain))), flags("Order"))
	a.reads("order", reqs("TP-XFER-003", "TP-XFER-015"), "The outer member ends with a sync flush, the inner one is complete.",
		f.withPipe("gg", oracle.GzipSync(oracle.Gzip(plain))), flags("Order"))
	a.bad("order", reqs("TP-XFER-003", "TP-XFER-006"), at(oracle.FilterData, oracle.StageFrame, 7),
		"Two filters are listed and one was applied: the second finds no gzip.", framedPipe("gg", once), flags("Order"), piped(2, len(plain)))
	a.bad("order", reqs("TP-XFER-003", "TP-XFER-006"), at(oracle.FilterData, oracle.StageFrame, 8),
		"Three filters are listed and two were applied.", framedPipe("ggg", twice), flags("Order"), piped(3, len(once)+len(plain)))
	a.bad("order", reqs("TP-XFER-001", "TP-FAST-006"), at(oracle.Header, oracle.StagePayload, 9),
		"One filter is listed and two were applied: a gzip member is taken for the header, 0xff011b00 for the uri length.", framedPipe("g", twice), piped(1, len(once)))
	a.bad("order", reqs("TP-XFER-001", "TP-FAST-006"), at(oracle.Header, oracle.StagePayload, 9),
		"No filter is listed and one was applied.", framed(once))
	a.bad("order", reqs("TP-XFER-006"), at(oracle.FilterData, oracle.StageFrame, 6),
		"One filter is listed and none was applied.", framedPipe("g", plain), piped(1, 0))

	for _, c := range []struct {
		ids string
		n   int
	}{{"\x00", 6}, {"X", 6}, {"G", 6}, {"?", 6}, {"\xff", 6}, {"Xg", 6}, {"gX", 7}, {"Xgg", 6}, {"gXg", 7}, {"ggX", 8}, {"XYZ", 6}, {"\x00g", 6}, {"g\x00", 7}} {
		a.bad("unknown", reqs("TP-FRAME-007"), at(oracle.FilterUnknown, oracle.StageFrame, int64(c.n)),
			fmt.Sprintf("The pipe %v: the filter at byte %d of the frame is unknown.", []byte(c.ids), c.n), framedPipe(c.ids, twice), flags("UnknownFilter"))
	}
	many := strings.Repeat("g", 254)
	a.bad("unknown", reqs("TP-FRAME-007", "TP-XFER-005"), at(oracle.FilterUnknown, oracle.StageFrame, 260),
		"The last of 255 filters is unknown.", framedPipe(many+"X", once), flags("UnknownFilter", "ManyFilters"))
	a.bad("unknown", reqs("TP-FRAME-007", "TP-FRAME-008"), at(oracle.FilterUnknown, oracle.StageFrame, 133),
		"The 128th of 255 filters is unknown, and the stream ends behind it.",
		framedPipe(many[:127]+"X"+many[:127], once).cut(134), flags("UnknownFilter", "ManyFilters"))

	pipeMany(a, f)
	pipeRefused(a, f)
	return a
}

func pipeMany(a *area, f frame) {
	nested := func(n int, wrap func([]byte) []byte) []byte {
		b := f.payload()
		for range n {
			b = wrap(b)
		}
		return b
	}
	for _, n := range []int{16, 127, 128, 255} {
		a.good("many", reqs("TP-XFER-005", "TP-XFER-004"), itoa(n)+" filters, each a complete member of stored blocks.",
			f.withPipe(strings.Repeat("g", n), nested(n, oracle.Gzip)), loose, flags("ManyFilters"))
	}
	a.reads("many", reqs("TP-XFER-005", "TP-XFER-015"), "255 filters, each ended with a sync flush.",
		f.withPipe(strings.Repeat("g", 255), nested(255, oracle.GzipSync)), flags("ManyFilters"))
	inner := 0 // what the 254 good filters put out
	for n := range 254 {
		inner += 27 + 23*n
	}
	a.bad("many", reqs("TP-XFER-005", "TP-XFER-006"), at(oracle.FilterData, oracle.StageFrame, 260),
		"255 filters are listed, 254 were applied: the last one finds no gzip.", framedPipe(strings.Repeat("g", 255), nested(254, oracle.Gzip)),
		flags("ManyFilters"), piped(255, inner))
}

func pipeRefused(a *area, f frame) {
	refuse := func(ids string, req string, class, comment string, opts ...option) {
		p := f.packet
		p.Pipe = vectors.Pipe(ids)
		a.refuses("refuse", reqs(req), at(class, oracle.StageFrame, 0), comment, p, opts...)
	}
	refuse("X", "TP-FAST-018", oracle.FilterUnknown, "A sender does not send what it cannot filter.", flags("UnknownFilter"))
	refuse("gX", "TP-FAST-018", oracle.FilterUnknown, "The second filter is unknown to the sender.", flags("UnknownFilter"))
	refuse("\x00", "TP-FAST-018", oracle.FilterUnknown, "Filter id 0 is never registered.", flags("UnknownFilter"))
	refuse(strings.Repeat("g", 256), "TP-FAST-019", oracle.Limit, "256 filters do not fit into the count byte.", flags("ManyFilters"))
	refuse(strings.Repeat("g", 257), "TP-FAST-019", oracle.Limit, "257 filters: a count that wraps says 1.", flags("ManyFilters"))
	refuse(strings.Repeat("g", 512), "TP-FAST-019", oracle.Limit, "512 filters: a count that wraps says 0.", flags("ManyFilters"))
}
