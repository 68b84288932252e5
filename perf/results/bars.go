package main

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness/bars"
)

func writeBars(b *strings.Builder, list []bars.Outcome) {
	if len(list) == 0 {
		return
	}
	met := 0
	for _, o := range list {
		if o.Verdict == bars.Met {
			met++
		}
	}
	fmt.Fprintf(b, "\nThe bars, %d of %d met (`go run ./perf --bars --rivals`):\n\n| bar | figure | limit | |\n|---|---|---|---|\n", met, len(list))
	for _, o := range list {
		verdict := o.Verdict
		if verdict == bars.Short {
			verdict = "**" + verdict + "**"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(o.Name), cell(o.Figure), cell(o.Limit), verdict)
	}
}

// cell keeps a text within its cell of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}
