package vectors

import "fmt"

// WireBytes gives the bytes on the wire, recipes expanded, in memory of their own.
func (c *Case) WireBytes() ([]byte, error) {
	b, err := c.Wire.Expand()
	if err != nil {
		return nil, fmt.Errorf("vector %s: wire: %w", c.ID, err)
	}
	return b, nil
}

// Run is one run of a case that is decoded: what arrives before the stream ends.
type Run struct {
	// Segments are the pieces in order; none is empty.
	Segments [][]byte
	// Offset is where an invalid run must be rejected; -1 when the run is not invalid.
	Offset int64
}

// Len is the number of bytes in all segments.
func (r Run) Len() int {
	n := 0
	for _, s := range r.Segments {
		n += len(s)
	}
	return n
}

// Runs gives every run of the case: one, or many when it has Expand. The segments share one array: do not write to them.
func (c *Case) Runs() ([]Run, error) {
	wire, err := c.WireBytes()
	if err != nil {
		return nil, err
	}
	at := int64(-1)
	if c.Offset != nil {
		at = *c.Offset
	}
	var runs []Run
	switch c.Expand {
	case "":
		return []Run{{Segments: cut(wire, c.Segments), Offset: at}}, nil
	case ExpandSplit:
		for k := 1; k < len(wire); k++ {
			runs = append(runs, Run{Segments: [][]byte{wire[:k:k], wire[k:]}, Offset: at})
		}
	case ExpandTruncate:
		for k := 1; k < len(wire); k++ {
			runs = append(runs, Run{Segments: cut(wire[:k:k], c.Segments), Offset: int64(k)})
		}
	default:
		return nil, fmt.Errorf("vector %s: expand is %q, must be %q or %q", c.ID, c.Expand, ExpandSplit, ExpandTruncate)
	}
	return runs, nil
}

// cut divides b into pieces of these lengths; the last length repeats.
func cut(b []byte, lens []int) [][]byte {
	var out [][]byte
	for i := 0; len(b) > 0; i++ {
		n := len(b)
		if len(lens) > 0 {
			n = max(1, min(n, lens[min(i, len(lens)-1)]))
		}
		out = append(out, b[:n:n])
		b = b[n:]
	}
	return out
}
