package harness

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

const (
	bootstraps = 2000
	confidence = 0.95
	// seed makes the intervals of the same figures the same.
	seed = 6
)

// NewEstimate gives what the values say together. Without a value it is all zero.
func NewEstimate(values []float64) Estimate {
	if len(values) == 0 {
		return Estimate{}
	}
	low, high := bootstrap(values)
	return Estimate{
		Median: Median(values), Mean: stat.Mean(values, nil),
		Min: slices.Min(values), Max: slices.Max(values), Low: low, High: high,
	}
}

// Median gives the middle value, or the mean of the two in the middle; 0 where there is none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return middle(slices.Sorted(slices.Values(values)))
}

func middle(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// GeometricMean of positive values; 0 where there is none.
func GeometricMean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return stat.GeometricMean(values, nil)
}

// bootstrap bounds the median: values are drawn anew, with repetition, and the medians of the draws are counted off
// from both ends.
func bootstrap(values []float64) (low, high float64) {
	r := rand.New(rand.NewPCG(seed, uint64(len(values))))
	medians, draw := make([]float64, bootstraps), make([]float64, len(values))
	for i := range medians {
		for j := range draw {
			draw[j] = values[r.IntN(len(values))]
		}
		slices.Sort(draw)
		medians[i] = middle(draw)
	}
	slices.Sort(medians)
	tail := (1 - confidence) / 2
	return stat.Quantile(tail, stat.Empirical, medians, nil), stat.Quantile(1-tail, stat.Empirical, medians, nil)
}

// Summarize fills in Summary and Invalid from the runs.
func (r *Row) Summarize() {
	r.Invalid = ""
	if len(r.Runs) == 0 {
		r.Invalid = "it was not run"
	}
	for _, run := range r.Runs {
		if run.Fault != "" || run.Errors > 0 {
			r.Invalid = fmt.Sprintf("round %d: %d failed calls: %s", run.Round+1, run.Errors, run.Fault)
			break
		}
	}
	all := func(f func(Run) float64) []float64 {
		var out []float64
		for _, run := range r.Runs {
			if run.Fault == "" && run.Errors == 0 {
				out = append(out, f(run))
			}
		}
		return out
	}
	s := Summary{
		TPS:    NewEstimate(all(func(r Run) float64 { return r.TPS })),
		Mean:   NewEstimate(all(func(r Run) float64 { return r.Latency.Mean })),
		Median: NewEstimate(all(func(r Run) float64 { return r.Latency.Median })),
		P99:    NewEstimate(all(func(r Run) float64 { return r.Latency.P99 })),
		P999:   NewEstimate(all(func(r Run) float64 { return r.Latency.P999 })),
		Server: medianUsage(all, func(r Run) Usage { return r.Server }),
		Client: medianUsage(all, func(r Run) Usage { return r.Client }),
	}
	if m := all(func(r Run) float64 { return r.Latency.Max }); len(m) > 0 {
		s.Max = slices.Max(m)
		s.Min = slices.Min(all(func(r Run) float64 { return r.Latency.Min }))
	}
	if len(r.Runs) > 0 && r.Runs[0].Idle != nil {
		s.PerConn = NewEstimate(all(func(r Run) float64 {
			if r.Idle == nil {
				return 0
			}
			return r.Idle.RSSPerConn
		}))
	}
	r.Summary = s
}

func medianUsage(all func(func(Run) float64) []float64, of func(Run) Usage) Usage {
	median := func(f func(Usage) float64) float64 {
		return Median(all(func(r Run) float64 { return f(of(r)) }))
	}
	return Usage{
		CPU:        median(func(u Usage) float64 { return u.CPU }),
		Allocs:     median(func(u Usage) float64 { return u.Allocs }),
		Bytes:      median(func(u Usage) float64 { return u.Bytes }),
		RSS:        int64(median(func(u Usage) float64 { return float64(u.RSS) })),
		Heap:       int64(median(func(u Usage) float64 { return float64(u.Heap) })),
		Stack:      int64(median(func(u Usage) float64 { return float64(u.Stack) })),
		Goroutines: int(median(func(u Usage) float64 { return float64(u.Goroutines) })),
		GCs:        int(median(func(u Usage) float64 { return float64(u.GCs) })),
	}
}
