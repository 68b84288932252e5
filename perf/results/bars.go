package main

import (
	"fmt"
	"strings"
)

// bar is what the table of bars shows of one in bars.json.
type bar struct {
	Name    string `json:"name"`
	Figure  string `json:"figure"`
	Limit   string `json:"limit"`
	Verdict string `json:"verdict"` // met, short or not measured
}

func writeBars(b *strings.Builder, bars []bar) {
	if len(bars) == 0 {
		return
	}
	met := 0
	for _, x := range bars {
		if x.Verdict == "met" {
			met++
		}
	}
	fmt.Fprintf(b, "\nThe bars, %d of %d met (`go run ./perf --bars`):\n\n| bar | figure | limit | |\n|---|---|---|---|\n", met, len(bars))
	for _, x := range bars {
		verdict := x.Verdict
		if verdict != "met" {
			verdict = "**" + verdict + "**"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(x.Name), cell(x.Figure), cell(x.Limit), verdict)
	}
}

// cell keeps a text within its cell of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}
