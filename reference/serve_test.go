package tp

import (
	"runtime"
	"sync"
	"testing"
)

// growStack leaves a stack of 8 KiB at least, whatever it was.
func TestGrowStack(t *testing.T) {
	const n = 1000
	var came, gone sync.WaitGroup
	leave := make(chan struct{})
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.StackInuse
	}
	for range 2 {
		runtime.GC() // gives back the stacks of goroutines that have ended
	}
	before := inUse()
	for range n {
		came.Add(1)
		gone.Go(func() {
			growStack(0)
			came.Done()
			<-leave
		})
	}
	came.Wait()
	each := float64(inUse()-before) / n
	close(leave)
	gone.Wait()
	if each < 7<<10 { // some were there before
		t.Errorf("%.0f bytes of stack for each goroutine", each)
	}
}
