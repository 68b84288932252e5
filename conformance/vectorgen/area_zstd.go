package vectorgen

import (
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// zstdArea is the Zstandard filter. Its frames are built by hand: raw and RLE blocks, and compressed blocks without
// entropy coding.
func zstdArea() *area {
	a := newArea("zstd", "The Zstandard filter: one whole frame with its checksum, in every form of its header; what is cut, changed, behind it, or larger than it says; its order with the others.", map[string]string{
		"HeaderForm": "The frame header has another form than most senders write: a reader that expects one form takes header for block.",
		"BadHeader":  "The frame header is none, or one that this filter does not allow.",
		"Checksum":   "The content checksum is missing or wrong: libraries check it only where it is there and they are asked to.",
		"Trailing":   "Something follows or precedes the frame: most libraries read several frames, and skip skippable ones, without a word.",
		"Truncated":  "The frame is cut: a reader that takes what there is hands on half a packet.",
		"BadBlock":   "A block is against RFC 8878.",
		"SizeLie":    "The content size is not that of the content: a reader that believes it takes memory for nothing, or hands on less.",
		"Window":     "The window is as large as is allowed, or larger: a reader without a bound of its own takes memory for it.",
		"Bomb":       "A few bytes that become many: a reader must stop at its limit, not behind it.",
		"Packed":     "A compressed block: the other cases do without.",
		"Order":      "The filters must be undone in the order of the list: undone the other way the wrong one fails.",
	})
	zstdForms(a)
	zstdPacked(a)
	zstdOrder(a)
	zstdBadHeaders(a)
	zstdBadFrames(a)
	zstdSizes(a)
	return a
}

// size1 is the header of a single segment with its size in one byte.
func size1(n int) []byte {
	return oracle.ZstdHeader(oracle.ZstdSingle|oracle.ZstdChecksum, byte(n))
}

func zstdForms(a *area) {
	f := base()
	p := f.payload()
	sum := oracle.ZstdSum(p)
	whole := oracle.Cat(oracle.ZstdRawBlock(true, p), sum)
	n := byte(len(p))
	form := func(comment string, frame []byte, opts ...option) {
		a.reads("form", reqs("TP-XFER-030", "TP-XFER-020"), comment, f.withPipe("z", frame), always(opts, needs("z"))...)
	}
	e := examplePiped()
	a.reads("example", reqs("TP-XFER-030"), "The worked example of the chapter.", e.withPipe("z", oracle.ZstdRaw(e.payload())), needs("z"))
	form("One raw block, a single segment.", oracle.ZstdRaw(p))
	head := flags("HeaderForm")
	header := func(descriptor byte, fields ...byte) []byte {
		return oracle.Cat(oracle.ZstdHeader(descriptor|oracle.ZstdChecksum, fields...), whole)
	}
	form("A window of 1 KiB and no content size.", header(0, 0x00), head)
	form("A window and a content size of four bytes.", header(oracle.ZstdSize4, 0x00, n, 0, 0, 0), head)
	form("A window and a content size of eight bytes.", header(oracle.ZstdSize8, 0x00, n, 0, 0, 0, 0, 0, 0, 0), head)
	form("A single segment with a size of four bytes.", header(oracle.ZstdSingle|oracle.ZstdSize4, n, 0, 0, 0), head)
	form("A single segment with a size of eight bytes.", header(oracle.ZstdSingle|oracle.ZstdSize8, n, 0, 0, 0, 0, 0, 0, 0), head)
	form("Dictionary id 0 in one byte: none is needed.", header(oracle.ZstdSingle|1, 0, n), head)
	form("Dictionary id 0 in two bytes.", header(oracle.ZstdSingle|2, 0, 0, n), head)
	form("Dictionary id 0 in four bytes, behind a window.", header(3, 0x08, 0, 0, 0, 0), head)
	form("The unused bit of the descriptor is set: it means nothing.", header(oracle.ZstdSingle|oracle.ZstdUnused, n), head)
	form("A window of 8 MiB, the largest that is allowed.", header(0, 13<<3), flags("Window"))
	form("A window of 7.5 MiB.", header(0, 12<<3|7), flags("Window"))

	blocks := func(parts ...[]byte) []byte {
		return oracle.Cat(size1(len(p)), oracle.Cat(parts...), sum)
	}
	form("Two raw blocks.", blocks(oracle.ZstdRawBlock(false, p[:9]), oracle.ZstdRawBlock(true, p[9:])))
	form("An empty raw block at the end.", blocks(oracle.ZstdRawBlock(false, p), oracle.ZstdRawBlock(true, nil)))
	form("An empty raw block at the beginning.", blocks(oracle.ZstdRawBlock(false, nil), oracle.ZstdRawBlock(true, p)))
	form("An RLE block of no bytes at the end.", blocks(oracle.ZstdRawBlock(false, p), oracle.ZstdRunBlock(true, 'x', 0)))
	form("A block a byte, RLE blocks of one byte among them.", func() []byte {
		var parts [][]byte
		for i := range p {
			if i%2 == 0 {
				parts = append(parts, oracle.ZstdRawBlock(i == len(p)-1, p[i:i+1]))
			} else {
				parts = append(parts, oracle.ZstdRunBlock(i == len(p)-1, p[i], 1))
			}
		}
		return blocks(parts...)
	}())
	run := func(comment string, body int, header []byte, opts ...option) {
		f := plain7(strings.Repeat("z", body))
		p := f.payload()
		out, left := oracle.Cat(header, oracle.ZstdRawBlock(false, p[:len(p)-body])), body
		for ; left > 131072; left -= 131072 {
			out = append(out, oracle.ZstdRunBlock(false, 'z', 131072)...)
		}
		out = oracle.Cat(out, oracle.ZstdRunBlock(true, 'z', left), oracle.ZstdSum(p))
		a.reads("run", reqs("TP-XFER-030"), comment, f.withPipe("z", out), always(opts, needs("z"))...)
	}
	run("A run, its size in two bytes that count from 256.", 300, oracle.ZstdSingleHeader(323))
	run("A content of 256 bytes: two bytes of size, both zero.", 233, oracle.ZstdSingleHeader(256))
	run("A content of 65,791 bytes, the last that two bytes can say.", 65_768, oracle.ZstdSingleHeader(65_791))
	run("A content of 65,792 bytes, the first for four bytes.", 65_769, oracle.ZstdSingleHeader(65_792))
	run("A run of 131,072 bytes, the largest block.", 131_072, oracle.ZstdSingleHeader(131_095))
	run("Three blocks of 131,072 bytes under a window of 256 KiB.", 3*131_072, oracle.ZstdHeader(oracle.ZstdChecksum, 8<<3))
	run("A run of 1,024 bytes, the largest block under a window of 1 KiB.", 1024, oracle.ZstdHeader(oracle.ZstdChecksum, 0), flags("Window"))
	big := plain7(strings.Repeat("ab", 100_000))
	a.reads("large", reqs("TP-XFER-030"), "200,023 bytes in raw blocks.", big.withPipe("z", oracle.ZstdRaw(big.payload())), needs("z"))
	a.bad("empty", reqs("TP-FAST-005", "TP-XFER-011", "TP-XFER-030"), at(oracle.Header, oracle.StagePayload, 0), "A frame of no bytes, with its checksum: the filter is undone, the payload is empty.",
		framedPipe("z", oracle.ZstdRaw(nil)), needs("z"), piped(1, 0), zstdState(1))
}

func zstdPacked(a *area) {
	packed := func(comment string, f frame, parts ...[]byte) {
		p := f.payload()
		a.reads("packed", reqs("TP-XFER-030"), comment, f.withPipe("z", oracle.Cat(size1(len(p)), oracle.Cat(parts...), oracle.ZstdSum(p))), needs("z"), flags("Packed"))
	}
	f := base()
	p := f.payload()
	packed("A compressed block of raw literals and no sequences.", f, oracle.ZstdPackedBlock(true, oracle.ZstdRawLiterals(p), oracle.ZstdNoSequences()))
	zs := plain7(strings.Repeat("z", 90))
	packed("A raw block, and a compressed one whose literals are a run.", zs, oracle.ZstdRawBlock(false, zs.payload()[:23]),
		oracle.ZstdPackedBlock(true, oracle.ZstdRunLiterals('z', 90), oracle.ZstdNoSequences()))
	// 27 literals (code 20 begins at 24 and has two bits), a match of 8 bytes (code 5), an offset of 4.
	hey := plain7("hey!hey!hey!")
	packed("A sequence: the last four bytes twice more.", hey, oracle.ZstdPackedBlock(true, oracle.ZstdRawLiterals(hey.payload()[:27]),
		oracle.ZstdSequences(20, 2, 5, oracle.ZstdExtra{Value: 3, Bits: 2}, oracle.ZstdExtra{}, oracle.ZstdExtra{Value: 3, Bits: 2})))
	packed("The same with the second repeated offset, which is 4 at the beginning.", hey, oracle.ZstdPackedBlock(true, oracle.ZstdRawLiterals(hey.payload()[:27]),
		oracle.ZstdSequences(20, 1, 5, oracle.ZstdExtra{Value: 0, Bits: 1}, oracle.ZstdExtra{}, oracle.ZstdExtra{Value: 3, Bits: 2})))
	packed("A match into the block before.", hey, oracle.ZstdRawBlock(false, hey.payload()[:27]), oracle.ZstdPackedBlock(true, oracle.ZstdRawLiterals(nil),
		oracle.ZstdSequences(0, 2, 5, oracle.ZstdExtra{Value: 3, Bits: 2}, oracle.ZstdExtra{}, oracle.ZstdExtra{})))
	broken := func(comment string, parts ...[]byte) {
		p := hey.payload()
		zstdBroken(a, "packed", "TP-XFER-006", comment, oracle.Cat(size1(len(p)), oracle.Cat(parts...), oracle.ZstdSum(p)), flags("Packed", "BadBlock"))
	}
	broken("An offset of one byte more than there is.", oracle.ZstdPackedBlock(true, oracle.ZstdRawLiterals(hey.payload()[:27]),
		oracle.ZstdSequences(20, 4, 5, oracle.ZstdExtra{Value: 15, Bits: 4}, oracle.ZstdExtra{}, oracle.ZstdExtra{Value: 3, Bits: 2})))
	broken("A sequence that takes more literals than there are.", oracle.ZstdPackedBlock(true, oracle.ZstdRawLiterals(hey.payload()[:26]),
		oracle.ZstdSequences(20, 2, 5, oracle.ZstdExtra{Value: 3, Bits: 2}, oracle.ZstdExtra{}, oracle.ZstdExtra{Value: 3, Bits: 2})))
	broken("Literals that are longer than their block.", oracle.ZstdBlock(true, 2, 30, oracle.Cat([]byte{0xf4, 0x0f}, hey.payload()[:28])))
	broken("Sequences are announced and missing.", oracle.ZstdPackedBlock(true, oracle.ZstdRawLiterals(hey.payload()), []byte{1}))
	broken("A byte behind the last section.", oracle.ZstdPackedBlock(true, oracle.ZstdRawLiterals(hey.payload()), []byte{0, 0}))
}

func zstdOrder(a *area) {
	f := base()
	p, z, g, c := f.payload(), oracle.ZstdRaw, oracle.Gzip, oracle.AppendCrc32c
	order := func(comment, ids, need string, done []byte) {
		a.reads("order", reqs("TP-XFER-003", "TP-XFER-030"), comment, f.withPipe(ids, done), needs(need), flags("Order"))
	}
	order("A frame in a frame.", "zz", "z", z(z(p)))
	order("gzip outside, Zstandard inside.", "gz", "z", g(z(p)))
	order("Zstandard outside, gzip inside.", "zg", "z", z(g(p)))
	order("A checksum outside.", "cz", "zc", c(z(p)))
	order("A checksum inside.", "zc", "zc", z(c(p)))
	order("Zstandard, gzip and a checksum.", "zgc", "zc", z(g(c(p))))
	wrong := func(n int64, comment, ids, need string, done []byte) {
		a.bad("order", reqs("TP-XFER-003", "TP-XFER-006"), at(oracle.FilterData, oracle.StageFrame, n), comment, framedPipe(ids, done),
			needs(need), flags("Order"), piped(len(ids), 2*len(done)), zstdState(len(ids)))
	}
	wrong(6, "Done as z g and listed as g z.", "gz", "z", z(g(p)))
	wrong(6, "Done as g z and listed as z g.", "zg", "z", g(z(p)))
	wrong(7, "A frame in a frame is listed, and there is one.", "zz", "z", z(p))
	wrong(6, "Done as z c and listed as c z.", "cz", "zc", z(c(p)))
	wrong(6, "Done as c z and listed as z c: four bytes follow the frame.", "zc", "zc", c(z(p)))
	wrong(7, "z g is listed and gzip is missing.", "zg", "z", z(p))
}

// zstdBroken is a frame of the wire whose one Zstandard frame cannot be undone.
func zstdBroken(a *area, topic, req, comment string, frame []byte, opts ...option) {
	ids := []string{"TP-XFER-006", req}
	if req == ids[0] {
		ids = ids[:1]
	}
	a.bad(topic, ids, at(oracle.FilterData, oracle.StageFrame, 6), comment, framedPipe("z", frame), always(opts, needs("z"), piped(1, len(frame)), zstdState(1))...)
}

func zstdBadHeaders(a *area) {
	p := base().payload()
	whole := oracle.Cat(oracle.ZstdRawBlock(true, p), oracle.ZstdSum(p))
	good := wire{b: oracle.ZstdRaw(p)}
	n := byte(len(p))
	bad := func(req, comment string, frame []byte, names ...string) {
		zstdBroken(a, "header", req, comment, frame, flags(append(names, "BadHeader")...))
	}
	header := func(descriptor byte, fields ...byte) []byte {
		return oracle.Cat(oracle.ZstdHeader(descriptor, fields...), whole)
	}
	for i := range 4 {
		bad("TP-XFER-034", "Byte "+itoa(i)+" of the magic number is wrong.", good.set(i, good.b[i]^1).b)
	}
	bad("TP-XFER-034", "The magic number is big-endian.", good.set(0, 0xfd, 0x2f, 0xb5, 0x28).b)
	bad("TP-XFER-034", "The frame without its magic number.", good.b[4:])
	bad("TP-XFER-034", "A gzip member.", oracle.Gzip(p))
	bad("TP-XFER-034", "The payload, not compressed.", p)
	bad("TP-XFER-038", "The reserved bit of the descriptor is set.", header(oracle.ZstdSingle|oracle.ZstdChecksum|oracle.ZstdReserved, n))
	bad("TP-XFER-035", "No checksum: the flag is not set and there are no bytes of one.", oracle.Cat(oracle.ZstdHeader(oracle.ZstdSingle, n), oracle.ZstdRawBlock(true, p)), "Checksum")
	bad("TP-XFER-035", "A frame of no bytes without a checksum.", oracle.Cat(oracle.ZstdHeader(oracle.ZstdSingle, 0), oracle.ZstdRawBlock(true, nil)), "Checksum")
	bad("TP-XFER-036", "Dictionary 1.", header(oracle.ZstdSingle|oracle.ZstdChecksum|1, 1, n))
	bad("TP-XFER-036", "Dictionary 256, in two bytes.", header(oracle.ZstdSingle|oracle.ZstdChecksum|2, 0, 1, n))
	bad("TP-XFER-036", "Dictionary 2^31, in four bytes.", header(oracle.ZstdChecksum|3, 0, 0, 0, 0, 0x80))
	window := func(comment string, w byte) {
		bad("TP-XFER-037", comment, header(oracle.ZstdChecksum, w), "Window")
	}
	window("A window of 9 MiB, one step above the largest.", 13<<3|1)
	window("A window of 16 MiB.", 14<<3)
	window("A window of 2 GiB.", 21<<3)
	window("The largest window that can be said, 3.75 TiB.", 0xff)
	bad("TP-XFER-037", "A window of 9 MiB with a content size that is right.", header(oracle.ZstdChecksum|oracle.ZstdSize4, 13<<3|1, n, 0, 0, 0), "Window")
	a.bad("header", reqs("TP-XFER-006", "TP-XFER-037"), at(oracle.FilterData, oracle.StageFrame, 6), "A single segment of 9 MiB is a window of 9 MiB, even where the payload limit allows it.",
		framedPipe("z", header(oracle.ZstdSingle|oracle.ZstdChecksum|oracle.ZstdSize4, 0, 0, 0x90, 0)), needs("z"), flags("BadHeader", "Window"), limits(vectors.Limits{MaxPayload: 16 << 20}), piped(1, 0), zstdState(1))
}

func zstdBadFrames(a *area) {
	p := base().payload()
	good := wire{b: oracle.ZstdRaw(p)}
	size, sum := size1(len(p)), oracle.ZstdSum(p)
	for _, n := range []int{0, 1, 4, 5, 6, 8, 9, 20, len(good.b) - 5, len(good.b) - 4, len(good.b) - 1} {
		zstdBroken(a, "cut", "TP-XFER-034", "The first "+itoa(n)+" bytes of a frame of "+itoa(len(good.b))+".", good.b[:n], flags("Truncated"))
	}
	zstdBroken(a, "cut", "TP-XFER-034", "No block is the last one.", oracle.Cat(size, oracle.ZstdRawBlock(false, p), sum), flags("Truncated"))
	zstdBroken(a, "cut", "TP-XFER-034", "An RLE block without its byte.", oracle.Cat(size1(5), oracle.ZstdBlock(true, 1, 5, nil)), flags("Truncated"))
	skippable := []byte{0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 0xaa, 0xbb}
	trailing := func(comment string, parts ...[]byte) {
		zstdBroken(a, "trailing", "TP-XFER-034", comment, oracle.Cat(parts...), flags("Trailing"))
	}
	trailing("A zero byte behind the frame.", good.b, []byte{0})
	trailing("A second frame.", good.b, good.b)
	trailing("A frame of no bytes behind it.", good.b, oracle.ZstdRaw(nil))
	trailing("A skippable frame behind it.", good.b, skippable)
	trailing("A skippable frame in front of it.", skippable, good.b)
	trailing("A skippable frame alone.", skippable)
	trailing("The checksum twice.", good.b, sum)
	end := len(good.b) - 4
	for i := range 4 {
		zstdBroken(a, "sum", "TP-XFER-043", "Byte "+itoa(i)+" of the checksum is wrong.", good.set(end+i, good.b[end+i]^0x10).b, flags("Checksum"))
	}
	zstdBroken(a, "sum", "TP-XFER-043", "A byte of the content is changed.", good.set(12, good.b[12]^1).b, flags("Checksum"))
	zstdBroken(a, "sum", "TP-XFER-043", "The high half of XXH64 instead of the low one.", oracle.Cat(good.b[:end], highHalf(p)), flags("Checksum"))
	zstdBroken(a, "sum", "TP-XFER-043", "The checksum is big-endian.", oracle.Cat(good.b[:end], []byte{sum[3], sum[2], sum[1], sum[0]}), flags("Checksum"))
	zstdBroken(a, "sum", "TP-XFER-043", "The CRC-32C of filter c.", oracle.Cat(good.b[:end], oracle.U32(oracle.Crc32c(p))), flags("Checksum"))
	block := func(comment string, parts ...[]byte) {
		zstdBroken(a, "block", "TP-XFER-038", comment, oracle.Cat(parts...), flags("BadBlock"))
	}
	kib := oracle.ZstdHeader(oracle.ZstdChecksum, 0)
	wide := oracle.ZstdHeader(oracle.ZstdChecksum, 8<<3)
	block("A block of the reserved type.", size, oracle.ZstdBlock(true, 3, len(p), p), sum)
	block("A reserved block behind the content.", size, oracle.ZstdRawBlock(false, p), oracle.ZstdBlock(true, 3, 0, nil), sum)
	block("A raw block of 1,025 bytes under a window of 1 KiB.", kib, oracle.ZstdRawBlock(true, make([]byte, 1025)), oracle.ZstdSum(make([]byte, 1025)))
	block("A run of 1,025 bytes under a window of 1 KiB.", kib, oracle.ZstdRunBlock(true, 0, 1025), oracle.ZstdSum(make([]byte, 1025)))
	block("A run of 131,073 bytes.", wide, oracle.ZstdRunBlock(true, 0, 131_073), oracle.ZstdSum(make([]byte, 131_073)))
	block("A run of 2,097,151 bytes, the most that a header can say.", wide, oracle.ZstdRunBlock(true, 0, 1<<21-1), oracle.ZstdSum(make([]byte, 1<<21-1)))
	block("A raw block of 131,073 bytes.", wide, oracle.ZstdRawBlock(true, make([]byte, 131_073)), oracle.ZstdSum(make([]byte, 131_073)))
	a.bad("cut", reqs("TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, 0), "The stream ends somewhere inside the frame of the wire.",
		framedPipe("z", good.b), needs("z"), flags("Truncated"), expand(vectors.ExpandTruncate), piped(1, len(good.b)), zstdState(1))
}

// highHalf is the half of XXH64 that a frame does not have.
func highHalf(p []byte) []byte {
	b := oracle.U64(oracle.XXH64(p))
	return []byte{b[3], b[2], b[1], b[0]}
}
