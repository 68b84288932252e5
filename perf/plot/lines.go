package plot

import (
	"image/color"
	"strings"

	gplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func words(s string) []string { return strings.Fields(s) }

func (l line) stroke() draw.LineStyle {
	style := draw.LineStyle{Color: l.look.color, Width: vg.Points(1.3)}
	switch l.look.role {
	case ours:
		style.Width = vg.Points(2.6)
	case second:
		style.Width = vg.Points(1.9)
	case floor:
		style.Dashes = dashes[l.look.dash%len(dashes)]
	}
	if l.bare && l.look.role < second {
		style.Width = vg.Points(1)
	}
	return style
}

func labelStyle(l line) draw.TextStyle {
	return text(textSize, l.look.role == ours, darker(l.look.color), draw.XLeft, draw.YCenter)
}

// darker makes a line's colour legible as a text on paper.
func darker(c color.NRGBA) color.NRGBA {
	f := func(v uint8) uint8 { return uint8(float64(v) * 0.78) }
	return color.NRGBA{R: f(c.R), G: f(c.G), B: f(c.B), A: 0xff}
}

func faded(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// drawLines paints the lines in the order given and returns their paths.
// The caller puts the loudest last.
func (p panel) drawLines(c draw.Canvas, axes *gplot.Plot) [][]vg.Point {
	tx, ty := axes.Transforms(&c)
	place := func(x, y float64) vg.Point {
		return vg.Point{X: tx(x), Y: ty(max(p.y.min, min(y, p.y.max)))}
	}
	paths := make([][]vg.Point, len(p.lines))
	for i, l := range p.lines {
		var path []vg.Point
		for _, q := range l.points {
			path = append(path, place(q.x, q.y))
		}
		if len(path) == 0 {
			continue
		}
		l.drawRanges(c, place)
		c.StrokeLines(l.stroke(), path)
		paths[i] = path
	}
	for _, l := range p.lines { // over all lines, so that none hides a point
		if l.bare {
			continue
		}
		radius := vg.Points(2.9)
		if l.look.role == ours {
			radius = vg.Points(3.9)
		}
		for _, q := range l.points {
			drawMarker(c, l.look, place(q.x, q.y), radius)
		}
	}
	return paths
}

// drawRanges paints a band for ours and whiskers for everybody else.
func (l line) drawRanges(c draw.Canvas, place func(x, y float64) vg.Point) {
	if l.look.role == ours {
		var band []vg.Point
		for _, q := range l.points {
			band = append(band, place(q.x, q.hi))
		}
		for i := len(l.points) - 1; i >= 0; i-- {
			band = append(band, place(l.points[i].x, l.points[i].lo))
		}
		c.FillPolygon(faded(l.look.color, 0x2e), band)
		return
	}
	for _, q := range l.points {
		if q.ranged() {
			lo, hi := place(q.x, q.lo), place(q.x, q.hi)
			c.StrokeLine2(draw.LineStyle{Color: faded(l.look.color, 0x73), Width: vg.Points(1.6)}, lo.X, lo.Y, hi.X, hi.Y)
		}
	}
}
