package fuzz

import (
	"math"
	"runtime"
	"runtime/metrics"
)

// measureTries is how often a measure over its bound is taken again: the least of them counts, for others may allocate
// beside it and pools may be empty.
const measureTries = 6

// measureSlack is what the cheap counter may be wrong by.
const measureSlack = 64 << 10

// withinMemory runs f and wants it to allocate no more than allowed bytes, in all. The first look is a cheap counter;
// only where that is over the bound the exact one, which stops the world, decides.
func withinMemory(t Reporter, allowed uint64, what string, f func()) {
	t.Helper()
	before := allocated()
	f()
	if after := allocated(); after-before <= allowed+measureSlack {
		return
	}
	least := uint64(math.MaxUint64)
	for range measureTries {
		var from, to runtime.MemStats
		runtime.ReadMemStats(&from)
		f()
		runtime.ReadMemStats(&to)
		if least = min(least, to.TotalAlloc-from.TotalAlloc); least <= allowed {
			return
		}
	}
	t.Fatalf("%s took %d bytes of memory, allowed are %d", what, least, allowed)
}

// allocated gives about how many bytes the process has allocated.
func allocated() uint64 {
	sample := [1]metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample[:])
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}

// allowance is what a decoder may allocate for n bytes that came, in all: what it may hold (64 KiB and four bytes a
// byte), twice, for a buffer that doubles as bytes come has allocated twice what it holds; and for each filter its
// output, up to the limit, twice likewise, and filterOwn.
//
// req: TP-LIM-010
func allowance(n, filters int, maxPayload uint32) uint64 {
	return 2*(64<<10+4*uint64(n)) + uint64(filters)*(4*uint64(maxPayload)+filterOwn)
}

// filterOwn is what a filter may take for itself: tables, and the largest block that its format has (128 KiB).
const filterOwn = 384 << 10
