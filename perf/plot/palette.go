package plot

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// role says how loudly a system is drawn.
type role int

const (
	rival role = iota // others: muted
	floor             // what the machine allows: grey, dashed
	ours              // thick, on top
)

// Okabe and Ito's palette: its colours differ for every kind of colour
// blindness. Ours has the vermilion for itself.
var (
	ink       = color.NRGBA{R: 0x26, G: 0x2b, B: 0x33, A: 0xff}
	soft      = color.NRGBA{R: 0x6b, G: 0x72, B: 0x7c, A: 0xff}
	faint     = color.NRGBA{R: 0xe4, G: 0xe7, B: 0xeb, A: 0xff}
	paper     = color.NRGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}
	vermilion = color.NRGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
)

var muted = []color.NRGBA{
	{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}, // blue
	{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}, // green
	{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff}, // purple
	{R: 0x56, G: 0xb4, B: 0xe9, A: 0xff}, // sky
	{R: 0xb8, G: 0x8a, B: 0x00, A: 0xff}, // ochre: the palette's orange is too near to vermilion
	{R: 0x7a, G: 0x5c, B: 0x48, A: 0xff}, // brown
}

// greys tell the floors apart, with their dashes.
var greys = []color.NRGBA{
	{R: 0x55, G: 0x5b, B: 0x64, A: 0xff},
	{R: 0x80, G: 0x87, B: 0x91, A: 0xff},
	{R: 0xa0, G: 0xa6, B: 0xae, A: 0xff},
}

var dashes = [][]vg.Length{
	{vg.Points(7), vg.Points(4)},
	{vg.Points(2), vg.Points(3)},
	{vg.Points(9), vg.Points(3), vg.Points(2), vg.Points(3)},
}
