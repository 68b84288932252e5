package vectorgen

import (
	"encoding/hex"
	"unicode/utf8"

	"github.com/henrylee2cn/teleport/vectors"
)

// leastRun is how many bytes must repeat before a recipe says so.
const leastRun = 128

// compact writes bytes as hex, with the long repeated runs as recipes.
func compact(b []byte) vectors.Wire {
	var out vectors.Wire
	from := 0
	flush := func(to int) {
		if to > from {
			out = append(out, vectors.Part{Hex: hex.EncodeToString(b[from:to])})
		}
	}
	for i := 0; i < len(b); {
		period, times := run(b[i:])
		if times == 0 {
			i++
			continue
		}
		flush(i)
		out = append(out, vectors.Part{Repeat: hex.EncodeToString(b[i : i+period]), Times: times})
		i += period * times
		from = i
	}
	flush(len(b))
	return out
}

// run finds a repetition at the beginning of b: the shortest period, of at most 32 bytes, that goes on long enough.
func run(b []byte) (period, times int) {
	for period = 1; period <= 32 && period*2 <= len(b); period++ {
		n := period
		for n < len(b) && b[n] == b[n-period] {
			n++
		}
		if times = n / period; times > 1 && times*period >= leastRun {
			return period, times
		}
	}
	return 0, 0
}

// bytesOf writes a byte string of a packet: text when it can be, recipes where they are shorter.
func bytesOf(b []byte) vectors.Bytes {
	parts := vectors.Bytes(compact(b))
	if len(parts) <= 1 && (len(parts) == 0 || parts[0].Repeat == "") {
		return vectors.Text(b)
	}
	for i, p := range parts {
		if raw, _ := hex.DecodeString(p.Hex); len(raw) > 0 && utf8.Valid(raw) {
			parts[i] = vectors.Part{Text: string(raw)}
		}
	}
	return parts
}
