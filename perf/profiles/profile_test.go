package profiles

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/perf/harness"
)

func target() harness.Env {
	return harness.Env{
		CPU: "Intel Xeon E312xx (Sandy Bridge)", Cores: 16, Memory: 15_800 << 20, OS: "linux", Kernel: "6.12.0", Go: "go1.26.8", MaxFile: 65536,
	}
}

func TestMatch_EachPointThatDiffers(t *testing.T) {
	tests := []struct {
		name   string
		change func(*harness.Env)
		says   string // "" where the machine is the target's
	}{
		{"the same but for Go and kernel", func(*harness.Env) {}, ""},
		{"another CPU", func(e *harness.Env) { e.CPU = "AMD EPYC" }, "CPU: target has E312xx, this machine AMD EPYC"},
		{"a CPU nobody knows", func(e *harness.Env) { e.CPU = "" }, "CPU: target has E312xx, this machine one that is not known"},
		{"fewer cores", func(e *harness.Env) { e.Cores = 2 }, "cores: target has 16, this machine 2"},
		{"more memory", func(e *harness.Env) { e.Memory = 24 << 30 }, "memory: target has 16 GB, this machine 24.0 GB"},
		{"another system", func(e *harness.Env) { e.OS = "darwin" }, "operating system: target has linux, this machine darwin"},
		{"too few files", func(e *harness.Env) { e.MaxFile = 1024 }, "open files: target has at least 5200, this machine 1024"},
		{"two hosts", func(e *harness.Env) { e.Host = "10.0.0.2" }, "hosts: target has server and client on one, this machine the server on 10.0.0.2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := target()
			tt.change(&e)
			ok, differences := Target().Match(e)
			if ok != (tt.says == "") {
				t.Errorf("ok %v, differences %q", ok, differences)
			}
			if tt.says != "" && !slices.Equal(differences, []string{tt.says}) {
				t.Errorf("differences %q, expected %q", differences, tt.says)
			}
		})
	}
	if ok, differences := Any().Match(harness.Env{}); !ok || differences != nil {
		t.Errorf("any machine is not any: %q", differences)
	}
}

func TestMatchCell_LoadOfTheTables(t *testing.T) {
	cell := harness.Cell{Workload: harness.Closed, Mode: "conn", Clients: 500, Calls: 1_000_000}
	if d := Target().MatchCell(cell); d != nil {
		t.Errorf("the target's own cell differs: %q", d)
	}
	cell.Calls, cell.Mode, cell.Clients, cell.Options = 10_000, "shared1", 7, harness.Options{Size: 16, Codec: "plain"}
	cell.Workload = harness.Open
	if d := Target().MatchCell(cell); len(d) != 6 {
		t.Errorf("%d differences, expected 6: %q", len(d), d)
	}
	if d := Any().MatchCell(cell); d != nil {
		t.Errorf("any profile refuses a cell: %q", d)
	}
}

func TestLabel_NeverTheTargetElsewhere(t *testing.T) {
	e := target()
	if s := Target().Label(e); !strings.HasPrefix(s, "the setup of the tables of January 2018, but for") || !strings.Contains(s, "Go 1.9.2") {
		t.Error(s)
	}
	e.Cores = 2
	if s := Target().Label(e); !strings.HasPrefix(s, "not the setup") || !strings.Contains(s, "cores: target has 16, this machine 2") {
		t.Error(s)
	}
	if s := Any().Label(e); s != "the machine at hand as it is" {
		t.Error(s)
	}
}

func TestGet_Names(t *testing.T) {
	for _, name := range append(Names(), "") {
		if _, err := Get(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := Get("centos"); err == nil || err.Error() != `no profile is called "centos": expected any or target` {
		t.Error(err)
	}
}

// The page and the data say the same.
func TestREADME_HasEveryPoint(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	text := Target().Text()
	for _, s := range Target().Settings {
		for _, part := range []string{s.What, s.How, s.Why} {
			if !strings.Contains(page, part) || !strings.Contains(text, part) {
				t.Errorf("README.md or Text lacks %q", part)
			}
		}
	}
	for _, l := range Target().Lost {
		for _, part := range []string{l.Then, l.Now, l.Why} {
			if !strings.Contains(page, part) || !strings.Contains(text, part) {
				t.Errorf("README.md or Text lacks %q", part)
			}
		}
	}
}
