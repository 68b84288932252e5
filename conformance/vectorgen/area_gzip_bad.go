package vectorgen

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// Members from a compressor, frozen here so that no case depends on a compressor's version.
const (
	dogMember = "1f8b08000000000000ff9cd24baec2300c85e1dcc115dbf00ea8eb3a8ec56a680994471b4809afd5a38a7907f6ccd2f966bffbddeacf39f7bf8e5d9fe677baf7116ee5d89da1cde939c23ebd602c431b3354702ac37582f48819e6dd65fb79c32e1d36b0a044514d10395030c99a84c52409bd789b545636c946181b93646e884cd213716d9282b5a04d2aaa2da120582d34f40d0000ffff6048d586ca020000"
	dogSynced = "1f8b08000000000000ff9cd24baec2300c85e1dcc115dbf00ea8eb3a8ec56a680994471b4809afd5a38a7907f6ccd2f966bffbddeacf39f7bf8e5d9fe677baf7116ee5d89da1cde939c23ebd602c431b3354702ac37582f48819e6dd65fb79c32e1d36b0a044514d10395030c99a84c52409bd789b545636c946181b93646e884cd213716d9282b5a04d2aaa2da120582d34f4050000ffff"
	// The payload of seq 1, PULL, /group/home/test?peer_id=call-1, codec s, body hello, as the original wrote it.
	originalMember = "1f8b08000000000000ff628000464606060679fdf4a2fcd202fd8cfcdc54fd92d4e212fb82d4d4a2f8cc14dbe4c49c1c5d4390c2e28cd49c9c7c00000000ffff"
)

// dogs is the body in dogMember: one sentence twelve times, with another number each.
var dogs = func() string {
	var b strings.Builder
	for i := range 12 {
		fmt.Fprintf(&b, "the quick brown fox number %d jumps over the lazy dog; ", i*7919)
	}
	return b.String()
}()

// withUri gives the frame another uri.
func (f frame) withUri(uri string) frame {
	f.uri, f.packet.Uri = []byte(uri), text(uri)
	return f
}

// withSeq gives the frame another sequence number.
func (f frame) withSeq(n uint64) frame {
	f.seq, f.packet.Seq = n, seq(n)
	return f
}

func gzipTruncated(a *area) {
	plain := base().payload() // 27 bytes
	cut := func(topic, what string, member []byte, n int, names ...string) {
		a.broken(topic, "TP-XFER-016", fmt.Sprintf("%s, cut after %d of its %d bytes.", what, n, len(member)), member[:n], flags(append(names, "Truncated")...))
	}
	stored := oracle.Gzip(plain)
	for n := range len(stored) { // header 10, block 5+27, trailer 8
		cut("cut-stored", "A complete stored member", stored, n)
	}
	fixed := oracle.GzipFixed(plain)
	for _, n := range []int{10, 11, 20, 30, len(fixed) - 9, len(fixed) - 8, len(fixed) - 7, len(fixed) - 4, len(fixed) - 1} {
		cut("cut-fixed", "A complete fixed-Huffman member", fixed, n)
	}
	dynamic := unhex(dogMember)
	for _, n := range []int{11, 14, 20, 60, 100, len(dynamic) - 14, len(dynamic) - 12, len(dynamic) - 9, len(dynamic) - 8, len(dynamic) - 1} {
		cut("cut-dynamic", "A complete dynamic-Huffman member", dynamic, n)
	}
	synced := oracle.GzipSync(plain) // header 10, block 5+27, sync flush 5
	for _, n := range []int{15, 41, 42, 43, 44, 45, 46} {
		cut("cut-sync", "A member with a sync flush", synced, n, "SyncFlush")
	}
	a.broken("cut-sync", "TP-XFER-016", "A dynamic-Huffman member, cut one byte before the end of its sync flush.", unhex(dogSynced)[:len(dogSynced)/2-1], flags("Truncated", "SyncFlush"))

	like := func(comment string, member ...[]byte) {
		a.broken("look-alike", "TP-XFER-016", comment, oracle.Cat(append([][]byte{oracle.GzipHeader(0)}, member...)...), flags("Truncated", "LooksLike"))
	}
	tail := []byte{0, 0, 0xff, 0xff}
	like("A stored block that is not final, whose content ends in 00 00 ff ff.", oracle.StoredBlock(false, oracle.Cat(plain, tail)))
	like("A stored block that is not final, of the four bytes 00 00 ff ff.", oracle.StoredBlock(false, tail))
	like("A stored block that is not final, whose content ends in a whole sync flush.", oracle.StoredBlock(false, oracle.Cat(plain, oracle.SyncMark())))
	like("A final stored block whose content ends in a sync flush, and no trailer.", oracle.StoredBlock(true, oracle.Cat(plain, oracle.SyncMark())))
	like("A final stored block of which five bytes are missing, cut behind a sync flush in its content.",
		oracle.StoredBlock(true, oracle.Cat(plain, oracle.SyncMark(), []byte("12345")))[:5+len(plain)+5])
	like("A stored block, not final, of which five bytes are missing, cut behind a sync flush in its content.",
		oracle.StoredBlock(false, oracle.Cat(plain, oracle.SyncMark(), []byte("12345")))[:5+len(plain)+5])
	like("A final empty stored block, 01 00 00 ff ff, and no trailer.", oracle.StoredBlock(false, plain), oracle.StoredBlock(true, nil))
	like("A header, and nothing that was flushed.")
	like("A stored block that is not final, and the end.", oracle.StoredBlock(false, plain))
	like("A sync flush, and then a stored block that is not final.", oracle.SyncMark(), oracle.StoredBlock(false, plain))
}

