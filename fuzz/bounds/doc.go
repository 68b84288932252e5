// Package bounds holds memory and time as properties: what a decoder may take for what it is sent.
//
// A decoder may allocate 64 KiB plus four times the bytes that it received (TP-LIM-010), filters within the
// payload limit and the values of a body's codec aside, and its work grows as its input does and no faster.
// Path and Within measure the first for any Proto, by both of its ways, reading a stream and taking frames:
//
//	for _, path := range bounds.Paths(yourproto.New) {
//		took, ok := bounds.Within(path.Allowed(len(in)), func() { path.Decode(env, in) })
//		...
//	}
//
// The tests do so for the three Protos of the house over every invalid vector and over damaged ones, and have a
// named test for each known way to make a decoder sorry. Time is never asserted in seconds: by default
// allocations and reads are counted, with TELEPORT_LONG=1 every statement that is executed.
package bounds
