package vectorgen

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// gzipArea is the gzip filter: what a member may look like, and what is none.
func gzipArea() *area {
	a := newArea("gzip", "The gzip filter: complete members, members that end with a sync flush as the original sends them, and what is neither.", map[string]string{
		"SyncFlush":   "The member ends with a sync flush, without final block and trailer: a library that insists on the trailer cannot talk to the original.",
		"Truncated":   "The member is cut: a reader that takes what there is hands on half a packet.",
		"Checksum":    "CRC-32 or ISIZE is wrong: a reader that does not look hands on changed bytes.",
		"Trailing":    "Something follows the member: most libraries stop there, or read a second member, without a word.",
		"HeaderField": "The member has optional header fields: a reader that skips ten bytes takes them for data.",
		"BadHeader":   "The header is not one of gzip.",
		"BadDeflate":  "The deflate data is against RFC 1951.",
		"Bomb":        "A few bytes that become many: a reader must stop at its limit, not behind it.",
		"LooksLike":   "The bytes look like the end of a member, or like a sync flush, and are content.",
		"HeaderCrc":   "The header has a checksum of its own.",
	})
	gzipForms(a)
	gzipHeaders(a)
	gzipBadHeaders(a)
	gzipTruncated(a)
	gzipTrailers(a)
	gzipDeflate(a)
	gzipBombs(a)
	return a
}

// broken is a frame whose one gzip filter cannot be undone.
func (a *area) broken(topic, req, comment string, member []byte, opts ...option) {
	a.bad(topic, reqs("TP-XFER-006", req), at(oracle.FilterData, oracle.StageFrame, 6), comment, framedPipe("g", member), append(opts, piped(1, len(member)))...)
}

func gzipForms(a *area) {
	f := base()
	plain := f.payload()
	form := func(comment string, member []byte, ids []string, opts ...option) {
		a.reads("form", ids, comment, f.withPipe("g", member), opts...)
	}
	whole := reqs("TP-XFER-014", "TP-XFER-020", "TP-XFER-024")
	synced := reqs("TP-XFER-015", "TP-XFER-020")
	sync := flags("SyncFlush")
	end := oracle.GzipTrailer(plain)

	form("One stored block.", oracle.Gzip(plain), whole)
	form("One fixed-Huffman block.", oracle.GzipFixed(plain), whole)
	form("Three stored blocks, the last one empty.", oracle.Cat(oracle.GzipHeader(0), oracle.StoredBlock(false, plain[:5]), oracle.StoredBlock(false, plain[5:]), oracle.StoredBlock(true, nil), end), whole)
	form("A stored block a byte.", func() []byte {
		member := oracle.GzipHeader(0)
		for i := range plain {
			member = append(member, oracle.StoredBlock(i == len(plain)-1, plain[i:i+1])...)
		}
		return append(member, end...)
	}(), whole)
	var mixed oracle.BitWriter
	mixed.FixedBlock(false)
	for _, c := range plain[:9] {
		mixed.Literal(c)
	}
	mixed.EndOfBlock()
	mixed.Sync()
	form("A fixed-Huffman block, a sync flush in the middle, a final stored block.",
		oracle.Cat(oracle.GzipHeader(0), mixed.Bytes(), oracle.StoredBlock(true, plain[9:]), end), whole)
	form("A sync flush, and behind it a final empty block with the trailer.", oracle.Cat(oracle.GzipSync(plain), oracle.StoredBlock(true, nil), end), whole)

	form("Stored, ended with a sync flush.", oracle.GzipSync(plain), synced, sync)
	var fixed oracle.BitWriter
	fixed.FixedBlock(false)
	for _, c := range plain {
		fixed.Literal(c)
	}
	fixed.EndOfBlock()
	fixed.Sync()
	form("Fixed-Huffman, ended with a sync flush in the middle of a byte.", oracle.Cat(oracle.GzipHeader(0), fixed.Bytes()), synced, sync)
	form("Two sync flushes at the end.", oracle.Cat(oracle.GzipSync(plain), oracle.SyncMark()), synced, sync)
	form("Content that ends like a sync flush, then a true one.", oracle.Cat(oracle.GzipHeader(0), oracle.StoredBlock(false, plain), oracle.SyncMark()), synced, sync)

	dog := plain7(dogs)
	a.reads("dynamic", reqs("TP-XFER-014"), "A dynamic-Huffman block, from a compressor at level 5.", dog.withPipe("g", unhex(dogMember)))
	a.reads("dynamic", reqs("TP-XFER-015"), "The same, ended with a sync flush.", dog.withPipe("g", unhex(dogSynced)), sync)
	original := plain7("hello")
	a.reads("dynamic", reqs("TP-XFER-015"), "Bytes that the original wrote.", original.withUri("/group/home/test?peer_id=call-1").withSeq(1).withPipe("g", unhex(originalMember)), sync)
	lookalike := plain7("\x00\x00\xff\xff")
	a.reads("look-alike", reqs("TP-XFER-014"), "The content ends in 00 00 ff ff; the member is complete.", lookalike.withPipe("g", oracle.Gzip(lookalike.payload())), flags("LooksLike"))
	big := plain7(strings.Repeat("z", 70_000))
	a.reads("large", reqs("TP-XFER-014"), "More than one full stored block.", big.withPipe("g", oracle.Gzip(big.payload())))
	a.reads("large", reqs("TP-XFER-014"), "270 matches of 258 bytes.", big.withPipe("g", runMember(big, 70_000)))
	a.bad("empty", reqs("TP-FAST-005", "TP-XFER-011"), at(oracle.Header, oracle.StagePayload, 0), "A complete member of no bytes: the filter is undone, the payload is empty.",
		framedPipe("g", oracle.Gzip(nil)), piped(1, 0))
	a.bad("empty", reqs("TP-FAST-005", "TP-XFER-015"), at(oracle.Header, oracle.StagePayload, 0), "A header and a sync flush: the filter is undone, the payload is empty.",
		framedPipe("g", oracle.Cat(oracle.GzipHeader(0), oracle.SyncMark())), sync, piped(1, 0))
}

