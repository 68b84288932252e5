package xfer

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// ZstdId is the id of the Zstandard filter, 'z'.
const ZstdId byte = 'z' // req: TP-XFER-030

const (
	defaultZstdLevel = 3
	maxZstdLevel     = 22

	// encoderWindow is how far back matches are looked for. A frame's content
	// is at most a payload, and memory is taken for twice the window.
	encoderWindow = 1 << 20
	// copySlack is room behind the output in which the library copies faster.
	copySlack = 16
	// firstGuess is the least room, in bytes, for content of unknown size.
	firstGuess = 64 << 10
)

// emptyZstd is the frame of no bytes, with its checksum: the library's own for
// an empty input has none.
const emptyZstd = "\x28\xb5\x2f\xfd" + "\x24\x00" + "\x01\x00\x00" + "\x99\xe9\xd8\x51"

// zstdFilter compresses with RFC 8878 (spec section 22.3).
type zstdFilter struct {
	id      byte
	level   zstd.EncoderLevel
	writers sync.Pool // *zstdWriter of this level

	// A decoder has a channel, and a channel made inside a testing/synctest
	// bubble must not leave it. So there is one decoder, made with the filter,
	// and not a pool of them; it runs as many calls at once as there are
	// processors.
	decoder *zstd.Decoder
}

// zstdWriter is an encoder and the slice that it appends to. The encoder is
// used as a stream because as such, with a concurrency of 1, it has neither
// channels nor goroutines.
type zstdWriter struct {
	dst []byte
	z   *zstd.Encoder
}

func (w *zstdWriter) Write(b []byte) (int, error) {
	w.dst = append(w.dst, b...)
	return len(b), nil
}

// NewZstd makes a Zstandard filter with an id and a level from 1 (fast) to 22
// (small), as the zstd command counts them; they are mapped to the four speeds
// of the library. Default holds one with id 'z' and level 3. A reader undoes
// every level. An encoder in use takes about 1 MiB at levels 1 to 5, 6 MiB up
// to 9, and 37 MiB above; there is one for each call that runs at once.
//
// It writes one frame with a content checksum and without a dictionary. It
// reads exactly one such frame: a frame without a checksum, with a dictionary,
// with a window above 8 MiB, skippable frames, a truncated frame, a wrong
// checksum and anything after the frame are errors. The filter implements
// Bounded and Appender. A filter that is made inside a testing/synctest bubble
// must stay there.
func NewZstd(id byte, level int) (XferFilter, error) {
	if id == 0 {
		return nil, &RegisterError{Id: id, Err: ErrZeroId}
	}
	if level < 1 || level > maxZstdLevel {
		return nil, fmt.Errorf("xfer: zstd level %d is not in 1..%d", level, maxZstdLevel)
	}
	return newZstd(id, level)
}

// newZstd needs arguments that NewZstd has checked.
func newZstd(id byte, level int) (*zstdFilter, error) {
	d, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxZstdWindow),
		zstd.WithDecoderMaxMemory(1<<32), // no payload is larger; the true limit is the room given, call by call
		zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fmt.Errorf("xfer: making a zstd decoder: %w", err)
	}
	return &zstdFilter{id: id, level: zstd.EncoderLevelFromZstd(level), decoder: d}, nil
}

// Id gives the filter's id.
func (f *zstdFilter) Id() byte { return f.id }

// OnPack compresses src into one frame.
func (f *zstdFilter) OnPack(src []byte) ([]byte, error) { return f.AppendPack(nil, src) }

// OnUnpack is OnUnpackLimit without a limit.
func (f *zstdFilter) OnUnpack(src []byte) ([]byte, error) {
	return f.OnUnpackLimit(src, math.MaxInt)
}

// OnUnpackLimit undoes OnPack and stops when the output would exceed max
// bytes.
func (f *zstdFilter) OnUnpackLimit(src []byte, max int) ([]byte, error) {
	return f.AppendUnpack(nil, src, max)
}

// AppendPack appends one frame to dst.
//
// req: TP-XFER-031, TP-XFER-032, TP-XFER-033, TP-XFER-010
func (f *zstdFilter) AppendPack(dst, src []byte) ([]byte, error) {
	if len(src) == 0 {
		return append(dst, emptyZstd...), nil
	}
	w, ok := f.writers.Get().(*zstdWriter)
	if !ok {
		z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(f.level),
			zstd.WithEncoderCRC(true), zstd.WithWindowSize(encoderWindow), zstd.WithLowerEncoderMem(true),
			zstd.WithSingleSegment(true)) // so that small frames say how long their content is
		if err != nil {
			return dst, err
		}
		w = &zstdWriter{z: z}
	}
	w.dst = dst
	w.z.ResetContentSize(w, int64(len(src)))
	_, err := w.z.Write(src)
	if err == nil {
		err = w.z.Close()
	}
	out := w.dst
	w.dst = nil
	f.writers.Put(w)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// AppendUnpack appends the content of the frame in src to dst.
//
// req: TP-XFER-007, TP-XFER-043
func (f *zstdFilter) AppendUnpack(dst, src []byte, max int) ([]byte, error) {
	frame, err := walkZstd(src, max)
	if err != nil {
		return dst, err
	}
	if frame.known {
		out, err := f.decoder.DecodeAll(src, room(dst, int(frame.content)+copySlack))
		if err != nil {
			return dst, faulty(err)
		}
		return out, nil
	}
	// The content's size is not known: a guess, and then larger ones. A guess
	// that is too small costs time, never more than a third of the last run's.
	most := int(min(frame.most, uint64(max)))
	for guess := min(most, firstGuess+4*len(src)); ; guess = min(most, 4*guess) {
		// With the room of one block behind the guess the library never lacks
		// room before the guess is passed, so its other errors are faults.
		out, err := f.decoder.DecodeAll(src, room(dst, guess+int(frame.largest())+copySlack))
		passed := len(out)-len(dst) > guess || errors.Is(err, zstd.ErrDecoderSizeExceeded)
		switch {
		case passed && guess == max:
			return dst, exceeds(max)
		case passed && guess < most:
			continue
		case err != nil:
			return dst, faulty(err)
		}
		return out, nil
	}
}

func faulty(err error) error { return fmt.Errorf("zstd: the frame cannot be undone: %w", err) }

// room gives dst with room for exactly n more bytes, in its own memory where
// that is large enough.
func room(dst []byte, n int) []byte {
	if cap(dst)-len(dst) < n {
		grown := make([]byte, len(dst), len(dst)+n)
		copy(grown, dst)
		return grown
	}
	return dst[: len(dst) : len(dst)+n]
}
