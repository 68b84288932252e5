package plot

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// connections says in words how the clients of a mode are connected.
func connections(m harness.Mode) string {
	switch k, err := m.Connections(1 << 30); {
	case m == "conn":
		return "one connection per client"
	case err != nil:
		return string(m)
	case k == 1:
		return "one shared connection"
	default:
		return fmt.Sprintf("%d shared connections", k)
	}
}

// load says what is sent, and how.
func (g *group) load() string {
	o := g.options
	var parts []string
	switch {
	case o.Size > 0:
		parts = append(parts, sizeWords(o.Size)+" message, codec "+or(o.Codec, "protobuf"))
	case o.Codec != "":
		parts = append(parts, "the benchmark message, codec "+o.Codec)
	default:
		parts = append(parts, "581-byte protobuf message")
	}
	if o.Proto != "" {
		parts = append(parts, "Proto "+o.Proto)
	}
	if o.Pipe != "" {
		parts = append(parts, "pipe "+o.Pipe)
	}
	if o.Handler != "" {
		parts = append(parts, "handler "+o.Handler)
	}
	switch g.workload {
	case harness.Closed:
		parts = append(parts, "closed loop")
	case harness.Open:
		parts = append(parts, fmt.Sprintf("open loop at %s calls a second, latency from the intended time", thousands(g.rate)))
	case harness.Mixed:
		parts = append(parts, fmt.Sprintf("beside %s slow calls", thousands(float64(g.sleepers))))
	}
	return strings.Join(parts, ", ")
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// sizeWords writes a size with the unit that makes it a whole number.
func sizeWords(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d-byte", n)
}

// machine names where a report was made.
func machine(e harness.Env) string {
	var parts []string
	cpu := e.CPU
	if e.Cores > 0 {
		cpu = strings.TrimSpace(fmt.Sprintf("%s, %d cores", cpu, e.Cores))
	}
	for _, s := range []string{cpu, memory(e.Memory), strings.TrimSpace(e.OS + " " + e.Kernel), goVersion(e.Go)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	where := "server and client on one machine"
	if e.Host != "" {
		where = "server on another host"
	}
	return where + ": " + strings.Join(parts, ", ")
}

func memory(n int64) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf("%.0f GiB", float64(n)/(1<<30))
}

func goVersion(v string) string {
	if v == "" {
		return ""
	}
	return "Go " + strings.TrimPrefix(v, "go")
}

// missing names the rows that are not valid, those at one number of clients
// alone unless that is 0.
func missing(rows []harness.Row, clients int) string {
	var names []string
	at := map[string][]string{}
	for _, r := range rows {
		if clients != 0 && r.Clients != clients {
			continue
		}
		n := name(r)
		if at[n] == nil {
			names = append(names, n)
		}
		at[n] = append(at[n], thousands(float64(r.Clients)))
	}
	if len(names) == 0 {
		return ""
	}
	for i, n := range names {
		names[i] = n + " at " + strings.Join(at[n], ", ")
	}
	return " Left out, for the figures are not valid: " + strings.Join(names, "; ") + "."
}