func gzipTrailers(a *area) {
	plain := base().payload()
	whole := wire{b: oracle.Gzip(plain)}
	n := len(whole.b)
	sum := func(comment string, member []byte) {
		a.broken("checksum", "TP-XFER-017", comment, member, flags("Checksum"))
	}
	for i := range 4 {
		sum(fmt.Sprintf("Byte %d of the CRC-32 is wrong.", i), whole.set(n-8+i, ^whole.b[n-8+i]).b)
	}
	sum("The CRC-32 is 0.", whole.set(n-8, 0, 0, 0, 0).b)
	crc := uint32(whole.b[n-8]) | uint32(whole.b[n-7])<<8 | uint32(whole.b[n-6])<<16 | uint32(whole.b[n-5])<<24
	sum("The CRC-32 is in the wrong byte order.", oracle.Cat(whole.b[:n-8], oracle.RawTrailer(bits.ReverseBytes32(crc), uint32(len(plain)))))
	for _, size := range []uint32{0, 26, 28, 27 << 24, 27 + 1<<31, 0xffffffff} {
		sum(fmt.Sprintf("ISIZE is %d, the output has 27 bytes.", size), oracle.Cat(whole.b[:n-4], oracle.RawTrailer(0, size)[4:]))
	}
	sum("One byte of the content is changed.", whole.set(30, 'X').b)
	sum("The trailer is that of other bytes.", oracle.Cat(whole.b[:n-8], oracle.GzipTrailer([]byte("other"))))

	trailing := func(comment string, more ...[]byte) {
		a.broken("trailing", "TP-XFER-018", comment, oracle.Cat(more...), flags("Trailing"))
	}
	for _, more := range []string{"\x00", "x", "\x1f", "\x1f\x8b", "\x00\x00\x00\x00\x00\x00\x00\x00", "{}\n"} {
		trailing(fmt.Sprintf("A complete member, and %q behind it.", more), whole.b, []byte(more))
	}
	trailing("Two complete members of the same bytes.", whole.b, whole.b)
	trailing("Two complete members, the payload cut between them.", oracle.Gzip(plain[:13]), oracle.Gzip(plain[13:]))
	trailing("A complete member, and an empty one behind it.", whole.b, oracle.Gzip(nil))
	trailing("An empty member, and a complete one behind it.", oracle.Gzip(nil), whole.b)
	trailing("A complete member, and one with a sync flush behind it.", whole.b, oracle.GzipSync(plain))
	trailing("A complete member, and a sync flush behind it.", whole.b, oracle.SyncMark())
	for _, more := range []byte{0x00, 0x01, 0x02, 0x04, 0x06, 0x07, 0xff} {
		a.broken("after-sync", "TP-XFER-016", fmt.Sprintf("A sync flush, and the byte 0x%02x behind it: the beginning of a block that is cut or reserved.", more),
			oracle.Cat(oracle.GzipSync(plain), []byte{more}), flags("SyncFlush", "Trailing"))
	}
	a.broken("after-sync", "TP-XFER-016", "A sync flush, and a whole second member behind it: its first byte is a block of a reserved type.",
		oracle.Cat(oracle.GzipSync(plain), whole.b), flags("SyncFlush", "Trailing"))
	a.broken("after-sync", "TP-XFER-016", "A sync flush, and a trailer without a final block: taken for a stored block, its LEN and NLEN disagree.",
		oracle.Cat(oracle.GzipSync(plain), []byte{0, 0, 0, 0, 27, 0, 0, 0}), flags("SyncFlush", "Trailing"))
}

