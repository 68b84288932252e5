package plot

import (
	"image/color"

	"gonum.org/v1/plot/vg"
)

// role says how loudly a system is drawn.
type role int

const (
	rival  role = iota // others: thin, muted
	floor              // what the machine allows: grey, dashed
	second             // ours below the peer: thicker
	ours               // the peer: thick, on top, with a band
)

// The colours are Okabe and Ito's, and for more systems than those Tol's muted
// ones: both are made to differ for every kind of colour blindness. The warm
// ones are ours alone.
var (
	ink       = rgb(0x262b33)
	soft      = rgb(0x6b727c)
	faint     = rgb(0xe4e7eb)
	paper     = rgb(0xffffff)
	vermilion = rgb(0xd55e00)
)

// variants are ours as well: the socket, and other ways of using the peer.
var variants = []color.NRGBA{rgb(0xe69f00), rgb(0xa34a5c), rgb(0xb07d2b)}

// familiar keeps a system's colour from report to report, whatever else is in it.
var familiar = map[string]color.NRGBA{
	"erpc":   rgb(0x0072b2),
	"grpc":   rgb(0xcc79a7),
	"rpcx":   rgb(0x7a5c48),
	"kitex":  rgb(0x009e73),
	"arpc":   rgb(0x8a7a00),
	"drpc":   rgb(0x56b4e9),
	"netrpc": rgb(0x332288),
}

// others go to systems without a colour of their own, in the order of their names.
var others = []color.NRGBA{
	rgb(0x882255), // wine
	rgb(0x44aa99), // teal
	rgb(0x999933), // olive
	rgb(0xaa4499), // plum
	rgb(0x117733), // pine
}

// greys tell the floors apart, together with their dashes.
var greys = []color.NRGBA{rgb(0x4d535c), rgb(0x7d848e), rgb(0x9aa1aa)}

var dashes = [][]vg.Length{
	{vg.Points(7), vg.Points(4)},
	{vg.Points(2), vg.Points(3)},
	{vg.Points(9), vg.Points(3), vg.Points(2), vg.Points(3)},
	{vg.Points(4), vg.Points(2)},
}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xff}
}
