// Package floor holds what any peer is measured against: the least that a server and a client over TCP can do,
// written with the standard library alone.
//
// A floor has no routing, no hooks, no limits that can be set and no errors on the wire. What it does have is
// what nobody can leave out: frames with a length, one connection or many callers on one, the codec of the
// body where a codec is compared, a message on the heap for the handler, which may keep it, and a check of every
// reply. The ratio of a peer to its floor is what the peer's own work costs.
//
//	raw                    a goroutine per connection: read, decode, handle, encode, one write
//	raw-nocodec            the same with bodies of fixed bytes
//	raw-bytes              the same with bodies of any size, copied into memory of the receiver's own
//	coalescing             one connection for many callers: writes are combined, the reader runs the handler
//	coalescing-goroutine   the same with a goroutine for each request
//	coalescing-nocodec     coalescing with bodies of fixed bytes
//	one-write-per-packet   one connection for many callers, a system call for each frame; also without codec
package floor
