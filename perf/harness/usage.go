package harness

import (
	"runtime"
	"runtime/debug"
	"time"
)

// snapshot is what a process has used so far.
type snapshot struct {
	CPUMicros  int64  `json:"cpu_us"`
	Mallocs    uint64 `json:"mallocs"`
	Bytes      uint64 `json:"bytes"`
	RSS        int64  `json:"rss"`
	Heap       int64  `json:"heap"`
	Stack      int64  `json:"stack"`
	Goroutines int    `json:"goroutines"`
	GCs        uint32 `json:"gcs"`
	MaxFiles   uint64 `json:"max_files"`
}

// takeSnapshot reads the counters. Before, garbage says what to do with it: "collect" it, or "release" its memory to
// the system too, without which resident memory says nothing. A run does not begin with "release": it would pay for
// taking the memory back.
func takeSnapshot(garbage string) snapshot {
	if garbage != "" {
		runtime.GC()
	}
	if garbage == "release" {
		time.Sleep(time.Millisecond) // finalizers of the first collection free what the second one finds
		debug.FreeOSMemory()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return snapshot{
		CPUMicros: cpuTime().Microseconds(), Mallocs: m.Mallocs, Bytes: m.TotalAlloc, RSS: residentMemory(),
		Heap: int64(m.HeapInuse), Stack: int64(m.StackInuse), Goroutines: runtime.NumGoroutine(), GCs: m.NumGC,
		MaxFiles: fileLimit(),
	}
}

// usage is what happened between two snapshots, for each of so many calls.
func usage(before, after snapshot, calls int64) Usage {
	n := float64(max(calls, 1))
	return Usage{
		CPU:    float64(after.CPUMicros-before.CPUMicros) / n,
		Allocs: float64(after.Mallocs-before.Mallocs) / n,
		Bytes:  float64(after.Bytes-before.Bytes) / n,
		RSS:    after.RSS, Heap: after.Heap, Stack: after.Stack, Goroutines: after.Goroutines,
		GCs: int(after.GCs - before.GCs),
	}
}

// every calls f at intervals until stop is called; stop returns when f runs no more.
func every(interval time.Duration, f func()) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(interval)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				f()
			case <-quit:
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}
