package plot

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	gplot "gonum.org/v1/plot"
)

// axis is a scale with its ticks.
type axis struct {
	label    string
	log      bool
	min, max float64
	ticks    []gplot.Tick
}

func (a axis) apply(to *gplot.Axis) {
	to.Min, to.Max = a.min, a.max
	to.Tick.Marker = gplot.ConstantTicks(a.ticks)
	if a.log {
		to.Scale = gplot.LogScale{}
	}
}

// concurrencies has a tick at each number of clients that was measured. One
// that stands too near to its neighbour keeps its mark and loses its text.
func concurrencies(clients []float64) axis {
	a := axis{label: "concurrent clients (log scale)", log: true}
	slices.Sort(clients)
	clients = slices.Compact(clients)
	last := 0.0
	for _, c := range clients {
		text := thousands(c)
		if c < last*1.25 {
			text = ""
		} else {
			last = c
		}
		a.ticks = append(a.ticks, gplot.Tick{Value: c, Label: text})
	}
	a.min, a.max = clients[0], clients[len(clients)-1]
	if a.min == a.max {
		a.min, a.max = a.min/2, a.max*2
	}
	return a
}

// rates starts at zero, for a length should mean what it says.
func rates(top float64) axis {
	if !(top > 0) {
		top = 1
	}
	step := niceStep(top / 7)
	a := axis{max: math.Ceil(top*1.02/step) * step}
	for v := 0.0; v <= a.max+step/2; v += step {
		a.ticks = append(a.ticks, gplot.Tick{Value: v, Label: short(v)})
	}
	return a
}

// latencies are in seconds, on a log scale with 1, 2 and 5 of each decade.
func latencies(low, high float64) axis {
	if !(low > 0) {
		low = 1e-6
	}
	if high < low*2 {
		high = low * 2
	}
	a := axis{log: true, min: low / 1.15, max: high * 1.15}
	wide := high/low > 3000 // then every decade alone has a text
	for e := math.Floor(math.Log10(a.min)); e <= math.Log10(a.max); e++ {
		for _, m := range []float64{1, 2, 5} {
			v := m * math.Pow(10, e)
			if v < a.min || v > a.max {
				continue
			}
			text := duration(v)
			if wide && m != 1 {
				text = ""
			}
			a.ticks = append(a.ticks, gplot.Tick{Value: v, Label: text})
		}
	}
	return a
}

// nines is the axis of HdrHistogram's charts: a percentile p stands at
// 1/(1-p), so that each further nine takes the same room.
func nines(max float64) axis {
	a := axis{label: "percentile of calls", log: true, min: at(from), max: at(max)}
	for _, p := range []float64{from, 75, 90, 99, 99.9, 99.99, 99.999} {
		if p <= max {
			a.ticks = append(a.ticks, gplot.Tick{Value: at(p), Label: strconv.FormatFloat(p, 'f', -1, 64) + " %"})
		}
	}
	return a
}

// from is where the curves of percentiles begin: what lies below is not a tail.
const from = 50

func at(percentile float64) float64 { return 100 / (100 - percentile) }

// seconds is the time since a measurement began.
func seconds(end float64) axis {
	if !(end > 0) {
		end = 1
	}
	step := niceStep(end / 8)
	a := axis{label: "seconds since the first measured call", max: end}
	for v := 0.0; v <= end+step/1000; v += step {
		a.ticks = append(a.ticks, gplot.Tick{Value: v, Label: strconv.FormatFloat(math.Round(v*1e6)/1e6, 'f', -1, 64)})
	}
	return a
}

// niceStep is the next of 1, 2, 2.5, 5 times a power of ten.
func niceStep(v float64) float64 {
	ten := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if v <= m*ten*1.0000001 {
			return m * ten
		}
	}
	return 10 * ten
}

// short writes a count with k or M.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(math.Round(v/1e4)/100, 'f', -1, 64) + " M"
	case v >= 1e3:
		return strconv.FormatFloat(math.Round(v/10)/100, 'f', -1, 64) + " k"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// duration writes seconds with the unit that needs the fewest digits.
func duration(s float64) string {
	switch {
	case s < 0.9995e-3:
		return trim(s*1e6) + " µs"
	case s < 0.9995:
		return trim(s*1e3) + " ms"
	}
	return trim(s) + " s"
}

// trim keeps three digits.
func trim(v float64) string {
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// thousands groups the digits of a whole number: 5,000.
func thousands(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String()
}
