package report

import (
	"encoding/json"
	"io"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// document is the JSON report. Members are only ever added; format changes when one changes its meaning.
type document struct {
	Format int        `json:"format"`
	Target string     `json:"target"`
	OK     bool       `json:"ok"`
	Totals totals     `json:"totals"`
	Cases  []caseJSON `json:"cases"`
}

// totals counts each level by verdict; every verdict is present, zero or not.
type totals struct {
	Must     map[runner.Verdict]int `json:"must"`
	Should   map[runner.Verdict]int `json:"should"`
	Chapters []chapterJSON          `json:"chapters"`
}

type chapterJSON struct {
	Chapter string                 `json:"chapter"`
	Must    map[runner.Verdict]int `json:"must"`
	Should  map[runner.Verdict]int `json:"should"`
}

type caseJSON struct {
	ID           string         `json:"id"`
	Requirements []string       `json:"requirements"`
	Level        runner.Level   `json:"level"`
	Verdict      runner.Verdict `json:"verdict"`
	Detail       string         `json:"detail"`
	MS           float64        `json:"ms"` // milliseconds, to the microsecond
	Chapter      string         `json:"chapter"`
	Title        string         `json:"title"`
}

// JSON writes the report as one JSON document of format 1:
//
//	{"format":1,"target":..,"ok":..,"totals":{"must":{..},"should":{..},"chapters":[..]},
//	 "cases":[{"id":..,"requirements":[..],"level":..,"verdict":..,"detail":..,"ms":..,"chapter":..,"title":..}]}
//
// Cases are sorted by id, so two runs with the same verdicts differ in `ms` only. The error is w's.
func JSON(w io.Writer, r *runner.Report) error {
	doc := document{Format: 1, Target: r.Target, OK: r.OK(), Cases: []caseJSON{}}
	doc.Totals.Must = full(r.Totals(runner.MUST))
	doc.Totals.Should = full(r.Totals(runner.SHOULD))
	doc.Totals.Chapters = []chapterJSON{}
	for _, c := range r.Chapters() {
		doc.Totals.Chapters = append(doc.Totals.Chapters, chapterJSON{c.Chapter, full(c.Must), full(c.Should)})
	}
	for _, result := range r.Results {
		reqs := result.Requirements
		if reqs == nil {
			reqs = []string{}
		}
		doc.Cases = append(doc.Cases, caseJSON{
			ID: result.Case, Requirements: reqs, Level: result.Level, Verdict: result.Verdict, Detail: result.Detail,
			MS: float64(result.Duration.Microseconds()) / 1000, Chapter: result.Chapter, Title: result.Title,
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(doc)
}

// full gives every verdict a count, so that readers need not tell missing from zero.
func full(c runner.Counts) map[runner.Verdict]int {
	out := map[runner.Verdict]int{}
	for _, v := range runner.Verdicts() {
		out[v] = c[v]
	}
	return out
}
