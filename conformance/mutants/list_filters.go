package mutants

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// filterMutants are faults of the filters (chapters 7 and 22).
func filterMutants() []Mutant {
	m := func(name, fault, killer string, proto packet.ProtoFunc, short ...string) Mutant {
		return Mutant{ID: "proto-filter-" + name, Fault: fault, KilledBy: killer, Requirements: reqs(short...), Proto: proto}
	}
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	return []Mutant{
		m("g-unfinished", "ends a gzip member with a flush instead of its trailer", "wire/pipe-one-0001", packs('g', unfinished), "XFER-013"),
		m("g-stored-refused", "reads no gzip member that begins with a stored block", "wire/gzip-form-0001", undoes('g', storedRefused), "XFER-014"),
		m("g-own-bytes-wanted", "reads only gzip members that it would have written", "wire/gzip-form-0001", undoes('g', ownOnly), "XFER-020"),
		m("g-flush-refused", "refuses a gzip member that ends after a sync flush", "wire/gzip-form-0007", undoes('g', wholeOnly), "XFER-015"),
		m("g-truncated-taken", "takes what there is of a truncated gzip member", "wire/gzip-cut-dynamic-0001", undoes('g', truncated), "XFER-016"),
		m("g-trailer-unchecked", "does not look at a gzip trailer", "wire/gzip-checksum-0001", undoes('g', unchecked), "XFER-017"),
		m("g-members-joined", "reads several gzip members as one", "wire/gzip-trailing-0007", undoes('g', members), "XFER-018"),
		m("g-extras-refused", "knows only the plain gzip header", "wire/gzip-header-0002", undoes('g', extrasRefused), "XFER-019"),
		m("c-unchecked", "takes the checksum off without a look at it", "wire/crc-sum-0001", undoes('c', func(good xfer.XferFilter, src []byte) ([]byte, error) {
			if len(src) < 4 {
				return good.OnUnpack(src)
			}
			return src[:len(src)-4], nil
		}), "XFER-028"),
		m("c-short-taken", "takes data too short for a checksum", "wire/crc-short-0001", undoes('c', func(good xfer.XferFilter, src []byte) ([]byte, error) {
			if len(src) < 4 {
				return src, nil
			}
			return good.OnUnpack(src)
		}), "XFER-027"),
		m("c-other-polynomial", "writes the checksum of Ethernet", "wire/crc-form-0001", packs('c', sum(crc32.IEEETable, binary.BigEndian)), "XFER-025", "XFER-026"),
		m("c-little-endian", "writes the checksum with its lowest byte first", "wire/crc-form-0001", packs('c', sum(castagnoli, binary.LittleEndian)), "XFER-026"),
		m("z-checksum-unneeded", "takes a Zstandard frame without a checksum", "wire/zstd-header-0010", undoes('z', zstdLax(errNoChecksum)), "XFER-035"),
		m("z-window-unbounded", "takes a Zstandard frame with a window of any size", "wire/zstd-header-0015", undoes('z', zstdLax(errWindow)), "XFER-037"),
		m("z-checksum-unchecked", "does not look at a Zstandard checksum", "wire/zstd-sum-0001", undoes('z', zstdLax(errSum)), "XFER-043"),
		m("a-tag-unchecked", "opens a sealed payload without a look at its tag", "wire/aead-aes-forged-0001", undoes('a', untagged), "XFER-055"),
		m("a-own-opened", "opens what it has sealed itself", "wire/aead-aes-forged-0035", withFilter('a', aead(xfer.AEADOptions{Sender: 77, Keys: testKeys('a', 1, 2)})), "XFER-054"),
		m("a-any-key", "opens with its first key, whatever the key id", "wire/aead-aes-forged-0031", undoes('a', func(good xfer.XferFilter, src []byte) ([]byte, error) {
			out, err := good.OnUnpack(src)
			if errors.Is(err, xfer.ErrKeyUnknown) {
				return []byte{}, nil
			}
			return out, err
		}), "XFER-053"),
		m("a-head-unbound", "opens a sealed payload whatever its sender id", "wire/aead-aes-forged-0041", undoes('a', senderUnbound), "XFER-047"),
		m("a-sender-first", "reads the sender id before the key id", "wire/aead-aes-0002", undoes('a', func(good xfer.XferFilter, src []byte) ([]byte, error) {
			if len(src) < 8 {
				return good.OnUnpack(src)
			}
			return good.OnUnpack(slices.Concat(src[4:8], src[:4], src[8:]))
		}), "XFER-046"),
		m("x-as-a", "opens with AES under the id of ChaCha20", "wire/aead-chacha-0001", withFilter('x', func(xfer.XferFilter) xfer.XferFilter {
			return underId{aead(xfer.AEADOptions{Sender: oracle.Judged, Keys: testKeys('x', 1, 2)})(nil), 'x'}
		}), "XFER-045"),
	}
}
