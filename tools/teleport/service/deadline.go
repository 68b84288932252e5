package service

import (
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// Deadline answers how many milliseconds its caller still waits; 0 where it has not said.
//
// req: TP-DEAD-009
func (c *Conformance) Deadline(*[]byte) (int64, *tp.Rerror) {
	c.SetBodyCodec('j')
	until, ok := c.Context().Deadline()
	if !ok {
		return 0, nil
	}
	left := time.Until(until)
	return max(0, int64((left+time.Millisecond-1)/time.Millisecond)), nil
}
