package oracle

// code is a Huffman code in the canonical form of RFC 1951, 3.2.2: how many codes there are of each length, and the
// symbols in the order of their codes.
type code struct {
	count   [16]int
	symbols []int
}

// newCode makes a code of the lengths of its symbols. ok is false when the lengths ask for more codes than there are,
// or leave codes unused; the one exception is a distance code of a single symbol, or of none.
func newCode(lengths []int, mayBeSingle bool) (c code, ok bool) {
	for _, n := range lengths {
		c.count[n]++
	}
	unused := len(lengths) - c.count[0]
	c.count[0] = 0
	left := 1
	for n := 1; n < 16; n++ {
		left = left<<1 - c.count[n]
		if left < 0 {
			return c, false
		}
	}
	if left > 0 && !(mayBeSingle && (unused == 0 || unused == 1 && c.count[1] == 1)) {
		return c, false
	}
	for n := 1; n < 16; n++ {
		for sym, m := range lengths {
			if m == n {
				c.symbols = append(c.symbols, sym)
			}
		}
	}
	return c, true
}

// read takes the bits of one symbol, one at a time.
func (c code) read(r *bitReader) (int, error) {
	value, first, index := 0, 0, 0
	for n := 1; n < 16; n++ {
		bit, err := r.bits(1)
		if err != nil {
			return 0, err
		}
		value |= bit
		if value-first < c.count[n] {
			return c.symbols[index+value-first], nil
		}
		index += c.count[n]
		first = (first + c.count[n]) << 1
		value <<= 1
	}
	return 0, errDeflate
}

// The codes of the fixed blocks (RFC 1951, 3.2.6).
var fixedLiterals, fixedDistances = fixedCodes()

func fixedCodes() (lit, dist code) {
	lengths := make([]int, 288)
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	lit, _ = newCode(lengths, false)
	lengths = make([]int, 32)
	for i := range lengths {
		lengths[i] = 5
	}
	dist, _ = newCode(lengths, false)
	return lit, dist
}

// readCodes reads the two codes at the head of a dynamic block (RFC 1951, 3.2.7).
func readCodes(r *bitReader) (lit, dist code, err error) {
	var counts [3]int
	for i, n := range []int{5, 5, 4} {
		if counts[i], err = r.bits(n); err != nil {
			return lit, dist, err
		}
	}
	nlit, ndist, nlen := counts[0]+257, counts[1]+1, counts[2]+4
	if nlit > 286 || ndist > 30 {
		return lit, dist, errDeflate
	}
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	lengths := make([]int, 19)
	for i := range nlen {
		if lengths[order[i]], err = r.bits(3); err != nil {
			return lit, dist, err
		}
	}
	meta, ok := newCode(lengths, false)
	if !ok {
		return lit, dist, errDeflate
	}
	lengths = nil
	for len(lengths) < nlit+ndist {
		sym, err := meta.read(r)
		if err != nil {
			return lit, dist, err
		}
		if sym < 16 {
			lengths = append(lengths, sym)
			continue
		}
		value, bits, least := 0, 7, 11 // 18: zeros, 11 or more
		switch sym {
		case 16: // the last length again, 3 times or more
			if len(lengths) == 0 {
				return lit, dist, errDeflate
			}
			value, bits, least = lengths[len(lengths)-1], 2, 3
		case 17:
			bits, least = 3, 3
		}
		extra, err := r.bits(bits)
		if err != nil {
			return lit, dist, err
		}
		for range least + extra {
			lengths = append(lengths, value)
		}
	}
	if len(lengths) > nlit+ndist || lengths[256] == 0 {
		return lit, dist, errDeflate
	}
	if lit, ok = newCode(lengths[:nlit], false); !ok {
		return lit, dist, errDeflate
	}
	if dist, ok = newCode(lengths[nlit:], true); !ok {
		return lit, dist, errDeflate
	}
	return lit, dist, nil
}