func gzipHeaders(a *area) {
	f := base()
	plain := f.payload()
	rest := oracle.Cat(oracle.StoredBlock(true, plain), oracle.GzipTrailer(plain))
	form := func(comment string, header []byte, names ...string) {
		a.reads("header", reqs("TP-XFER-019"), comment, f.withPipe("g", oracle.Cat(header, rest)), flags(append(names, "HeaderField")...))
	}
	crc := func(header []byte) []byte { return append(header, oracle.GzipHeaderCRC(header)...) }
	all := byte(oracle.FlagText | oracle.FlagExtra | oracle.FlagName | oracle.FlagComment)
	form("A time, another XFL and OS.", wire{b: oracle.GzipHeader(0)}.set(4, 1, 2, 3, 4, 2, 3).b)
	form("FTEXT.", oracle.GzipHeader(oracle.FlagText))
	form("An empty FEXTRA.", oracle.GzipHeader(oracle.FlagExtra, oracle.GzipExtra(nil)))
	form("FEXTRA of 300 bytes.", oracle.GzipHeader(oracle.FlagExtra, oracle.GzipExtra(make([]byte, 300))))
	form("FEXTRA of 65,535 bytes.", oracle.GzipHeader(oracle.FlagExtra, oracle.GzipExtra(make([]byte, 65535))))
	form("FNAME.", oracle.GzipHeader(oracle.FlagName, oracle.GzipString("a.txt")))
	form("An empty FNAME.", oracle.GzipHeader(oracle.FlagName, oracle.GzipString("")))
	form("FNAME in Latin-1.", oracle.GzipHeader(oracle.FlagName, oracle.GzipString("\xe9\xff")))
	form("FCOMMENT.", oracle.GzipHeader(oracle.FlagComment, oracle.GzipString("a comment")))
	form("FHCRC alone.", crc(oracle.GzipHeader(oracle.FlagHCRC)), "HeaderCrc")
	form("FEXTRA, FNAME and FCOMMENT.", oracle.GzipHeader(all, oracle.GzipExtra([]byte("AB\x02\x00hi")), oracle.GzipString("a.txt"), oracle.GzipString("a comment")))
	form("All fields, FHCRC too.", crc(oracle.GzipHeader(all|oracle.FlagHCRC, oracle.GzipExtra([]byte("AB\x02\x00hi")), oracle.GzipString("a.txt"), oracle.GzipString("a comment"))), "HeaderCrc")
}

