package judge

import (
	"slices"
	"strconv"
	"strings"

	"github.com/henrylee2cn/teleport/conformance"
)

// Finding is one fault of erpc, however many cases it fails.
type Finding struct {
	// N is its number, for ever.
	N int
	// Title says it in a few words.
	Title string
	// Where names the Protos: "raw", or "6/thrift" for one version only.
	Where string
	// Reqs are the ids of the requirements that are broken.
	Reqs string
	// What happens, and what that does to a user.
	What, Effect string
	// Test is the test that shows it on erpc alone, without the suite.
	Test string
	// signs tell which failures it is behind; none where no case of the suite sees it.
	signs []sign
}

// sign matches failures: of the cases (globs, without "proto/") whose detail contains text.
type sign struct{ where, cases, text string }

// in tells whether a list of Protos names this one.
func in(where, module, proto string) bool {
	version := strings.TrimPrefix(module, "erpcv")
	return slices.ContainsFunc(strings.Fields(where), func(w string) bool { return w == proto || w == version+"/"+proto })
}

// findingsOf gives the numbers of the findings behind a result; none where it is good.
func findingsOf(module, proto string, r conformance.Result) []int {
	var out []int
	if !r.Verdict.Bad() {
		return nil
	}
	for _, f := range Findings() {
		if slices.ContainsFunc(f.signs, func(s sign) bool {
			return in(s.where, module, proto) && matches(s.cases, r.Case) && strings.Contains(r.Detail, s.text)
		}) {
			out = append(out, f.N)
		}
	}
	return out
}

func numbers(ns []int) string {
	var out []string
	for _, n := range ns {
		out = append(out, strconv.Itoa(n))
	}
	return strings.Join(out, ",")
}
