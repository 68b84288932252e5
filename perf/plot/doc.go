// Package plot draws the pictures of a performance report, as PNG and SVG:
// throughput and latency against concurrency, latency by percentile, and
// throughput over time.
//
// Every system keeps its colour and its marker over all pictures. Ours is drawn
// last and thickest, floors are grey and dashed, everybody else is muted. Names
// stand beside the ends of their lines, so that nobody has to match colours
// with a legend.
//
// The same report gives the same bytes.
package plot
