package report

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"time"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// column is a column of the CSV: one line is one run.
type column struct {
	name  string
	value func(r harness.Row, u harness.Run) string
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
func whole(v int64) string    { return strconv.FormatInt(v, 10) }

func rowText(name string, f func(r harness.Row) string) column {
	return column{name, func(r harness.Row, _ harness.Run) string { return f(r) }}
}

func runNumber(name string, f func(u harness.Run) float64) column {
	return column{name, func(_ harness.Row, u harness.Run) string { return number(f(u)) }}
}

var columns = []column{
	rowText("system", func(r harness.Row) string { return r.System }),
	rowText("system_version", func(r harness.Row) string { return r.Release }),
	rowText("kind", func(r harness.Row) string { return string(r.Kind) }),
	rowText("workload", func(r harness.Row) string { return string(r.Workload) }),
	rowText("mode", func(r harness.Row) string { return string(r.Mode) }),
	rowText("clients", func(r harness.Row) string { return strconv.Itoa(r.Clients) }),
	rowText("rate", func(r harness.Row) string { return number(r.Rate) }),
	rowText("sleepers", func(r harness.Row) string { return strconv.Itoa(r.Sleepers) }),
	rowText("size", func(r harness.Row) string { return strconv.Itoa(r.Options.Size) }),
	rowText("codec", func(r harness.Row) string { return r.Options.Codec }),
	rowText("pipe", func(r harness.Row) string { return r.Options.Pipe }),
	rowText("proto", func(r harness.Row) string { return r.Options.Proto }),
	rowText("handler", func(r harness.Row) string { return r.Options.Handler }),
	rowText("route", func(r harness.Row) string { return r.Options.Route }),
	{"round", func(_ harness.Row, u harness.Run) string { return strconv.Itoa(u.Round + 1) }},
	{"started", func(_ harness.Row, u harness.Run) string { return u.Started.UTC().Format(time.RFC3339Nano) }},
	runNumber("seconds", func(u harness.Run) float64 { return u.Seconds }),
	{"calls", func(_ harness.Row, u harness.Run) string { return whole(u.Calls) }},
	{"errors", func(_ harness.Row, u harness.Run) string { return whole(u.Errors) }},
	{"fault", func(_ harness.Row, u harness.Run) string { return u.Fault }},
	runNumber("tps", func(u harness.Run) float64 { return u.TPS }),
	runNumber("mean_ms", func(u harness.Run) float64 { return u.Latency.Mean }),
	runNumber("median_ms", func(u harness.Run) float64 { return u.Latency.Median }),
	runNumber("p90_ms", func(u harness.Run) float64 { return u.Latency.P90 }),
	runNumber("p99_ms", func(u harness.Run) float64 { return u.Latency.P99 }),
	runNumber("p999_ms", func(u harness.Run) float64 { return u.Latency.P999 }),
	runNumber("max_ms", func(u harness.Run) float64 { return u.Latency.Max }),
	runNumber("min_ms", func(u harness.Run) float64 { return u.Latency.Min }),
	runNumber("server_cpu_us", func(u harness.Run) float64 { return u.Server.CPU }),
	runNumber("client_cpu_us", func(u harness.Run) float64 { return u.Client.CPU }),
	runNumber("server_allocs", func(u harness.Run) float64 { return u.Server.Allocs }),
	runNumber("client_allocs", func(u harness.Run) float64 { return u.Client.Allocs }),
	runNumber("server_alloc_bytes", func(u harness.Run) float64 { return u.Server.Bytes }),
	runNumber("client_alloc_bytes", func(u harness.Run) float64 { return u.Client.Bytes }),
	runNumber("server_rss_bytes", func(u harness.Run) float64 { return float64(u.Server.RSS) }),
	runNumber("client_rss_bytes", func(u harness.Run) float64 { return float64(u.Client.RSS) }),
	{"rss_per_conn_bytes", func(_ harness.Row, u harness.Run) string {
		if u.Idle == nil {
			return ""
		}
		return number(u.Idle.RSSPerConn)
	}},
	rowText("verdict", func(r harness.Row) string { return r.Verdict }),
	rowText("cpu", func(r harness.Row) string { return r.Env.CPU }),
	rowText("cores", func(r harness.Row) string { return strconv.Itoa(r.Env.Cores) }),
	rowText("memory_bytes", func(r harness.Row) string { return whole(r.Env.Memory) }),
	rowText("os", func(r harness.Row) string { return r.Env.OS }),
	rowText("kernel", func(r harness.Row) string { return r.Env.Kernel }),
	rowText("go", func(r harness.Row) string { return r.Env.Go }),
	rowText("commit", func(r harness.Row) string { return r.Env.Commit }),
	rowText("dirty", func(r harness.Row) string { return strconv.FormatBool(r.Env.Dirty) }),
	rowText("server_host", func(r harness.Row) string { return r.Env.Host }),
	rowText("flags", func(r harness.Row) string { return r.Flags }),
}

// CSV writes a line for each run.
func CSV(r harness.Report) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var line []string
	for _, c := range columns {
		line = append(line, c.name)
	}
	if err := w.Write(line); err != nil {
		return nil, err
	}
	for _, row := range r.Rows {
		for _, run := range row.Runs {
			line = line[:0]
			for _, c := range columns {
				line = append(line, c.value(row, run))
			}
			if err := w.Write(line); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
