package tp

import (
	"testing"
	"testing/synctest"
)

// doneSignal: whoever waits before, and whoever comes later.
func TestDoneSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s doneSignal
		early := s.wait()
		if again := s.wait(); again != early || s.isFired() || isClosed(early) {
			t.Errorf("before: fired %v", s.isFired())
		}
		if !s.fire() || s.fire() {
			t.Errorf("fire says not once that it was the first")
		}
		if !isClosed(early) || !isClosed(s.wait()) || !s.isFired() {
			t.Errorf("after: fired %v", s.isFired())
		}
		var t2 doneSignal
		if !t2.fire() || !isClosed(t2.wait()) {
			t.Errorf("fired before anybody waited")
		}
	})
}
