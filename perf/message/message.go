// Package message is what every measured call carries: the benchmark message, how it is made, handled and checked.
// The same functions serve all systems, so that none is measured with less work than another.
package message

import (
	"errors"
	"fmt"
)

//go:generate go -C gen run . ..

// Size is the length of the encoded message, as in the tables of 2018.
const Size = 581

// text is the string in every string field: 18 characters of three bytes.
const text = "许多往事在眼前一幕一幕，变的那麼模糊"

// Stamps lie between these, so that a stamped number always takes three bytes.
const stampFrom, stampCount = 1 << 14, 1<<21 - 1<<14

// New gives the benchmark message with every scalar field set: 581 bytes when encoded.
func New() *BenchmarkMessage {
	const n int32 = 100000
	number := func() *int32 { v := n; return &v }
	yes := func() *bool { v := true; return &v }
	last := text
	return &BenchmarkMessage{
		Field1: text, Field9: text, Field18: text, Field80: yes(), Field81: yes(),
		Field2: n, Field3: n, Field280: n, Field6: number(), Field22: int64(n),
		Field4: text, Field59: yes(), Field7: text, Field16: n, Field130: number(),
		Field12: yes(), Field17: yes(), Field13: yes(), Field14: yes(),
		Field104: number(), Field100: number(), Field101: number(),
		Field102: text, Field103: text, Field29: number(), Field30: yes(), Field60: number(),
		Field271: number(), Field272: number(), Field150: n, Field23: number(), Field24: yes(), Field25: number(),
		Field78: true, Field67: number(), Field68: n, Field128: number(), Field129: &last, Field131: number(),
	}
}

// Stamp marks a request: worker and n come back in the reply, so that no call can be given another one's. The
// encoded size stays what it is.
func Stamp(m *BenchmarkMessage, worker, n int) {
	m.Field3 = int32(stampFrom + worker%stampCount)
	m.Field22 = int64(stampFrom + n%stampCount)
}

// Handle is the handler of the benchmark: it changes the request into its reply.
func Handle(m *BenchmarkMessage) {
	m.Field1 = "OK"
	m.Field2 = 100
}

// ErrHandled says that a reply was not made by Handle.
var ErrHandled = errors.New("the reply does not say OK and 100: no handler of the benchmark has made it")

// Check compares a reply with its request, every field of it.
func Check(request, reply *BenchmarkMessage) error {
	switch {
	case reply == nil:
		return errors.New("there is no reply")
	case reply.Field1 != "OK" || reply.Field2 != 100:
		return ErrHandled
	case reply.Field3 != request.Field3 || reply.Field22 != request.Field22:
		return fmt.Errorf("the reply is another call's: stamped %d/%d, its request %d/%d",
			reply.Field3, reply.Field22, request.Field3, request.Field22)
	case !sameText(request, reply) || !sameNumbers(request, reply) || !sameFlags(request, reply):
		return errors.New("the reply differs from its request in a field that the handler leaves alone")
	}
	return nil
}