func gzipBadHeaders(a *area) {
	plain := base().payload()
	rest := oracle.Cat(oracle.StoredBlock(true, plain), oracle.GzipTrailer(plain))
	whole := wire{b: oracle.Gzip(plain)}
	broken := func(comment string, member []byte, names ...string) {
		a.broken("bad-header", "TP-XFER-019", comment, member, flags(append(names, "BadHeader")...))
	}
	broken("The first byte of the magic is wrong.", whole.set(0, 0x1e).b)
	broken("The second byte of the magic is wrong.", whole.set(1, 0x8c).b)
	broken("The magic of compress(1).", whole.set(0, 0x1f, 0x9d).b)
	broken("A zlib stream.", oracle.Cat([]byte{0x78, 0x9c}, whole.b[10:]))
	broken("Deflate without a header.", whole.b[10:])
	for _, m := range []byte{0, 7, 9, 255} {
		broken(fmt.Sprintf("Method %d.", m), whole.set(2, m).b)
	}
	for _, f := range []byte{0x20, 0x40, 0x80, 0xe0} {
		broken(fmt.Sprintf("Reserved flag bits 0x%02x.", f), whole.set(3, f).b)
	}
	hcrc := oracle.GzipHeader(oracle.FlagHCRC)
	broken("The header's CRC is wrong.", oracle.Cat(hcrc, wire{b: oracle.GzipHeaderCRC(hcrc)}.set(0, 0x55).b, rest), "HeaderCrc")
	cut := func(comment string, member []byte) {
		a.broken("cut-header", "TP-XFER-016", comment, member, flags("Truncated"))
	}
	cut("FEXTRA without its length.", oracle.GzipHeader(oracle.FlagExtra))
	cut("FEXTRA with half its length.", oracle.GzipHeader(oracle.FlagExtra, []byte{5}))
	cut("FEXTRA that runs past the end.", oracle.GzipHeader(oracle.FlagExtra, []byte{5, 0}, []byte("abcd")))
	cut("FNAME without its end.", oracle.GzipHeader(oracle.FlagName, []byte("a.txt")))
	cut("FCOMMENT without its end.", oracle.GzipHeader(oracle.FlagComment, []byte("a comment")))
	cut("FHCRC with one byte.", oracle.GzipHeader(oracle.FlagHCRC, []byte{1}))
}

// runMember is a gzip member of the frame's payload, the last n bytes of which are equal, in one fixed-Huffman block.
func runMember(f frame, n int) []byte {
	plain := f.payload()
	var w oracle.BitWriter
	w.FixedBlock(true)
	at := len(plain) - n + 1 // the run's first byte is a literal
	for _, c := range plain[:at] {
		w.Literal(c)
	}
	for ; len(plain)-at >= 258; at += 258 {
		w.Repeat258()
	}
	for _, c := range plain[at:] {
		w.Literal(c)
	}
	w.EndOfBlock()
	return oracle.Cat(oracle.GzipHeader(0), w.Bytes(), oracle.GzipTrailer(plain))
}

// plain7 is a PULL of /echo with a string body.
func plain7(body string) frame { return plain(7, oracle.Pull, "/echo", 's', body) }

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err) // a literal of this file
	}
	return b
}