func gzipDeflate(a *area) {
	plain := base().payload()
	bad := func(comment string, data ...[]byte) {
		a.broken("deflate", "TP-XFER-012", comment, oracle.Cat(append([][]byte{oracle.GzipHeader(0)}, data...)...), flags("BadDeflate"))
	}
	end := oracle.GzipTrailer(plain)
	stored := wire{b: oracle.StoredBlock(true, plain)}
	bad("A block of the reserved type 3.", []byte{0x07}, end)
	bad("A stored block whose NLEN is not the complement of LEN.", stored.set(3, ^stored.b[3]).b, end)
	bad("A stored block whose NLEN is 0.", stored.set(3, 0, 0).b, end)
	fixed := func(write func(w *oracle.BitWriter)) []byte {
		var w oracle.BitWriter
		w.FixedBlock(true)
		write(&w)
		w.EndOfBlock()
		return w.Bytes()
	}
	bad("A match before any output.", fixed(func(w *oracle.BitWriter) { w.Repeat258() }), end)
	bad("A match that begins before the output.", fixed(func(w *oracle.BitWriter) {
		w.Literal('a')
		w.Code(1, 7) // length 3
		w.Code(1, 5) // two back
	}), end)
	for i, sym := range []uint32{286, 287} {
		bad(fmt.Sprintf("The length symbol %d, which has no meaning.", sym), fixed(func(w *oracle.BitWriter) {
			w.Literal('a')
			w.Code(0xc0+uint32(6+i), 8)
			w.Code(0, 5)
		}), end)
	}
	for _, sym := range []uint32{30, 31} {
		bad(fmt.Sprintf("The distance symbol %d, which has no meaning.", sym), fixed(func(w *oracle.BitWriter) {
			w.Literal('a')
			w.Code(1, 7)
			w.Code(sym, 5)
		}), end)
	}
	dynamic := func(hlit, hdist, hclen uint32, lengths ...uint32) []byte {
		var w oracle.BitWriter
		w.Bits(1, 1)
		w.Bits(2, 2)
		w.Bits(hlit, 5)
		w.Bits(hdist, 5)
		w.Bits(hclen, 4)
		for i := range 4 + hclen {
			n := uint32(0)
			if int(i) < len(lengths) {
				n = lengths[i]
			}
			w.Bits(n, 3)
		}
		w.Bits(0, 16)
		return w.Bytes()
	}
	bad("A dynamic block whose code lengths are all 0.", dynamic(0, 0, 15), end)
	bad("A dynamic block with three codes of length 1.", dynamic(0, 0, 15, 1, 1, 1), end)
	bad("A dynamic block with 287 literal codes.", dynamic(30, 0, 15, 1, 1), end)
	bad("A dynamic block that repeats a length before there is one.", dynamic(0, 0, 15, 1, 1), end) // symbol 16 is the bit 0
}

