// Package made makes a report up, for tests of what reads reports. Its figures
// are of a likely size and mean nothing.
package made

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Clients are the numbers of clients of the tables.
var Clients = []int{100, 500, 1000, 2000, 5000}

// system is a made-up system: calls a second at each of Clients.
type system struct {
	name string
	kind harness.Kind
	tps  [5]float64
	tail float64 // p99 as a multiple of p50 at many clients
}

var conn = []system{
	{"teleport", harness.Peer, [5]float64{87000, 74500, 66900, 62400, 53300}, 1.8},
	{"teleport/socket", harness.Socket, [5]float64{90500, 78400, 68000, 66900, 57200}, 1.8},
	{"raw", harness.Floor, [5]float64{91400, 81400, 67200, 71200, 59000}, 1.6},
	{"raw-nocodec", harness.Floor, [5]float64{106800, 94200, 88200, 89300, 80300}, 1.5},
	{"erpc", harness.Rival, [5]float64{47400, 38300, 42600, 37700, 30900}, 2.2},
	{"grpc", harness.Rival, [5]float64{25700, 22300, 20500, 18000, 17200}, 1.9},
	{"rpcx", harness.Rival, [5]float64{51900, 44600, 45700, 45000, 38500}, 2.1},
	{"kitex", harness.Rival, [5]float64{66400, 42800, 41900, 38400, 33300}, 2.4},
	{"arpc", harness.Rival, [5]float64{46100, 38400, 41100, 37400, 36900}, 2.6},
	{"drpc", harness.Rival, [5]float64{35200, 29800, 29200, 26400, 27500}, 2.0},
	{"netrpc", harness.Rival, [5]float64{64100, 63200, 54400, 50600, 52300}, 1.9},
}

var shared1 = []system{
	{"teleport", harness.Peer, [5]float64{221000, 240000, 236000, 251000, 244000}, 2.2},
	{"teleport/socket", harness.Socket, [5]float64{262000, 281000, 290000, 287000, 276000}, 2.2},
	{"coalescing", harness.Floor, [5]float64{250000, 274000, 286000, 291000, 288000}, 2.0},
	{"coalescing-goroutine", harness.Floor, [5]float64{148000, 166000, 173000, 161000, 147000}, 2.5},
	{"erpc", harness.Rival, [5]float64{41000, 43000, 44000, 46000, 48000}, 2.0},
	{"grpc", harness.Rival, [5]float64{36000, 36500, 36000, 35000, 34000}, 1.9},
	{"rpcx", harness.Rival, [5]float64{47000, 49000, 50000, 49500, 48000}, 2.1},
	{"kitex", harness.Rival, [5]float64{74000, 69000, 65000, 61000, 57000}, 2.3},
	{"arpc", harness.Rival, [5]float64{54000, 53000, 52000, 57000, 62000}, 2.4},
	{"netrpc", harness.Rival, [5]float64{63000, 70000, 73000, 70000, 67000}, 2.0},
}

// Report makes up five rounds of both modes. The same seed gives the same report.
func Report(seed uint64) harness.Report {
	rng := rand.New(rand.NewPCG(seed, 1))
	env := harness.Env{
		CPU: "Made-up CPU 9000", Cores: 2, Memory: 24 << 30, OS: "linux", Kernel: "6.6.0", Go: "go1.26.8",
		Commit: "0123456789abcdef0123456789abcdef01234567", MaxFile: 1 << 20,
	}
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := harness.Report{
		Version: harness.ReportVersion, Title: "a made-up run", Command: "go run ./perf",
		Started: start, Ended: start.Add(time.Hour), Env: env, Profile: "any",
	}
	for _, m := range []struct {
		mode    harness.Mode
		systems []system
	}{{"conn", conn}, {"shared1", shared1}} {
		for _, s := range m.systems {
			for i, clients := range Clients {
				row := harness.Row{
					Cell: harness.Cell{System: s.name, Workload: harness.Closed, Mode: m.mode, Clients: clients, Calls: 200_000, Warm: 5},
					Kind: s.kind, Release: "1.0", Verdict: "not run", Env: env,
				}
				for round := range 5 {
					row.Runs = append(row.Runs, run(rng, s, clients, s.tps[i], round, start))
				}
				if s.name == "kitex" && m.mode == "conn" && clients >= 2000 {
					row.Runs[2].Errors, row.Runs[2].Fault = int64(clients), "connection refused"
					row.Invalid = "round 3: connection refused"
				}
				row.Summary = summarize(row.Runs)
				r.Rows = append(r.Rows, row)
			}
		}
	}
	return r
}

