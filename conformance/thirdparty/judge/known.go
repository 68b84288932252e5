package judge

import (
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"
)

// entry is a known failure: a line of a file in known/, its fields separated by tabs.
type entry struct {
	id       string
	verdict  string
	findings string // numbers of the findings behind it, with commas
	second   string // the verdict of the second look and its findings; "-" where there was none
	detail   string // the first line of the detail, numbers masked
}

func (e entry) String() string {
	return strings.Join([]string{e.id, e.verdict, e.findings, e.second, e.detail}, "\t")
}

const knownHead = "# Known failures: case, verdict, findings, second look, detail (numbers masked). Written by go test -update.\n"

// failures gives what failed, sorted by case id.
func (v verdicts) failures(module, proto string) []entry {
	var out []entry
	for _, r := range v.first.Failures() {
		e := entry{id: r.Case, verdict: string(r.Verdict), findings: numbers(findingsOf(module, proto, r)), second: "-", detail: masked(r.Detail)}
		if again, ok := v.second[r.Case]; ok {
			e.second = strings.TrimSpace(string(again.Verdict) + " " + numbers(findingsOf(module, proto, again)))
		}
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out
}

var (
	hexDumps = regexp.MustCompile(`^([0-9a-f]{2} ?)+\.\.\.`)
	digits   = regexp.MustCompile(`-?[0-9]+`)
)

// masked gives the first line of a detail without what may differ from run to run: numbers, and which of
// several places a panic came from.
func masked(detail string) string {
	line, _, _ := strings.Cut(detail, "\n")
	if head, _, ok := strings.Cut(line, " panicked: "); ok {
		return head + " panicked"
	}
	if strings.HasPrefix(line, "the process died") {
		return "the process died"
	}
	line = digits.ReplaceAllString(hexDumps.ReplaceAllString(line, "# ..."), "#")
	return line[:min(len(line), 160)]
}

func readKnown(name string) (map[string]entry, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%w (go test -update writes it)", err)
	}
	known := map[string]entry{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			return nil, fmt.Errorf("%s:%d: %d fields separated by tabs, expected 5", name, i+1, len(f))
		}
		known[f[0]] = entry{f[0], f[1], f[2], f[3], f[4]}
	}
	return known, nil
}

func writeKnown(name string, entries []entry) error {
	var b strings.Builder
	b.WriteString(knownHead)
	for _, e := range entries {
		b.WriteString(e.String() + "\n")
	}
	return os.WriteFile(name, []byte(b.String()), 0o644)
}

// compare tells how the failures differ from the known ones.
func compare(got []entry, known map[string]entry) []string {
	var out []string
	seen := map[string]bool{}
	for _, e := range got {
		seen[e.id] = true
		switch k, ok := known[e.id]; {
		case !ok:
			out = append(out, "a failure that is not known: "+e.String())
		case k != e:
			out = append(out, fmt.Sprintf("a failure differs from what is known:\n  known: %s\n  now:   %s", k, e))
		}
	}
	for id := range known {
		if !seen[id] {
			out = append(out, "a known failure is stale, the case no longer fails: "+id)
		}
	}
	sort.Strings(out)
	return out
}
