package gen

import (
	"fmt"
	"math"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// ReplyError is the error that a REPLY carries under X-Reply-Error (spec chapter 11).
type ReplyError struct {
	Code            int32
	Message, Detail string
}

// Oracle gives the error as the oracle has it.
func (e ReplyError) Oracle() oracle.ReplyError {
	return oracle.ReplyError{Code: e.Code, Message: []byte(e.Message), Detail: []byte(e.Detail)}
}

// String shows the error for people.
func (e ReplyError) String() string {
	return fmt.Sprintf("{code %d, message %s, detail %s}", e.Code, quote(e.Message), quote(e.Detail))
}

// codes are those of the standard, and the edges.
var codes = []int32{0, 1, -1, 102, 103, 104, 105, 400, 401, 404, 408, 413, 415, 500, 501, 502, 503, 1000, math.MaxInt32, math.MinInt32}

// ReplyErrors generates errors of REPLYs: the codes of the standard, 0, negative ones and both ends of 32 bits; empty
// and long texts, quotes, backslashes, control characters, bytes that are no UTF-8. With Profile.Text message and
// detail are texts.
func ReplyErrors(f Profile) gopter.Gen {
	return generator(func(d draw) ReplyError {
		some := d.bytes
		if f.Text {
			some = d.text
		}
		e := ReplyError{Code: of(d, codes...), Message: some(400), Detail: some(400)}
		if d.one(4) {
			e.Code = int32(d.Uint32())
		}
		if d.one(6) {
			e.Detail = of(d, `","code":7`, `\`, "\"}", "<>&")
		}
		if d.one(6) && !f.Text {
			e.Message = of(d, "\x00\x1f\x7f", "a\nb", "\u2028")
		}
		return e
	}, func(e ReplyError) (out shrinks[ReplyError]) {
		within(&out, shrinkString(e.Message), func(s string) ReplyError { return ReplyError{e.Code, s, e.Detail} })
		within(&out, shrinkString(e.Detail), func(s string) ReplyError { return ReplyError{e.Code, e.Message, s} })
		within(&out, number(e.Code), func(n int32) ReplyError { return ReplyError{n, e.Message, e.Detail} })
		return out
	})
}
