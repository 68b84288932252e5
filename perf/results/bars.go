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
	count := map[string]int{}
	for _, o := range list {
		count[o.Verdict]++
	}
	fmt.Fprintf(b, "\nThe bars (`go run ./perf --bars --rivals`): %d met, %d short", count[bars.Met], count[bars.Short])
	if n := count[bars.NotMeasured]; n > 0 {
		fmt.Fprintf(b, ", %d not measured", n)
	}
	b.WriteString(".\n\n| bar | figure | limit | |\n|---|---|---|---|\n")
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
