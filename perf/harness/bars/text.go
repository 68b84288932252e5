package bars

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// decimals that a figure of this unit is shown with.
func decimals(unit string) int {
	switch strings.TrimSpace(unit) {
	case "bytes", "MB":
		return 0
	case "points", "":
		return 1
	}
	return 2
}

func text(v float64, unit string) string {
	d := decimals(unit)
	p := math.Pow(10, float64(d))
	return fmt.Sprintf("%.*f%s", d, math.Round(v*p)/p+0, unit)
}

// figureText is a value with the least and the greatest of its rounds.
func figureText(f Figure, unit string) string {
	bare := func(v float64) string { return strings.TrimSuffix(text(v, unit), unit) }
	return fmt.Sprintf("%s (%s to %s)", text(f.Median, unit), bare(f.Min), bare(f.Max))
}

func limitText(c Check) string {
	bound := fmt.Sprintf("%g%s", c.Limit, c.Unit)
	if c.AtMost {
		return "at most " + bound
	}
	return "at least " + bound
}

// JSON is the content of bars.json.
func JSON(list []Outcome) ([]byte, error) {
	b, err := json.MarshalIndent(list, "", " ")
	return append(b, '\n'), err
}

// Markdown is the table of bars.
func Markdown(list []Outcome) string {
	var b strings.Builder
	counts := map[string]int{}
	for _, o := range list {
		counts[o.Verdict]++
	}
	fmt.Fprintf(&b, "# The bars: %d met, %d short, %d not measured\n\n", counts[Met], counts[Short], counts[NotMeasured])
	b.WriteString("A figure is the median over the rounds, with the least and the greatest of them; ratios are of runs of the same round.\n\n")
	b.WriteString("| bar | figure | limit | verdict | |\n|---|---|---|---|---|\n")
	for _, o := range list {
		verdict := o.Verdict
		if o.Verdict == Short {
			verdict = "**short**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", o.Name, o.Figure, o.Limit, verdict, escape(o.remark()))
	}
	return b.String()
}

// remark is what else is to be said of an outcome.
func (o Outcome) remark() string {
	var parts []string
	if o.Reason != "" {
		parts = append(parts, o.Reason)
	}
	if o.Note != "" {
		parts = append(parts, o.Note)
	}
	if len(o.Points) > 0 && len(o.Points) <= 8 {
		var points []string
		for _, p := range o.Points {
			points = append(points, fmt.Sprintf("%s: %.*f", p.At, decimals(o.Unit), p.V))
		}
		parts = append(parts, strings.Join(points, ", "))
	}
	return strings.Join(parts, "; ")
}

func escape(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}
