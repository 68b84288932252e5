package mutants

import (
	"encoding/binary"
	"hash/crc32"
	"maps"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// piped changes how the filters of a pipe are done.
func piped(f func(ids, payload []byte) []byte) func(p *naivePeer) {
	return func(p *naivePeer) {
		p.done = func(ids, payload []byte) ([]byte, error) {
			if len(ids) == 0 {
				return payload, nil
			}
			return f(ids, payload), nil
		}
	}
}

// filtered replaces what one of the filters of chapter 22 does.
func filtered(id byte, do func(b []byte) []byte) func(p *naivePeer) {
	return func(p *naivePeer) {
		filters := maps.Clone(oracle.TestFilters(oracle.Judged))
		filters[id] = oracle.Filter{Do: do, Undo: filters[id].Undo}
		p.filters = filters
	}
}

// zstdFrame is a frame of raw blocks behind a header of its own.
func zstdFrame(header, content []byte) []byte {
	const block = 128 << 10
	out, rest := header, content
	for len(rest) > block {
		out = slices.Concat(out, oracle.ZstdRawBlock(false, rest[:block]))
		rest = rest[block:]
	}
	return slices.Concat(out, oracle.ZstdRawBlock(true, rest))
}

// skippable is a skippable frame of four bytes.
var skippable = []byte{0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 'n', 'o', 'n', 'e'}

// peerPipes: the pipe of a REPLY, and the filters as a peer writes them.
func peerPipes() []Mutant {
	pipe := func(f func(r *request, pipe []byte) []byte) func(p *naivePeer) {
		return altered(func(r *request, reply *oracle.Packet) { reply.Pipe = f(r, reply.Pipe) })
	}
	return []Mutant{
		broken("pipe-not-mirrored", "a REPLY goes without the PULL's pipe", "TP-XFER-021", "pipe-same",
			pipe(func(r *request, pipe []byte) []byte { return pipe[len(r.in.Pipe):] })),
		broken("pipe-added-twice", "the PULL's filters are put into the REPLY's pipe twice", "TP-XFER-021", "pipe-same",
			pipe(func(r *request, pipe []byte) []byte { return slices.Concat(r.in.Pipe, pipe) })),
		broken("pipe-repeats-dropped", "a filter that is listed twice is used once in the REPLY", "TP-XFER-021", "pipe-twice",
			pipe(func(_ *request, pipe []byte) []byte { return slices.Compact(slices.Clone(pipe)) })),
		broken("pipe-reversed", "a REPLY has the PULL's filters in the reverse order", "TP-XFER-021", "filter-order",
			pipe(func(_ *request, pipe []byte) []byte {
				pipe = slices.Clone(pipe)
				slices.Reverse(pipe)
				return pipe
			})),
		broken("pipe-of-the-handler-dropped", "the filters that a handler adds are left out", "TP-XFER-021 TP-CONF-021", "pipe-added",
			pipe(func(r *request, _ []byte) []byte { return r.in.Pipe })),
		broken("pipe-errors-plain", "an error goes without the PULL's pipe", "TP-XFER-021", "pipe-error",
			altered(func(_ *request, reply *oracle.Packet) {
				if failed(reply) {
					reply.Pipe = nil
				}
			})),
		broken("pipe-done-in-list-order", "filters are done from the first listed to the last", "TP-XFER-002", "filter-order",
			piped(doInListOrder)),
		broken("gzip-unfinished", "a gzip member ends after a sync flush, without CRC-32 and length", "TP-XFER-013", "pipe-finished",
			piped(func(_, payload []byte) []byte { return oracle.GzipSync(payload) })),
		broken("gzip-trailer-wrong", "a gzip member ends in zeros for its CRC-32", "TP-XFER-013", "pipe-finished",
			piped(func(_, payload []byte) []byte {
				member := oracle.Gzip(payload)
				clear(member[len(member)-8 : len(member)-4])
				return member
			})),
		broken("crc32c-other-polynomial", "filter c uses the polynomial of gzip", "TP-XFER-025 TP-XFER-026", "filter-crc32c",
			filtered('c', func(b []byte) []byte { return binary.BigEndian.AppendUint32(slices.Clone(b), crc32.ChecksumIEEE(b)) })),
		broken("crc32c-little-endian", "filter c appends its checksum in little-endian order", "TP-XFER-026", "filter-crc32c",
			filtered('c', func(b []byte) []byte { return binary.LittleEndian.AppendUint32(slices.Clone(b), oracle.Crc32c(b)) })),
		broken("zstd-two-frames", "filter z writes a skippable frame before its frame", "TP-XFER-031", "filter-zstd",
			filtered('z', func(b []byte) []byte { return slices.Concat(skippable, oracle.ZstdRaw(b)) })),
		broken("zstd-trailing-frame", "filter z writes a skippable frame behind its frame", "TP-XFER-031", "filter-zstd",
			filtered('z', func(b []byte) []byte { return slices.Concat(oracle.ZstdRaw(b), skippable) })),
		broken("zstd-without-checksum", "filter z leaves the content checksum out", "TP-XFER-032", "filter-zstd",
			filtered('z', func(b []byte) []byte {
				size := binary.LittleEndian.AppendUint32(nil, uint32(len(b)))
				return zstdFrame(oracle.ZstdHeader(oracle.ZstdSingle|oracle.ZstdSize4, size...), b)
			})),
		broken("zstd-window-too-large", "filter z asks for a window of 16 MiB", "TP-XFER-033", "filter-zstd",
			filtered('z', func(b []byte) []byte {
				const window = (24 - 10) << 3 // 2^24 bytes
				return slices.Concat(zstdFrame(oracle.ZstdHeader(oracle.ZstdChecksum, window), b), oracle.ZstdSum(b))
			})),
		broken("zstd-dictionary", "filter z names a dictionary", "TP-XFER-033", "filter-zstd",
			filtered('z', func(b []byte) []byte {
				const dictionary = 1 // a flag: the id has one byte
				fields := binary.LittleEndian.AppendUint32([]byte{7}, uint32(len(b)))
				return slices.Concat(zstdFrame(oracle.ZstdHeader(oracle.ZstdChecksum|oracle.ZstdSingle|oracle.ZstdSize4|dictionary, fields...), b), oracle.ZstdSum(b))
			})),
	}
}

// doInListOrder does gzip and the filters of chapter 22 in the order of the list, which is the wrong one.
func doInListOrder(ids, payload []byte) []byte {
	filters := oracle.TestFilters(oracle.Judged)
	for _, id := range ids {
		if id == oracle.FilterGzip {
			payload = gzipped(payload)
		} else if f, ok := filters[id]; ok {
			payload = f.Do(payload)
		}
	}
	return payload
}
