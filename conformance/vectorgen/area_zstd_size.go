package vectorgen

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// zstdSizes are content sizes that lie, and contents that pass the payload limit.
func zstdSizes(a *area) {
	p := base().payload()
	whole := oracle.Cat(oracle.ZstdRawBlock(true, p), oracle.ZstdSum(p))
	n := len(p)
	lie := func(req, comment string, frame []byte) {
		zstdBroken(a, "size", req, comment, frame, flags("SizeLie"))
	}
	size4 := func(n uint32) []byte {
		return oracle.ZstdHeader(oracle.ZstdSingle|oracle.ZstdChecksum|oracle.ZstdSize4, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
	lie("TP-XFER-041", "The content size is one less than the content.", oracle.Cat(size1(n-1), whole))
	lie("TP-XFER-041", "The content size is one more than the content.", oracle.Cat(size1(n+1), whole))
	lie("TP-XFER-041", "The content size is 0.", oracle.Cat(size1(0), whole))
	lie("TP-XFER-041", "The content size is 256, in two bytes of zeros, and the content is short.", oracle.Cat(oracle.ZstdHeader(oracle.ZstdSingle|oracle.ZstdChecksum|oracle.ZstdSize2, 0, 0), whole))
	lie("TP-XFER-042", "The content size is the payload limit, 4 MiB; the block holds 27 bytes.", oracle.Cat(size4(4<<20), whole))
	lie("TP-XFER-042", "The content size is 1 MiB; a compressed block and a raw one can hold 128 KiB and 27 bytes.",
		oracle.Cat(size4(1<<20), oracle.ZstdPackedBlock(false, oracle.ZstdRunLiterals('z', 4000), oracle.ZstdNoSequences()), whole))
	lie("TP-XFER-041", "A compressed block has fewer bytes than the content size leaves for it.",
		oracle.Cat(size4(uint32(n+4001)), oracle.ZstdPackedBlock(false, oracle.ZstdRunLiterals('z', 4000), oracle.ZstdNoSequences()), whole))
	lie("TP-XFER-041", "A compressed block has more bytes than the content size leaves for it.",
		oracle.Cat(size4(uint32(n+3999)), oracle.ZstdPackedBlock(false, oracle.ZstdRunLiterals('z', 4000), oracle.ZstdNoSequences()), whole))

	limit := func(req, comment string, max uint32, frame []byte, opts ...option) {
		a.bad("limit", reqs("TP-XFER-007", req), at(oracle.Limit, oracle.StageFrame, 6), comment, framedPipe("z", frame),
			always(opts, needs("z"), flags("Bomb"), limits(vectors.Limits{MaxPayload: max}), piped(1, int(max)), zstdState(1))...)
	}
	open := oracle.ZstdHeader(oracle.ZstdChecksum, 0)
	limit("TP-XFER-040", "The content size is one above the payload limit.", uint32(n-1), oracle.ZstdRaw(p))
	limit("TP-XFER-040", "The content size is 4,294,967,295.", 4<<20, oracle.Cat(size4(1<<32-1), whole))
	limit("TP-XFER-040", "The content size is 2^64-1: as a signed number it would be below every limit.", 4<<20,
		oracle.Cat(oracle.ZstdHeader(oracle.ZstdSingle|oracle.ZstdChecksum|oracle.ZstdSize8, 255, 255, 255, 255, 255, 255, 255, 255), whole))
	limit("TP-XFER-040", "The content size is above the payload limit and a block is cut: the size comes first.", 100, oracle.Cat(size1(200), oracle.ZstdRawBlock(true, p)[:20]))
	limit("TP-XFER-009", "No content size, and one byte above the payload limit.", uint32(n-1), oracle.Cat(open, whole))
	run := func(blocks int) []byte {
		out := oracle.ZstdHeader(oracle.ZstdChecksum, 8<<3)
		for i := range blocks {
			out = append(out, oracle.ZstdRunBlock(i == blocks-1, 0, 131_072)...)
		}
		return oracle.Cat(out, []byte{1, 2, 3, 4})
	}
	limit("TP-XFER-009", "4 MiB and 128 KiB of zeros in 142 bytes; the checksum, which is wrong, stands behind them.", 4<<20, run(33))
	limit("TP-XFER-009", "16 MiB of zeros.", 100_000, run(128))
	packed := append([]byte(nil), oracle.ZstdHeader(oracle.ZstdChecksum, 8<<3)...)
	for i := range 40 {
		packed = append(packed, oracle.ZstdPackedBlock(i == 39, oracle.ZstdRunLiterals('z', 4000), oracle.ZstdNoSequences())...)
	}
	packed = append(packed, 1, 2, 3, 4)
	limit("TP-XFER-009", "160,000 bytes in compressed blocks, whose length does not show before they are undone.", 100_000, packed, flags("Packed"))
	fits := plain7(strings.Repeat("z", 5000))
	fp := fits.payload()
	a.reads("limit", reqs("TP-XFER-007", "TP-LIM-005"), "No content size, and a content of exactly the payload limit.", fits.withPipe("z",
		oracle.Cat(oracle.ZstdHeader(oracle.ZstdChecksum, 8<<3), oracle.ZstdRawBlock(false, fp[:23]), oracle.ZstdRunBlock(true, 'z', 5000), oracle.ZstdSum(fp))),
		needs("z"), limits(vectors.Limits{MaxPayload: uint32(len(fp))}))
	for _, c := range []struct {
		comment string
		tail    []byte
	}{
		{"ends without its last block", nil},
		{"goes on with a reserved block", oracle.ZstdBlock(true, 3, 0, []byte{1, 2, 3, 4})},
		{"has two bytes behind its end", oracle.Cat(oracle.ZstdRawBlock(true, nil), []byte{1, 2, 3, 4, 5, 6})},
	} {
		bomb := run(33)
		bomb = bomb[:len(bomb)-8]
		zstdBroken(a, "walk", "TP-XFER-039", fmt.Sprintf("A bomb that %s: the walk finds that first.", c.comment), oracle.Cat(bomb, c.tail), flags("Bomb", "BadBlock"))
	}
}