func gzipBombs(a *area) {
	bomb := func(comment string, ids string, at verdict, member []byte, limit uint32, filters int) {
		l := vectors.Limits{MaxPayload: limit}
		out := int(limit)
		if limit == 0 {
			out = 4 << 20
		}
		opts := []option{flags("Bomb"), piped(filters, filters*out)}
		if limit != 0 {
			opts = append(opts, limits(l))
		}
		a.bad("bomb", reqs("TP-XFER-007", "TP-XFER-009", "TP-LIM-002", "TP-LIM-005"), at, comment, framedPipe(ids, member), opts...)
	}
	first, second := at(oracle.Limit, oracle.StageFrame, 6), at(oracle.Limit, oracle.StageFrame, 7)
	const limit = 65536
	bomb("32 MiB against the default limit of 4 MiB.", "g", first, oracle.GzipRun('z', 32<<20), 0, 1)
	bomb("4 MiB and one byte against the default limit of 4 MiB.", "g", first, oracle.GzipRun('z', 4<<20+1), 0, 1)
	bomb("1 MiB against a limit of 64 KiB.", "g", first, oracle.GzipRun(0, 1<<20), limit, 1)
	bomb("64 KiB and one byte against a limit of 64 KiB.", "g", first, oracle.GzipRun(0, limit+1), limit, 1)
	bomb("64 KiB and one byte in stored blocks against a limit of 64 KiB.", "g", first, oracle.Gzip(make([]byte, limit+1)), limit, 1)
	bomb("A bomb in a member that is cut: the limit comes first.", "g", first, oracle.GzipRun(0, 1<<20)[:5000], limit, 1)
	wrong := oracle.GzipRun(0, 1<<20)
	bomb("A bomb with a wrong CRC-32: the limit comes first.", "g", first, wire{b: wrong}.set(len(wrong)-8, 1, 2, 3, 4).b, limit, 1)
	bomb("A bomb inside a member.", "gg", second, oracle.Gzip(oracle.GzipRun(0, 1<<20)), limit, 2)
	bomb("A member inside a bomb: a large comment in the inner member's header passes the limit.", "gg", first,
		oracle.Gzip(hugeMember(base(), 70_000)), limit, 2)
	bomb("The first of 255 filters passes the limit.", strings.Repeat("g", 255), first, oracle.GzipRun(0, 1<<20), limit, 255)

	f := plain7(strings.Repeat("z", limit-23)) // the payload is as long as the limit
	a.reads("at-limit", reqs("TP-XFER-007", "TP-LIM-005", "TP-LIM-002"), "A payload of exactly 64 KiB against that limit.", f.withPipe("g", runMember(f, limit-23)), limits(vectors.Limits{MaxPayload: limit}))
	d := plain7(strings.Repeat("z", 4<<20-23))
	a.reads("at-limit", reqs("TP-XFER-007", "TP-LIM-005", "TP-LIM-002"), "A payload of exactly 4 MiB, the default limit.", d.withPipe("g", runMember(d, 4<<20-23)))
	member := runMember(f, limit-23)
	a.broken("at-limit", "TP-XFER-017", "A payload of exactly the limit, with a wrong CRC-32: the limit is kept, the checksum is not.",
		wire{b: member}.set(len(member)-8, 1, 2, 3, 4).b, limits(vectors.Limits{MaxPayload: limit}), piped(0, limit), flags("Checksum"))
	b := base()
	a.reads("at-limit", reqs("TP-XFER-009", "TP-LIM-005"), "The inner member, with its comment, is exactly as long as the limit.",
		b.withPipe("gg", oracle.Gzip(hugeMember(b, limit-51))), limits(vectors.Limits{MaxPayload: limit}), flags("HeaderField"))
	a.reads("small-payload", reqs("TP-LIM-002", "TP-FRAME-004"), "The payload limit is far below the packet limit, and the piped payload longer than it: only outputs count.",
		b.withPipe("g", hugeMember(b, 1000)), limits(vectors.Limits{MaxPayload: 100}), flags("HeaderField"))
}

// hugeMember is a complete member of the frame's payload with a comment of n bytes: n+51 bytes for the base packet.
func hugeMember(f frame, n int) []byte {
	plain := f.payload()
	return oracle.Cat(oracle.GzipHeader(oracle.FlagComment, oracle.GzipString(strings.Repeat("c", n))),
		oracle.StoredBlock(true, plain), oracle.GzipTrailer(plain))
}
