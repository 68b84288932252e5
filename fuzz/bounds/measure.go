package bounds

import (
	"runtime"
	"runtime/debug"
)

// Allowed gives the bytes of memory that a decoder may allocate for received bytes of input, TP-LIM-010.
func Allowed(received int) uint64 { return 64<<10 + 4*uint64(received) }

// Filters gives what undoing a pipe of n filters may allocate on top of that, each filter's output being bounded
// by limit bytes: windows and tables of the decompressors, and buffers that double as they fill, of which a pipe
// needs one for its end and two on the way. No filters need nothing.
func Filters(n, limit int) uint64 {
	if n == 0 {
		return 0
	}
	const decompressor = 192 << 10
	const buffers = 3
	return decompressor + 2*buffers*uint64(limit)
}

// Outgrown gives what reading a stream of that many bytes may allocate on top, without holding it: the buffers
// that it was read into before they were too small. The standard counts what is held at once.
func Outgrown(received int) uint64 { return uint64(received) }

// tries is how often a measure is taken, for the whole process is measured and others may allocate beside it.
const tries = 6

// Within runs f until it allocates at most bound bytes, six times at most, and gives the least that it took, in
// bytes, and whether that is within the bound. Every byte allocated counts, kept or not. Pools are emptied before
// each run, so that memory kept from an earlier one does not hide what this one takes; no collection runs
// meanwhile. Others that allocate at the same time are counted, too: measure on one goroutine at a time.
func Within(bound uint64, f func()) (least uint64, ok bool) {
	m := Meter{Every: 1}
	return m.Within(bound, f)
}

// Meter measures as Within does, but empties the pools for one measure in Every only (0 is 1), which is much
// faster: what it takes for too much is too much, and what pools hide it finds where it empties them. It is for
// one goroutine.
type Meter struct {
	Every int
	taken int
}

// Within is the function of that name, under the Meter's rule.
func (m *Meter) Within(bound uint64, f func()) (least uint64, ok bool) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	least = ^uint64(0)
	for i := range tries {
		if i > 0 || m.taken%max(m.Every, 1) == 0 {
			runtime.GC() // a pool gives up what it holds
			runtime.GC() // and this what it has kept for a second chance
		}
		m.taken++
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if least = min(least, after.TotalAlloc-before.TotalAlloc); least <= bound {
			return least, true
		}
	}
	return least, false
}
