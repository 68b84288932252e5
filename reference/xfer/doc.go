// Package xfer changes the payload of packets on its way: compression,
// checksums, encryption, and filters of one's own (spec chapters 7 and 22).
//
// A packet carries a pipe, the ids of its filters, outer-most first. The
// sender applies them from the last to the first, the receiver undoes them
// from the first to the last. Gzip, id 'g', zstd, id 'z', and the checksum
// crc32c, id 'c', are always there. The filters that encrypt need keys: make
// one with NewAESGCM or NewChaCha20Poly1305 and register it, and list it
// before the one that compresses.
//
//	var pipe xfer.XferPipe
//	err := pipe.Append('g')          // an unknown id is an error
//	sent, err := pipe.OnPack(payload)
//	got, err := pipe.OnUnpackLimit(sent, 4<<20)
//
// A filter of one's own implements XferFilter and is made known with Reg, for
// the whole process, or with Registry.Add, for one peer. Where its output may
// be larger than its input it should implement Bounded, or a few bytes from
// the other side can cost much memory before the limit is looked at.
package xfer
