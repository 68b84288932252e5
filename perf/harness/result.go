package harness

import "time"

// ReportVersion is the version of Report's JSON. A field may be added without a new one.
const ReportVersion = 1

// Report is what one run of the harness found: the content of report.json.
type Report struct {
	Version int       `json:"version"`
	Title   string    `json:"title"`   // what was run, for people
	Command string    `json:"command"` // as typed
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Env     Env       `json:"env"`
	// Profile names the setup of perf/profiles that was asked for, and ProfileDiffers says in what this machine
	// is another one; a report with differences must not be called that setup's.
	Profile        string   `json:"profile,omitempty"`
	ProfileDiffers []string `json:"profile_differs,omitempty"`
	Rows           []Row    `json:"rows"`
}

// Env is where and with what a row was measured.
type Env struct {
	CPU     string `json:"cpu"`   // the model
	Cores   int    `json:"cores"` // that Go may use
	Memory  int64  `json:"memory_bytes"`
	OS      string `json:"os"`
	Kernel  string `json:"kernel"`
	Go      string `json:"go"`
	Commit  string `json:"commit"`
	Dirty   bool   `json:"dirty"` // the tree differed from the commit
	Host    string `json:"server_host,omitempty"`
	MaxFile uint64 `json:"max_files"` // RLIMIT_NOFILE after raising it
}

// Workload is what the clients of a cell do.
type Workload string

// The workloads.
const (
	Closed Workload = "closed" // each client calls again when its reply is there
	Open   Workload = "open"   // calls begin at a fixed rate, and latency counts from the intended time
	Push   Workload = "push"   // messages without a reply, counted where they arrive
	Idle   Workload = "idle"   // connections that do nothing
	Mixed  Workload = "mixed"  // slow calls and short ones on one connection
)

// Cell says what is measured: one point of a table.
type Cell struct {
	System   string   `json:"system"`
	Workload Workload `json:"workload"`
	Mode     Mode     `json:"mode"`
	Clients  int      `json:"clients"`
	Calls    int      `json:"calls"` // in all, without warm-up; the open loop's are Rate times its length
	// Warm is how many calls each client makes before the measured ones.
	Warm int `json:"warm"`
	// Rate is the open loop's calls a second, over all clients.
	Rate float64 `json:"rate,omitempty"`
	// Sleepers is how many clients of a mixed cell make slow calls beside Clients short ones.
	Sleepers int `json:"sleepers,omitempty"`
	// Rest is how long the connections of an idle cell do nothing before memory is read.
	Rest    time.Duration `json:"rest_ns,omitempty"`
	Options Options       `json:"options"`
}

// Row is a cell with its runs, one for each round, and what they say together.
type Row struct {
	Cell
	Kind    Kind   `json:"kind"`
	Release string `json:"system_version,omitempty"`
	// Verdict is what the conformance suite said of the system's Proto: "conforms", "does not conform: ..." or "not run".
	Verdict string `json:"verdict"`
	Env     Env    `json:"env"`
	Flags   string `json:"flags"`
	// Invalid says why the row's figures must not be used; "" where they may.
	Invalid string  `json:"invalid,omitempty"`
	Runs    []Run   `json:"runs"`
	Summary Summary `json:"summary"`
}

// Run is one repetition of a cell.
type Run struct {
	Round   int       `json:"round"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"` // of the measured part
	Calls   int64     `json:"calls"`   // that were answered rightly
	Errors  int64     `json:"errors"`
	// Fault is the first error, or why the run does not count.
	Fault string  `json:"fault,omitempty"`
	TPS   float64 `json:"tps"`
	// Latency of the calls (short ones in a mixed cell), and Slow of a mixed cell's sleepers.
	Latency Latency  `json:"latency"`
	Slow    *Latency `json:"slow,omitempty"`
	// Series counts the calls that ended in each tenth of a second.
	Series []int64  `json:"series,omitempty"`
	Server Usage    `json:"server"`
	Client Usage    `json:"client"`
	Idle   *IdleRun `json:"idle,omitempty"`
}

// Latency holds milliseconds, to the microsecond.
type Latency struct {
	Calls  int64   `json:"calls"`
	Mean   float64 `json:"mean_ms"`
	Median float64 `json:"median_ms"`
	P90    float64 `json:"p90_ms"`
	P99    float64 `json:"p99_ms"`
	P999   float64 `json:"p999_ms"`
	Max    float64 `json:"max_ms"`
	Min    float64 `json:"min_ms"`
	// Quantiles are the points of the percentile curve, ascending.
	Quantiles []Quantile `json:"quantiles,omitempty"`
}

// Quantile says that Percent of the calls took MS milliseconds or less.
type Quantile struct {
	Percent float64 `json:"percent"`
	MS      float64 `json:"ms"`
}

// Usage is what a process spent on the measured part of a run.
type Usage struct {
	CPU    float64 `json:"cpu_us"`      // microseconds a call, user and system
	Allocs float64 `json:"allocs"`      // a call
	Bytes  float64 `json:"alloc_bytes"` // a call
	// RSS is the resident memory in bytes at the end, and Heap and Stack the runtime's share of it.
	RSS        int64 `json:"rss_bytes"`
	Heap       int64 `json:"heap_bytes"`
	Stack      int64 `json:"stack_bytes"`
	Goroutines int   `json:"goroutines"`
	GCs        int   `json:"gcs"`
}

// IdleRun is what connections cost that do nothing.
type IdleRun struct {
	Connections int `json:"connections"`
	// RSSPerConn is the growth of the server's resident memory, in bytes for each connection; the other two are the
	// runtime's account of it.
	RSSPerConn   float64 `json:"rss_per_conn"`
	HeapPerConn  float64 `json:"heap_per_conn"`
	StackPerConn float64 `json:"stack_per_conn"`
	Goroutines   float64 `json:"goroutines_per_conn"`
	// Served counts the calls that were answered meanwhile.
	Served int64 `json:"served"`
}

// Summary is what the valid runs of a row say together.
type Summary struct {
	TPS     Estimate `json:"tps"`
	Mean    Estimate `json:"mean_ms"`
	Median  Estimate `json:"median_ms"`
	P99     Estimate `json:"p99_ms"`
	P999    Estimate `json:"p999_ms"`
	Max     float64  `json:"max_ms"` // over all runs
	Min     float64  `json:"min_ms"`
	Server  Usage    `json:"server"` // medians
	Client  Usage    `json:"client"`
	PerConn Estimate `json:"rss_per_conn,omitzero"`
}

// Estimate is a figure over the runs.
type Estimate struct {
	Median float64 `json:"median"`
	Mean   float64 `json:"mean"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	// Low and High bound the median with 95% confidence (bootstrap).
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Spread is the distance between the least and the greatest value, as a share of the median.
func (e Estimate) Spread() float64 {
	if e.Median == 0 {
		return 0
	}
	return (e.Max - e.Min) / e.Median
}
