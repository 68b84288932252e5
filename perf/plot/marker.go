package plot

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// marker is the shape of a system's points, so that it can be told apart
// without its colour.
type marker int

const (
	circle marker = iota
	square
	triangle
	diamond
	wedge // a triangle on its point
	markers
)

// outline gives the corners of a marker around (0, 0) with about the same area
// for each shape; a circle has none.
func (m marker) outline() []vg.Point {
	corners, first, size := 4, math.Pi/4, 1.25
	switch m {
	case circle:
		return nil
	case triangle:
		corners, first, size = 3, math.Pi/2, 1.4
	case wedge:
		corners, first, size = 3, -math.Pi/2, 1.4
	case diamond:
		first, size = 0, 1.3
	}
	points := make([]vg.Point, corners)
	for i := range points {
		s, c := math.Sincos(first + 2*math.Pi*float64(i)/float64(corners))
		points[i] = vg.Point{X: vg.Length(size * c), Y: vg.Length(size * s)}
	}
	return points
}

// drawMarker paints a marker with a rim of paper, so that it stands out from
// the lines it lies on.
func drawMarker(c draw.Canvas, l look, at vg.Point, radius vg.Length) {
	var path vg.Path
	if corners := l.marker.outline(); corners == nil {
		path.Move(vg.Point{X: at.X + radius, Y: at.Y})
		path.Arc(at, radius, 0, 2*math.Pi)
		path.Close()
	} else {
		for i, p := range corners {
			p = vg.Point{X: at.X + p.X*radius, Y: at.Y + p.Y*radius}
			if i == 0 {
				path.Move(p)
			} else {
				path.Line(p)
			}
		}
		path.Close()
	}
	c.SetLineDash(nil, 0)
	c.SetColor(l.color)
	c.Fill(path)
	c.SetColor(paper)
	c.SetLineWidth(vg.Points(0.8))
	c.Stroke(path)
}
