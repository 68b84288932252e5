// Package pb is the Proto pb/1 (spec chapter 21): the frame of fast/1, with
// the protocol id 'p', around a payload that is one Protocol Buffers message:
//
//	message Packet {
//	  uint64 seq        = 1;
//	  uint32 ptype      = 2;
//	  bytes  uri        = 3;
//	  bytes  meta       = 4;  // the pairs, url-encoded
//	  uint32 body_codec = 5;
//	  bytes  body       = 6;
//	}
//
// It is for programs that have a Protocol Buffers library at hand and for
// whoever wants to read headers with one. The body keeps its own codec, any
// filter applies, and every byte of uri, metadata and body survives.
//
// New makes a packet.Proto over a stream; the value is a packet.Framer too.
// Sent bytes are canonical: fields in order, each at most once, none that is
// zero or empty. Reading is strict where parsers differ (repeated fields,
// groups) and skips fields that it does not know. Faults are *packet.Error
// with class, stage and offset.
package pb
