package mutants

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// badFilter is a good filter with one or both of its directions replaced; nil is not.
type badFilter struct {
	xfer.XferFilter
	pack, unpack func(good xfer.XferFilter, src []byte) ([]byte, error)
}

func (f badFilter) OnPack(src []byte) ([]byte, error) {
	if f.pack == nil {
		return f.XferFilter.OnPack(src)
	}
	return f.pack(f.XferFilter, src)
}

func (f badFilter) OnUnpack(src []byte) ([]byte, error) { return f.OnUnpackLimit(src, 1<<30) }

func (f badFilter) OnUnpackLimit(src []byte, max int) (out []byte, err error) {
	if f.unpack != nil {
		out, err = f.unpack(f.XferFilter, src)
	} else if b, ok := f.XferFilter.(xfer.Bounded); ok {
		return b.OnUnpackLimit(src, max)
	} else {
		out, err = f.XferFilter.OnUnpack(src)
	}
	if err == nil && len(out) > max {
		return nil, xfer.ErrExceedLimit
	}
	return out, err
}

// packs and undoes break one direction of the filter with that id.
func packs(id byte, f func(good xfer.XferFilter, src []byte) ([]byte, error)) packet.ProtoFunc {
	return withFilter(id, func(good xfer.XferFilter) xfer.XferFilter { return badFilter{good, f, nil} })
}

func undoes(id byte, f func(good xfer.XferFilter, src []byte) ([]byte, error)) packet.ProtoFunc {
	return withFilter(id, func(good xfer.XferFilter) xfer.XferFilter { return badFilter{good, nil, f} })
}

func withFilter(id byte, broken func(xfer.XferFilter) xfer.XferFilter) packet.ProtoFunc {
	return withFilters(func(f xfer.XferFilter) xfer.XferFilter {
		if f.Id() != id {
			return nil
		}
		return broken(f)
	})
}

// scribbling changes the bytes that it was given to undo, once it has undone them.
func scribbling(f xfer.XferFilter) xfer.XferFilter {
	return badFilter{f, nil, func(good xfer.XferFilter, src []byte) ([]byte, error) {
		out, err := good.OnUnpack(src)
		out = bytes.Clone(out)
		for i := range src {
			src[i] ^= 0xff
		}
		return out, err
	}}
}

// gunzip reads a member in which nothing but the deflate data is looked at, and gives what follows these.
func gunzip(src []byte) (out, rest []byte, err error) {
	z, err := gzip.NewReader(bytes.NewReader(src)) // judges the header
	if err != nil {
		return nil, nil, err
	}
	_ = z.Close()
	if src[3] != 0 {
		return nil, nil, errors.New("a header with extras")
	}
	in := bytes.NewReader(src[10:])
	out, err = io.ReadAll(flate.NewReader(in))
	return out, src[len(src)-in.Len():], err
}

// unchecked reads whole members without a look at their trailers.
func unchecked(good xfer.XferFilter, src []byte) ([]byte, error) {
	out, rest, err := gunzip(src)
	if err != nil || len(rest) != 8 {
		return good.OnUnpack(src)
	}
	return out, nil
}

// truncated takes what there is of a member that ends too early.
func truncated(good xfer.XferFilter, src []byte) ([]byte, error) {
	if out, _, err := gunzip(src); errors.Is(err, io.ErrUnexpectedEOF) {
		return out, nil
	}
	return good.OnUnpack(src)
}

// members reads one member after the other.
func members(good xfer.XferFilter, src []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(src))
	if err != nil {
		return good.OnUnpack(src)
	}
	if out, err := io.ReadAll(z); err == nil {
		return out, nil
	}
	return good.OnUnpack(src)
}

// wholeOnly refuses a member that ends after a sync flush.
func wholeOnly(good xfer.XferFilter, src []byte) ([]byte, error) {
	if bytes.HasSuffix(src, []byte{0, 0, 0xff, 0xff}) {
		return nil, io.ErrUnexpectedEOF
	}
	return good.OnUnpack(src)
}

// storedRefused reads no members whose first block is a stored one.
func storedRefused(good xfer.XferFilter, src []byte) ([]byte, error) {
	if len(src) > 10 && src[3] == 0 && src[10]&6 == 0 {
		return nil, errors.New("a stored block")
	}
	return good.OnUnpack(src)
}

// ownOnly wants the bytes that it would have written itself.
func ownOnly(good xfer.XferFilter, src []byte) ([]byte, error) {
	out, err := good.OnUnpack(src)
	if err != nil {
		return nil, err
	}
	if own, _ := good.OnPack(out); !bytes.Equal(own, src) {
		return nil, errors.New("not as this side compresses")
	}
	return out, nil
}

// extrasRefused knows only the plain header.
func extrasRefused(good xfer.XferFilter, src []byte) ([]byte, error) {
	if len(src) > 3 && src[3] != 0 {
		return nil, errors.New("a header with extras")
	}
	return good.OnUnpack(src)
}

// unfinished flushes where it has to close.
func unfinished(_ xfer.XferFilter, src []byte) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(src)
	return out.Bytes(), errors.Join(err, z.Flush())
}

// sum appends a checksum of another kind.
func sum(table *crc32.Table, order binary.AppendByteOrder) func(xfer.XferFilter, []byte) ([]byte, error) {
	return func(_ xfer.XferFilter, src []byte) ([]byte, error) {
		return order.AppendUint32(slices.Clone(src), crc32.Checksum(src, table)), nil
	}
}

// untagged opens AES-GCM without a look at the tag.
func untagged(good xfer.XferFilter, src []byte) ([]byte, error) {
	if len(src) < 36 || binary.BigEndian.Uint32(src[4:]) == oracle.Judged {
		return good.OnUnpack(src)
	}
	key := oracle.TestKey('a', binary.BigEndian.Uint32(src))
	if key == nil {
		return good.OnUnpack(src)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(src)-36)
	counter := append(slices.Clone(src[8:20]), 0, 0, 0, 2) // where GCM begins to count
	cipher.NewCTR(block, counter).XORKeyStream(out, src[20:len(src)-16])
	return out, nil
}

// aead is the AES filter of the vectors' judged party with other options.
func aead(o xfer.AEADOptions) func(xfer.XferFilter) xfer.XferFilter {
	return func(xfer.XferFilter) xfer.XferFilter {
		f, err := xfer.NewAESGCM(o)
		if err != nil {
			panic(err) // the options are constants
		}
		return f
	}
}

func testKeys(filter byte, ids ...uint32) []xfer.Key {
	var out []xfer.Key
	for _, id := range ids {
		out = append(out, xfer.Key{Id: id, Secret: oracle.TestKey(filter, id)})
	}
	return out
}

// underId is a filter under another id.
type underId struct {
	xfer.XferFilter
	id byte
}

func (f underId) Id() byte { return f.id }

// senderUnbound opens, besides what is good, what was sealed with nothing said of its sender.
func senderUnbound(good xfer.XferFilter, src []byte) ([]byte, error) {
	out, err := good.OnUnpack(src)
	if err == nil || len(src) < 36 || oracle.TestKey('a', binary.BigEndian.Uint32(src)) == nil {
		return out, err
	}
	block, failed := aes.NewCipher(oracle.TestKey('a', binary.BigEndian.Uint32(src)))
	if failed != nil {
		return nil, failed
	}
	gcm, failed := cipher.NewGCM(block)
	if failed != nil {
		return nil, failed
	}
	lax, failed := gcm.Open(nil, src[8:20], src[20:], append([]byte{'a'}, src[:4]...))
	if failed != nil {
		return nil, err
	}
	return lax, nil
}
