// Package json is the Proto json/1 (spec chapter 20): the frame of fast/1,
// with the protocol id 'j', around a payload that is one JSON object:
//
//	{"seq":"7","ptype":1,"uri":"/echo","meta":"k=v","body_codec":106,"body":"{\"a\":1}"}
//
// It is for programs that have a JSON parser and little else, and for people
// who read what is on the wire. The body keeps its own codec, any filter
// applies, and every byte of uri, metadata and body survives: a uri or body
// that is no text travels in base64, as the member uri_base64 or body_base64,
// and metadata is url-encoded as everywhere.
//
// New makes a packet.Proto over a stream; the value is a packet.Framer too.
// Sent bytes are canonical: all members, in order, without white space.
// Reading takes any JSON of RFC 8259, is strict where parsers differ (repeated
// members, ill-formed text, deep nesting), and skips members that it does not
// know. Faults are *packet.Error with class, stage and offset.
package json