func run(rng *rand.Rand, s system, clients int, tps float64, round int, start time.Time) harness.Run {
	tps *= 1 + 0.05*rng.NormFloat64()/2
	mean := float64(clients) / tps * 1e3
	tail := s.tail + 6/math.Sqrt(float64(clients)/100)*rng.Float64()
	u := harness.Run{Round: round, Started: start, Calls: 200_000, TPS: tps, Seconds: 200_000 / tps}
	at := func(percent float64) float64 { // a log-normal tail through p50 and p99
		z := math.Sqrt2 * math.Erfinv(2*percent/100-1)
		return max(mean*0.05, mean*0.95*math.Exp(z*math.Log(tail)/2.33))
	}
	for _, p := range []float64{0.1, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 92, 95, 97, 98, 99, 99.3, 99.6, 99.8, 99.9, 99.95, 99.98, 99.99, 99.995} {
		u.Latency.Quantiles = append(u.Latency.Quantiles, harness.Quantile{Percent: p, MS: round3(at(p) * (1 + 0.02*rng.Float64()))})
	}
	u.Latency.Mean, u.Latency.Median, u.Latency.P90 = round3(mean), round3(at(50)), round3(at(90))
	u.Latency.P99, u.Latency.P999, u.Latency.Min, u.Latency.Max = round3(at(99)), round3(at(99.9)), round3(at(0.01)), round3(at(99.9995))
	for left := u.Calls; left > 0; {
		n := min(left, int64(tps/10*(1+0.06*rng.NormFloat64())))
		u.Series = append(u.Series, n)
		left -= n
	}
	u.Server = harness.Usage{CPU: 1e6 / tps * 0.9, Allocs: 36, Bytes: 900, RSS: int64(20<<20 + clients*20_000)}
	u.Client = harness.Usage{CPU: 1e6 / tps, Allocs: 38, Bytes: 1000, RSS: int64(25<<20 + clients*25_000)}
	return u
}

// summarize is harness.Row.Summarize without its bootstrap, which takes longer
// than all tests that want a report.
func summarize(runs []harness.Run) harness.Summary {
	over := func(f func(harness.Run) float64) harness.Estimate {
		var v []float64
		sum := 0.0
		for _, r := range runs {
			v = append(v, f(r))
			sum += f(r)
		}
		slices.Sort(v)
		e := harness.Estimate{Median: v[len(v)/2], Mean: sum / float64(len(v)), Min: v[0], Max: v[len(v)-1]}
		e.Low, e.High = v[len(v)/4], v[len(v)-1-len(v)/4]
		return e
	}
	s := harness.Summary{
		TPS:    over(func(r harness.Run) float64 { return r.TPS }),
		Mean:   over(func(r harness.Run) float64 { return r.Latency.Mean }),
		Median: over(func(r harness.Run) float64 { return r.Latency.Median }),
		P99:    over(func(r harness.Run) float64 { return r.Latency.P99 }),
		P999:   over(func(r harness.Run) float64 { return r.Latency.P999 }),
		Server: runs[0].Server, Client: runs[0].Client,
	}
	s.Min = math.Inf(1)
	for _, r := range runs {
		s.Max, s.Min = max(s.Max, r.Latency.Max), min(s.Min, r.Latency.Min)
	}
	return s
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }
