package plot

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawNames writes each line's name: of those that reach the right edge into a
// column beside it, of those that end before it at their end.
func (p panel) drawNames(inner, c draw.Canvas, paths [][]vg.Point) {
	var edge, early []int
	for i, path := range paths {
		if len(path) == 0 {
			continue
		}
		if path[len(path)-1].X > inner.Max.X-labelGap {
			edge = append(edge, i)
		} else {
			early = append(early, i)
		}
	}
	p.namesBeside(edge, inner, c, paths)
	p.namesAmong(early, inner, c, paths)
}

// namesBeside moves names apart where they would collide, with a thin line from
// the end of a line to its name.
func (p panel) namesBeside(which []int, inner, c draw.Canvas, paths [][]vg.Point) {
	end := func(i int) vg.Point { return paths[i][len(paths[i])-1] }
	slices.SortStableFunc(which, func(a, b int) int { return compare(end(a).Y, end(b).Y) })
	want := make([]float64, len(which))
	for k, i := range which {
		want[k] = float64(end(i).Y)
	}
	places := spread(want, labelGap, float64(inner.Min.Y)-2, float64(c.Max.Y))
	x := inner.Max.X + leader
	for k, i := range which {
		l, y := p.lines[i], vg.Length(places[k])
		c.StrokeLines(hair(l), []vg.Point{{X: end(i).X + 5, Y: end(i).Y}, {X: x - 2, Y: y}})
		c.FillText(labelStyle(l), vg.Point{X: x, Y: y}, l.name)
	}
}

// namesAmong puts each name near the end of its line where it covers the least
// of other names and lines.
func (p panel) namesAmong(which []int, inner, c draw.Canvas, paths [][]vg.Point) {
	var taken []vg.Rectangle
	for _, i := range which {
		l, end := p.lines[i], paths[i][len(paths[i])-1]
		style := labelStyle(l)
		var best vg.Rectangle
		least := math.Inf(1)
		for _, up := range []vg.Length{0, 1, -1, 2, -2, 3, -3, 4, -4} {
			box := boxAt(vg.Point{X: end.X + 9, Y: end.Y + up*labelGap}, style.Width(l.name))
			cost := 1.5 * math.Abs(float64(up))
			if box.Min.Y < inner.Min.Y || box.Max.Y > inner.Max.Y {
				cost += 100
			}
			for _, t := range taken {
				if overlap(box, t) {
					cost += 1000
				}
			}
			cost += p.crossed(box, paths)
			if cost < least {
				best, least = box, cost
			}
		}
		taken = append(taken, best)
		c.SetColor(color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xcc})
		c.Fill(best.Path())
		at := vg.Point{X: best.Min.X + 1, Y: (best.Min.Y + best.Max.Y) / 2}
		if at.Y != end.Y {
			c.StrokeLines(hair(l), []vg.Point{{X: end.X + 2, Y: end.Y}, {X: at.X - 1, Y: at.Y}})
		}
		c.FillText(style, at, l.name)
	}
}

// hair leads from the end of a line to its name.
func hair(l line) draw.LineStyle {
	return draw.LineStyle{Color: faded(l.look.color, 0x99), Width: vg.Points(0.6)}
}

// boxAt is the room of a name that begins at a point and is centred on it.
func boxAt(p vg.Point, width vg.Length) vg.Rectangle {
	return vg.Rectangle{
		Min: vg.Point{X: p.X - 1, Y: p.Y - labelGap/2},
		Max: vg.Point{X: p.X + width + 1, Y: p.Y + labelGap/2},
	}
}

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}

// crossed is what it costs to write over the lines that pass through a box:
// most for ours.
func (p panel) crossed(box vg.Rectangle, paths [][]vg.Point) float64 {
	cost := 0.0
	for i, path := range paths {
		if passes(box, path) {
			cost += 2
			if p.lines[i].look.role >= second {
				cost += 5
			}
		}
	}
	return cost
}

// passes looks at points of the path so close that none can step over a box.
func passes(box vg.Rectangle, path []vg.Point) bool {
	for i := 1; i < len(path); i++ {
		a, b := path[i-1], path[i]
		steps := math.Ceil(math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y)) / 3)
		for s := 0.0; s <= steps; s++ {
			t := vg.Length(s / max(steps, 1))
			x, y := a.X+(b.X-a.X)*t, a.Y+(b.Y-a.Y)*t
			if x > box.Min.X && x < box.Max.X && y > box.Min.Y && y < box.Max.Y {
				return true
			}
		}
	}
	return false
}

func compare(a, b vg.Length) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
