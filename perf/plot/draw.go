package plot

import (
	"image/color"
	"slices"

	"golang.org/x/image/font"
	gplot "gonum.org/v1/plot"
	gfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes are in points of 1/72 inch; a browser makes 4/3 pixels of each.
const (
	titleSize = 13
	textSize  = 9.5
	smallSize = 8
	margin    = 15
	leader    = 16 // between the end of a line and its name
	labelGap  = 11.5
	spare     = 0.87 // of the width is for text: an SVG may be shown with a wider font
)

func sans(size vg.Length, bold bool) gfont.Font {
	f := gfont.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = font.WeightBold
	}
	return f
}

func text(size vg.Length, bold bool, c color.Color, x draw.XAlignment, y draw.YAlignment) draw.TextStyle {
	return draw.TextStyle{
		Color: c, Font: sans(size, bold), Handler: gplot.DefaultTextHandler,
		XAlign: x, YAlign: y,
	}
}

// draw paints the whole picture: title and subtitle, the panels, the note.
func (p picture) draw(c draw.Canvas) {
	c.SetColor(paper)
	c.Fill(c.Rectangle.Path())
	c = draw.Crop(c, margin, -margin, margin-3, -margin+2)

	c.FillText(text(titleSize, true, ink, draw.XLeft, draw.YTop), vg.Point{X: c.Min.X, Y: c.Max.Y}, p.title)
	c.Max.Y -= titleSize + 4
	under := text(textSize, false, soft, draw.XLeft, draw.YTop)
	for _, row := range wrap(under, p.sub, (c.Max.X-c.Min.X)*spare) {
		c.FillText(under, vg.Point{X: c.Min.X, Y: c.Max.Y}, row)
		c.Max.Y -= textSize + 3
	}
	c.Max.Y -= 10

	foot := text(smallSize, false, soft, draw.XLeft, draw.YBottom)
	rows := wrap(foot, p.note, (c.Max.X-c.Min.X)*spare)
	slices.Reverse(rows)
	for _, row := range rows {
		c.FillText(foot, vg.Point{X: c.Min.X, Y: c.Min.Y}, row)
		c.Min.Y += smallSize + 3
	}
	if len(rows) > 0 {
		c.Min.Y += 6
	}

	const between = 14
	n := vg.Length(len(p.panels))
	wide := (c.Max.X - c.Min.X - between*(n-1)) / n
	for i, panel := range p.panels {
		left := c.Min.X + vg.Length(i)*(wide+between)
		at := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: left, Y: c.Min.Y}, Max: vg.Point{X: left + wide, Y: c.Max.Y},
		}}
		panel.draw(at)
	}
}

// draw paints a panel: heading, axes, lines, and each line's name at its end.
func (p panel) draw(c draw.Canvas) {
	c.FillText(text(textSize, true, ink, draw.XLeft, draw.YTop), vg.Point{X: c.Min.X, Y: c.Max.Y}, p.heading)
	c.Max.Y -= textSize + 9

	var names vg.Length
	for _, l := range p.lines {
		names = max(names, labelStyle(l).Width(l.name))
	}
	area := draw.Crop(c, 0, -(names + leader + 6), 0, 0)

	axes := gplot.New()
	axes.BackgroundColor = nil
	p.x.apply(&axes.X)
	p.y.apply(&axes.Y)
	axes.X.Label.Text = p.x.label
	for _, a := range []*gplot.Axis{&axes.X, &axes.Y} {
		a.LineStyle.Color, a.LineStyle.Width = soft, vg.Points(0.75)
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = 4
		a.Tick.Label.Font, a.Tick.Label.Color = sans(textSize, false), ink
		a.Label.TextStyle.Font, a.Label.TextStyle.Color = sans(textSize, false), soft
		a.Label.Padding = 3
		a.Padding = 0
	}
	axes.Y.LineStyle.Width = 0 // the grid is enough
	axes.Y.Tick.Length = 0
	axes.Y.Padding = 4

	inner := axes.DataCanvas(area)
	_, y := axes.Transforms(&inner)
	grid := draw.LineStyle{Color: faint, Width: vg.Points(0.75)}
	for _, t := range p.y.ticks {
		if v := y(t.Value); t.Value > p.y.min && t.Value <= p.y.max {
			inner.StrokeLine2(grid, inner.Min.X, v, inner.Max.X+leader-6, v)
		}
	}
	axes.Draw(area)

	p.drawNames(inner, c, p.drawLines(inner, axes))
}

// wrap breaks a text into rows that are not wider than width.
func wrap(style draw.TextStyle, txt string, width vg.Length) []string {
	var rows []string
	row := ""
	for _, w := range words(txt) {
		switch next := row + " " + w; {
		case row == "":
			row = w
		case style.Width(next) > width:
			rows, row = append(rows, row), w
		default:
			row = next
		}
	}
	if row != "" {
		rows = append(rows, row)
	}
	return rows
}
