package mutants

import (
	"errors"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// What a lax reader of Zstandard does not mind.
var (
	errNoChecksum = errors.New("no content checksum")
	errWindow     = errors.New("too large a window")
	errSum        = errors.New("a wrong content checksum")
)

// zstdReader reads whatever is Zstandard; it is made when a mutant first asks for it.
var zstdReader = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.IgnoreChecksum(true), zstd.WithDecoderMaxMemory(1<<24))
})

// zstdLax undoes frames that have this one fault.
func zstdLax(fault error) func(xfer.XferFilter, []byte) ([]byte, error) {
	return func(good xfer.XferFilter, src []byte) ([]byte, error) {
		out, err := good.OnUnpack(src)
		var h zstd.Header
		if err == nil || h.Decode(src) != nil || h.DictionaryID != 0 || h.Skippable {
			return out, err
		}
		const widest = 8 << 20
		has := errSum
		switch {
		case !h.HasCheckSum:
			has = errNoChecksum
		case h.WindowSize > widest:
			has = errWindow
		}
		if has != fault {
			return nil, err
		}
		r, failed := zstdReader()
		if failed != nil {
			return nil, failed
		}
		if lax, failed := r.DecodeAll(src, nil); failed == nil {
			return lax, nil
		}
		return nil, err
	}
}
