// Package fast is the default Proto, fast/1 (spec chapters 5 and 6), byte for
// byte the frame of Teleport v3:
//
//	u32 size | 'f' | u8 n | n filter ids | payload, with the filters applied
//
//	payload: u64 seq | u8 ptype | u32 len, uri | u32 len, meta | u8 codec | body
//
// All integers are big-endian, and size counts its own four bytes.
//
// New makes a packet.Proto over a stream. The value is a packet.Framer too,
// which is how a session uses it: encoding and decoding are pure functions on
// byte slices (encode.go, decode.go), and what frames, reads and writes is
// shared by the built-in Protos. Decoding never panics, takes memory only as bytes
// arrive, and reports faults as *packet.Error with class, stage and offset.
package fast
