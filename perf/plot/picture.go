package plot

import "image/color"

// picture is one file: a title, a line under it, and panels side by side.
type picture struct {
	file   string // without its extension
	title  string // what is measured
	sub    string // how, and on which machine
	note   string // how to read it, at the bottom
	panels []panel
}

// panel is one pair of axes.
type panel struct {
	heading string // the y axis in words, with its unit
	x, y    axis
	lines   []line
}

// line is one system in a panel, its points in the order of x.
type line struct {
	name   string
	look   look
	points []point
	bare   bool // without markers, for a line of many points
}

// point has a range around y when there were repetitions: lo <= y <= hi.
type point struct {
	x, y, lo, hi float64
}

func (p point) ranged() bool { return p.hi > p.lo }

// look is how a system is drawn, the same in every picture.
type look struct {
	role   role
	color  color.NRGBA
	marker marker
	dash   int // in dashes, for floors
}

// bounds spans all ranges of all lines.
func (p panel) bounds() (xmin, xmax, ymin, ymax float64) {
	first := true
	for _, l := range p.lines {
		for _, q := range l.points {
			if first {
				xmin, xmax, ymin, ymax = q.x, q.x, q.lo, q.hi
				first = false
			}
			xmin, xmax = min(xmin, q.x), max(xmax, q.x)
			ymin, ymax = min(ymin, q.lo, q.y), max(ymax, q.hi, q.y)
		}
	}
	return
}
