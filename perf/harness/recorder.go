package harness

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

const (
	progressEvery = 250 * time.Millisecond
	seriesStep    = 100 * time.Millisecond
	// maxSeries bounds the series: an hour.
	maxSeries = 36000
	// laneSize is how many latencies a goroutine keeps before it adds them to the common histogram: few enough that
	// thousands of goroutines take little memory, and enough that they seldom meet at its lock.
	laneSize = 256
	// The histogram takes nanoseconds up to two minutes, to three digits.
	maxLatency      = int64(2 * time.Minute)
	histogramDigits = 3
	// maxErrors is how many failed calls a run goes on with: it is invalid from the first one.
	maxErrors = 100
)

// recorder collects the latencies of all goroutines of a run.
type recorder struct {
	start  time.Time
	series []atomic.Int64 // calls that ended in each tenth of a second

	mu       sync.Mutex // guards what follows
	hist     *hdrhistogram.Histogram
	sum      float64
	min, max int64
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, maxLatency, histogramDigits)
}

func newRecorder() *recorder {
	return &recorder{series: make([]atomic.Int64, maxSeries), hist: newHistogram(), min: math.MaxInt64}
}

// count gives the calls that have ended so far; a goroutine's last tenth of a second may be missing.
func (r *recorder) count() (n int64) {
	for i := range r.series {
		n += r.series[i].Load()
	}
	return n
}

// lane is one goroutine's share of a recorder: nothing in it is shared until it is full.
type lane struct {
	r    *recorder
	kept []int64
	step int64
	n    int64 // calls in step
}

func (r *recorder) lane(calls int) *lane {
	return &lane{r: r, kept: make([]int64, 0, min(max(calls, 1), laneSize))}
}

// record notes a call that took latency and ended at end after the start of the run.
func (l *lane) record(latency, end time.Duration) {
	if step := int64(end / seriesStep); step != l.step {
		l.endStep()
		l.step = step
	}
	l.n++
	l.kept = append(l.kept, int64(latency))
	if len(l.kept) == cap(l.kept) {
		l.flush()
	}
}

func (l *lane) endStep() {
	if l.n > 0 && l.step < maxSeries {
		l.r.series[l.step].Add(l.n)
	}
	l.n = 0
}

func (l *lane) flush() {
	r := l.r
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range l.kept {
		v = max(v, 1)
		r.sum += float64(v)
		r.min, r.max = min(r.min, v), max(r.max, v)
		_ = r.hist.RecordValue(min(v, maxLatency)) // in range by now
	}
	l.kept = l.kept[:0]
}

// close adds what the goroutine still keeps.
func (l *lane) close() {
	l.endStep()
	l.flush()
}

// curve are the percentiles that a report keeps of a run.
var curve = []float64{
	0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 96, 97, 98, 98.5, 99, 99.25, 99.5, 99.75, 99.9,
	99.95, 99.975, 99.99, 99.995, 99.999, 100,
}

// latency gives what the run's calls took.
func (r *recorder) latency() Latency {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.hist.TotalCount()
	if n == 0 {
		return Latency{}
	}
	at := func(percent float64) float64 {
		return milliseconds(min(max(r.hist.ValueAtQuantile(percent), r.min), r.max))
	}
	l := Latency{
		Calls: n, Mean: roundMicro(r.sum / float64(n) / 1e6), Median: at(50), P90: at(90), P99: at(99), P999: at(99.9),
		Max: milliseconds(r.max), Min: milliseconds(r.min),
	}
	for _, p := range curve {
		if p == 0 {
			l.Quantiles = append(l.Quantiles, Quantile{0, l.Min})
			continue
		}
		if p > 50 && float64(n)*(100-p)/100 < 1 && p < 100 {
			continue // fewer calls than the percentile can tell apart
		}
		l.Quantiles = append(l.Quantiles, Quantile{p, at(p)})
	}
	return l
}

func milliseconds(ns int64) float64 { return roundMicro(float64(ns) / 1e6) }

// roundMicro rounds milliseconds to the microsecond.
func roundMicro(ms float64) float64 { return math.Round(ms*1000) / 1000 }

// counts gives the series up to the last tenth of a second with a call.
func (r *recorder) counts() []int64 {
	var out []int64
	last := 0
	for i := range r.series {
		v := r.series[i].Load()
		out = append(out, v)
		if v > 0 {
			last = i + 1
		}
	}
	return out[:last:last]
}
