package vectorgen

import (
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// frameArea is what stands before the payload: size, protocol id, filter count, and the end of the stream in it.
func frameArea() *area {
	a := newArea("frame", "The frame around the payload: size, protocol id, filter count, and a stream that ends inside.", map[string]string{
		"SizeLie":   "The size field does not tell the truth: a reader that trusts it waits for ever, or reads into the next frame, or computes a negative length.",
		"EarlyEnd":  "The stream ends inside the frame: a reader that takes this for a clean end loses the packet without an error.",
		"HugeSize":  "The size field asks for far more memory than has been sent: a reader that takes it at once falls to a few bytes from anybody.",
		"Order":     "Two things are wrong; the checks have an order, and the first one gives the verdict.",
		"EarlyFail": "The fault can be seen before the whole frame is there: a reader that waits for the rest waits for ever.",
	})
	frameSizes(a)
	frameProtos(a)
	frameCounts(a)
	frameShort(a)
	frameOrder(a)
	frameHuge(a)
	return a
}

func frameSizes(a *area) {
	w := base().wire()
	for size := range uint32(6) {
		a.bad("size", reqs("TP-FRAME-003"), at(oracle.Length, oracle.StageFrame, 0),
			"The size is "+itoa(int(size))+", less than the six bytes that every frame has.", w.setU32(0, size), flags("SizeLie"))
	}
	for size := range uint32(6) {
		a.bad("size-alone", reqs("TP-FRAME-003", "TP-FRAME-008"), at(oracle.Length, oracle.StageFrame, 0),
			"The size is "+itoa(int(size))+" and the stream ends behind it: the verdict is about the size.", w.setU32(0, size).cut(4), flags("SizeLie", "EarlyFail"))
	}
	a.bad("size", reqs("TP-FAST-005", "TP-FRAME-003"), at(oracle.Header, oracle.StagePayload, 0),
		"The size is 6: a whole frame with an empty payload, which has no seq.", w.setU32(0, 6).cut(6))
	for _, size := range []uint32{4<<20 + 1, 1 << 24, 0x21000000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff} {
		a.bad("size-limit", reqs("TP-FRAME-001", "TP-FRAME-004", "TP-LIM-001"), at(oracle.Limit, oracle.StageFrame, 0),
			"The size is above the default packet limit of 4 MiB.", w.setU32(0, size), flags("HugeSize"))
		a.bad("size-limit-alone", reqs("TP-FRAME-004", "TP-FRAME-008"), at(oracle.Limit, oracle.StageFrame, 0),
			"The size is above the packet limit, and four bytes are all there is: the verdict needs no more.", w.setU32(0, size).cut(4), flags("HugeSize", "EarlyFail"))
	}
	a.bad("size-long", reqs("TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, 33),
		"The size is one more than the bytes that come.", w.setU32(0, 34), flags("SizeLie", "EarlyEnd"))
	bare := plain(7, oracle.Pull, "/echo", 's', "").wire()
	a.bad("size-without-itself", reqs("TP-FRAME-002"), at(oracle.Header, oracle.StagePayload, 18),
		"The size of a frame of 29 bytes does not count its own four: by it the frame ends inside the meta length.", bare.setU32(0, 25), flags("SizeLie"))
}

func frameProtos(a *area) {
	w := base().wire()
	for _, id := range []byte{0, 1, 'F', 'e', 'g', 'j', 'p', 's', 0x99, 0xff} {
		a.bad("proto", reqs("TP-FRAME-005", "TP-FAST-001"), at(oracle.Version, oracle.StageFrame, 4),
			"The protocol id is "+itoa(int(id))+", not 102.", w.set(4, id))
	}
	a.bad("proto-alone", reqs("TP-FRAME-005", "TP-FRAME-008"), at(oracle.Version, oracle.StageFrame, 4),
		"The protocol id is wrong and is the last byte there is.", w.set(4, 'r').cut(5), flags("EarlyFail"))
	a.bad("proto-http", reqs("TP-FRAME-004"), at(oracle.Limit, oracle.StageFrame, 0),
		"An HTTP request: its first four bytes are a size above the limit.", wire{b: []byte("GET / HTTP/1.1\r\n\r\n")}, flags("HugeSize"))
	a.bad("proto-tls", reqs("TP-FRAME-004"), at(oracle.Limit, oracle.StageFrame, 0),
		"The beginning of a TLS handshake.", wire{b: []byte{0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03}}, flags("HugeSize"))
}

func frameCounts(a *area) {
	w := base().wire()
	for _, n := range []byte{28, 29, 128, 255} {
		a.bad("count", reqs("TP-FRAME-006"), at(oracle.Length, oracle.StageFrame, 5),
			itoa(int(n))+" filter ids do not fit into a frame of 33 bytes.", w.set(5, n))
	}
	a.bad("count-alone", reqs("TP-FRAME-006", "TP-FRAME-008"), at(oracle.Length, oracle.StageFrame, 5),
		"The filter count does not fit and is the last byte there is.", w.set(5, 28).cut(6), flags("EarlyFail"))
	a.bad("count-smallest", reqs("TP-FRAME-006"), at(oracle.Length, oracle.StageFrame, 5),
		"A frame of six bytes that says it has one filter.", w.setU32(0, 6).set(5, 1).cut(6))
	all := framedPipe(strings.Repeat("g", 27), nil)
	a.bad("count-all", reqs("TP-FRAME-006", "TP-XFER-006", "TP-XFER-016"), at(oracle.FilterData, oracle.StageFrame, 6),
		"27 filter ids fill the frame of 33 bytes to its end: legal, but no gzip member is left for the first.", all, piped(1, 0))
}

func frameShort(a *area) {
	w := base().wire()
	for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 18, 19, 23, 24, 28, 29, 32} {
		a.bad("short", reqs("TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, int64(n)),
			"The stream ends after "+itoa(n)+" of the 33 bytes of the frame.", w.cut(n), flags("EarlyEnd"))
	}
	a.bad("short-everywhere", reqs("TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, 0),
		"The stream ends after each byte of a frame in turn.", examplePull().wire(), expand(vectors.ExpandTruncate), flags("EarlyEnd"))
	a.bad("short-everywhere", reqs("TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, 0),
		"The stream ends after each byte of a frame with two filters in turn.", doubleGzip().wire(), expand(vectors.ExpandTruncate), flags("EarlyEnd"), piped(2, 0))
	ids := framedPipe("ggg", oracle.Gzip(base().payload()))
	for _, n := range []int{6, 7, 8, 9} {
		a.bad("short-ids", reqs("TP-FRAME-012", "TP-FRAME-008"), at(oracle.Short, oracle.StageFrame, int64(n)),
			"The stream ends inside or right behind the list of three filter ids.", ids.cut(n), flags("EarlyEnd"))
	}
}

func frameOrder(a *area) {
	w := base().wire()
	order := func(v verdict, comment string, w wire, opts ...option) {
		a.bad("order", reqs("TP-FRAME-008"), v, comment, w, append(opts, flags("Order"))...)
	}
	order(at(oracle.Length, oracle.StageFrame, 0), "The size is too small and the protocol id wrong: the size comes first.", w.setU32(0, 5).set(4, 'x'))
	order(at(oracle.Limit, oracle.StageFrame, 0), "The size is above the limit and the protocol id wrong: the size comes first.", w.setU32(0, 5<<20).set(4, 'x'))
	order(at(oracle.Version, oracle.StageFrame, 4), "The protocol id is wrong and the filter count does not fit: the protocol id comes first.", w.set(4, 'x', 255))
	order(at(oracle.Version, oracle.StageFrame, 4), "The protocol id is wrong and the frame is cut: the protocol id comes first.", w.set(4, 'x').cut(20))
	order(at(oracle.Length, oracle.StageFrame, 5), "The filter count does not fit and the ids are unknown: the count comes first.", w.set(5, 255, 'X', 'Y'))
	order(at(oracle.Length, oracle.StageFrame, 5), "The filter count does not fit and the frame is cut: the count comes first.", w.set(5, 28).cut(20))
	ids := framedPipe("gX", []byte("not gzip, not anything"))
	order(at(oracle.FilterUnknown, oracle.StageFrame, 7), "The second filter is unknown and the data of the first is broken: ids come first.", ids)
	order(at(oracle.FilterUnknown, oracle.StageFrame, 7), "The second filter is unknown and the frame is cut behind it: ids come first.", ids.cut(8), flags("EarlyFail"))
	order(at(oracle.FilterUnknown, oracle.StageFrame, 6), "Both filters are unknown: the first is named.", framedPipe("XY", []byte("data")))
	order(at(oracle.FilterUnknown, oracle.StageFrame, 6), "The first filter is unknown, the second not there yet.", framedPipe("XY", []byte("data")).cut(7), flags("EarlyFail"))
	broken := framedPipe("g", []byte("not gzip, not anything"))
	order(at(oracle.Short, oracle.StageFrame, 20), "The filter's data is broken and the frame is cut: whether all bytes are there comes first.", broken.cut(20))
	order(at(oracle.FilterData, oracle.StageFrame, 6), "The filter's data is broken; that it holds no header either does not matter.", broken, piped(1, 0))
}

func frameHuge(a *area) {
	w := base().wire()
	huge := func(size uint32, n int, opts ...option) {
		a.bad("memory", reqs("TP-FRAME-013", "TP-LIM-010", "TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, int64(n)),
			"The size says "+itoa(int(size))+", which is within the limit, and the stream ends after "+itoa(n)+" bytes.",
			w.setU32(0, size).cut(n), append(opts, flags("HugeSize", "EarlyEnd"))...)
	}
	for _, n := range []int{4, 6, 24, 33} {
		huge(4<<20, n)
	}
	f := plain(7, oracle.Pull, "/echo", 's', strings.Repeat("z", 100_000))
	a.bad("memory", reqs("TP-FRAME-013", "TP-LIM-010", "TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, int64(len(f.wire().b))),
		"The size says 4 MiB and the stream ends after the first 100,029 bytes.", f.wire().setU32(0, 4<<20), flags("HugeSize", "EarlyEnd"))
	a.good("large", reqs("TP-FRAME-018", "TP-FRAME-004", "TP-LIM-001", "TP-LIM-005"), "A frame of exactly 4 MiB, the default packet limit.",
		plain(7, oracle.Pull, "/echo", 's', strings.Repeat("z", 4<<20-29)))
	uri := base().wire().setU32(15, 0x7fffffff)
	a.bad("memory", reqs("TP-LIM-010", "TP-FAST-006"), at(oracle.Header, oracle.StagePayload, 9),
		"The uri length asks for 2 GiB.", uri, flags("HugeSize"))
	meta := base().wire().setU32(24, 0xffffffff)
	a.bad("memory", reqs("TP-LIM-010", "TP-FAST-007"), at(oracle.Header, oracle.StagePayload, 18),
		"The meta length asks for 4 GiB.", meta, flags("HugeSize"))
}
