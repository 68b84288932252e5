package harness

import (
	"math"
	"sync"
	"testing"
	"time"
)

func TestRecorder_ManyLanes(t *testing.T) {
	r := newRecorder()
	var all sync.WaitGroup
	const lanes, each = 10, 1000 // more than a lane keeps
	for range lanes {
		all.Go(func() {
			l := r.lane(each)
			defer l.close()
			for i := range each {
				l.record(time.Duration(i+1)*time.Microsecond, time.Duration(i)*time.Millisecond)
			}
		})
	}
	all.Wait()
	if got := r.count(); got != lanes*each {
		t.Errorf("%d calls, want %d", got, lanes*each)
	}
	l := r.latency()
	if l.Calls != lanes*each || l.Min != 0.001 || l.Max != 1 || math.Abs(l.Mean-0.5005) > 0.0006 {
		t.Errorf("got %+v: want %d calls from 0.001 to 1 ms, mean 0.5005", l, lanes*each)
	}
	if math.Abs(l.Median-0.5) > 0.002 || math.Abs(l.P99-0.99) > 0.002 {
		t.Errorf("median %g and p99 %g, want about 0.5 and 0.99", l.Median, l.P99)
	}
	for i := 1; i < len(l.Quantiles); i++ {
		if a, b := l.Quantiles[i-1], l.Quantiles[i]; a.Percent >= b.Percent || a.MS > b.MS {
			t.Errorf("quantiles %v and %v are not in order", a, b)
		}
	}
	series := r.counts()
	if len(series) != 10 {
		t.Fatalf("%d tenths of a second, want 10", len(series))
	}
	for i, n := range series {
		if n != lanes*each/10 {
			t.Errorf("tenth %d: %d calls, want %d", i, n, lanes*each/10)
		}
	}
}

func TestRecorder_Extremes(t *testing.T) {
	r := newRecorder()
	if l := r.latency(); l.Calls != 0 || len(r.counts()) != 0 {
		t.Errorf("nothing recorded: got %+v", l)
	}
	l := r.lane(2)
	l.record(0, 0)                    // the clock has not moved
	l.record(time.Hour, 48*time.Hour) // beyond the histogram and the series
	l.close()
	got := r.latency()
	if got.Calls != 2 || got.Max != float64(time.Hour.Milliseconds()) {
		t.Errorf("got %+v, want both calls and the hour", got)
	}
}
