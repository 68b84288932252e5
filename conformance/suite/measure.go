package suite

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// allocSlack is what a call may take beside the bound of the standard: errors, the Proto, the runtime's own.
const allocSlack = 32 << 10

// allowed gives the bytes that input of n bytes may cost (TP-LIM-010).
func allowed(n int) uint64 { return measured(64<<10 + 4*uint64(n)) }

// measured turns what may be held at once into what may be allocated in all, which is what can be measured:
// a buffer that doubles as bytes arrive allocates twice what it holds in the end.
func measured(held uint64) uint64 { return 2*held + allocSlack }

// measureTries bounds how often a measure is taken again when others allocate beside it.
const measureTries = 10

// wantWithin runs f until it allocates at most bound bytes, a few times at most, and records a finding when
// it never does. The least of several runs counts, for the whole process is measured; pools are emptied
// before each, so that memory kept from an earlier run does not hide what one run takes.
func (b *bench) wantWithin(bound uint64, what string, f func()) {
	if b.Abandoned() > 0 {
		b.Skipf("memory cannot be measured: a case that hangs still runs in the background")
	}
	b.measuring.Store(true)
	defer b.measuring.Store(false)
	least := ^uint64(0)
	for range measureTries {
		runtime.GC()
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
		if least <= bound {
			return
		}
	}
	b.Errorf("%s took %d bytes of memory, allowed are %d", what, least, bound)
}

// classOf gives the class of a typed error, "" for any other.
func classOf(err error) packet.Class {
	if e, ok := errors.AsType[*packet.Error](err); ok {
		return e.Class
	}
	return ""
}

// describe writes an error with its type, class, stage and offset.
func describe(err error) string {
	if err == nil {
		return "no error"
	}
	if e, ok := errors.AsType[*packet.Error](err); ok {
		return fmt.Sprintf("class %s, stage %s, offset %d (%v)", e.Class, e.Stage, e.Offset, err)
	}
	return fmt.Sprintf("%T: %v", err, err)
}

// wantClass wants an error of one class.
func (b *bench) wantClass(err error, class packet.Class, where string) bool {
	if classOf(err) != class {
		b.Errorf("%s: expected an error of class %s, got %s", where, class, describe(err))
		return false
	}
	return true
}

// wantLimit wants an error of class limit that wraps ErrExceedPacketSizeLimit.
func (b *bench) wantLimit(err error, where string) {
	if b.wantClass(err, packet.ClassLimit, where) && !errors.Is(err, packet.ErrExceedPacketSizeLimit) {
		b.Errorf("%s: the error does not wrap ErrExceedPacketSizeLimit: %v", where, err)
	}
}
