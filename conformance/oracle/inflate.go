package oracle

import "errors"

// How a deflate stream ended.
const (
	endFinal = iota // with its final block
	endSync         // with its bytes, exactly after a sync flush: an empty stored block that is not final
)

var errDeflate = errors.New("the deflate data is broken")
var errCut = errors.New("the deflate data is cut")

// bitReader gives bits, the lowest of each byte first (RFC 1951, 3.1.1).
type bitReader struct {
	b   []byte
	at  int  // the next byte
	bit uint // bits of b[at] already given
}

func (r *bitReader) bits(n int) (int, error) {
	v := 0
	for i := range n {
		if r.at == len(r.b) {
			return 0, errCut
		}
		v |= int(r.b[r.at]>>r.bit&1) << i
		if r.bit++; r.bit == 8 {
			r.bit, r.at = 0, r.at+1
		}
	}
	return v, nil
}

// align drops the rest of a byte of which bits were given.
func (r *bitReader) align() {
	if r.bit > 0 {
		r.bit, r.at = 0, r.at+1
	}
}

// inflate undoes deflate (RFC 1951). It gives the output, the number of bytes used and how the stream ended.
func inflate(b []byte, limit int) (out []byte, used, end int, err error) {
	r := &bitReader{b: b}
	for {
		final, err := r.bits(1)
		if err != nil {
			return nil, 0, 0, err
		}
		kind, err := r.bits(2)
		if err != nil {
			return nil, 0, 0, err
		}
		before := len(out)
		switch kind {
		case 0:
			out, err = stored(r, out, limit)
		case 1:
			out, err = compressed(r, out, limit, fixedLiterals, fixedDistances)
		case 2:
			var lit, dist code
			if lit, dist, err = readCodes(r); err == nil {
				out, err = compressed(r, out, limit, lit, dist)
			}
		default:
			err = errDeflate
		}
		if err != nil {
			return nil, 0, 0, err
		}
		if final == 1 {
			r.align()
			return out, r.at, endFinal, nil
		}
		if kind == 0 && len(out) == before && r.at == len(b) { // req: TP-XFER-015
			return out, r.at, endSync, nil
		}
	}
}

// stored copies a stored block.
func stored(r *bitReader, out []byte, limit int) ([]byte, error) {
	r.align()
	n, err := r.bits(16)
	if err != nil {
		return nil, err
	}
	not, err := r.bits(16)
	if err != nil {
		return nil, err
	}
	if n != ^not&0xffff {
		return nil, errDeflate
	}
	have := min(n, len(r.b)-r.at)
	if len(out)+have > limit {
		return nil, errOver
	}
	if have < n {
		return nil, errCut
	}
	out = append(out, r.b[r.at:r.at+n]...)
	r.at += n
	return out, nil
}

// Base values and extra bits of the length codes 257.. and the distance codes 0.. (RFC 1951, 3.2.5).
var (
	lengthBase  = []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distBase    = []int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distExtra   = []int{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

// compressed reads literals, and copies of what came before, until the end-of-block code.
func compressed(r *bitReader, out []byte, limit int, lit, dist code) ([]byte, error) {
	for {
		sym, err := lit.read(r)
		if err != nil {
			return nil, err
		}
		switch {
		case sym == 256:
			return out, nil
		case sym < 256:
			if len(out) == limit {
				return nil, errOver
			}
			out = append(out, byte(sym))
			continue
		case sym-257 >= len(lengthBase):
			return nil, errDeflate
		}
		extra, err := r.bits(lengthExtra[sym-257])
		if err != nil {
			return nil, err
		}
		length := lengthBase[sym-257] + extra
		if sym, err = dist.read(r); err != nil {
			return nil, err
		}
		if sym >= len(distBase) {
			return nil, errDeflate
		}
		if extra, err = r.bits(distExtra[sym]); err != nil {
			return nil, err
		}
		back := distBase[sym] + extra
		if back > len(out) {
			return nil, errDeflate
		}
		for range length {
			if len(out) == limit {
				return nil, errOver
			}
			out = append(out, out[len(out)-back])
		}
	}
}
