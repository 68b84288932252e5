// Package frame is what the built-in Protos share: the frame of spec chapter 5
// with the transfer pipe of chapter 7 around a payload.
//
//	u32 size | protocol id | u8 n | n filter ids | payload, with the filters applied
//
// A Proto describes itself with a [Format]: its id, its name and how its
// payload is written and read. The Format's methods do the rest: the checks in
// their order, the limits, the pipe, and reading a stream with no more memory
// than has arrived. They keep nothing between calls and may be called
// concurrently.
package frame
