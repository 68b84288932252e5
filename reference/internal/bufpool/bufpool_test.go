package bufpool

import (
	"sync"
	"testing"
)

func TestGet_CapacityAndLength(t *testing.T) {
	for _, n := range []int{-1, 0, 1, 511, 512, 513, 1024, 1025, MaxKept - 1, MaxKept, MaxKept + 1, 5 << 20} {
		b := Get(n)
		if len(b.B) != 0 || cap(b.B) < n {
			t.Errorf("Get(%d): len %d, cap %d", n, len(b.B), cap(b.B))
		}
		Put(b)
	}
}

// Whatever was put back, Get must keep its promise.
func TestPut_AnyCapacity(t *testing.T) {
	for _, n := range []int{0, 1, 500, 512, 700, 1023, 1024, 3000, 128 << 10, 512 << 10, MaxKept, MaxKept + 1} {
		Put(&Buffer{B: make([]byte, n)})
	}
	Put(nil)
	for n := 1; n <= MaxKept; n *= 2 {
		for range 4 {
			for _, n := range []int{n + n/8, n} { // a body with what belongs to it, and alone
				if b := Get(n); len(b.B) != 0 || cap(b.B) < n {
					t.Fatalf("Get(%d) after odd puts: len %d, cap %d", n, len(b.B), cap(b.B))
				}
			}
		}
	}
}

func TestPut_DropsHuge(t *testing.T) {
	b := Get(MaxKept + 1)
	Put(b)
	if b.B != nil {
		t.Errorf("a buffer of %d bytes is kept", cap(b.B))
	}
}

func TestClass_Edges(t *testing.T) {
	tests := []struct{ n, class int }{
		{0, 0}, {512, 0}, {513, 1}, {1024, 1}, {1025, 2}, {MaxKept, classes - 1}, {MaxKept + 1, classes},
	}
	for _, tt := range tests {
		if got := class(tt.n); got != tt.class {
			t.Errorf("class(%d) = %d, want %d", tt.n, got, tt.class)
		}
	}
}

func TestGet_NotSharedBetweenOwners(t *testing.T) {
	var wg sync.WaitGroup
	for g := range byte(8) {
		wg.Go(func() {
			for range 200 {
				b := Get(600)
				for range 600 {
					b.B = append(b.B, g)
				}
				for _, c := range b.B {
					if c != g {
						t.Errorf("owner %d reads a byte of owner %d", g, c)
						return
					}
				}
				Put(b)
			}
		})
	}
	wg.Wait()
}
