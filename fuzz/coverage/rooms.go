package main

// room is code that decodes, and the targets that attack it.
type room struct {
	name    string
	dir     string   // of the package, in the module
	files   []string // of it; none: all
	targets []string
}

// Lines is a Proto of a third party's in the tests of package fuzz. stream are the targets that read packets of every Proto.
var stream = []string{"DecodeStream", "RoundTrip", "ReusedPacket"}

func with(more ...string) []string { return append(more, stream...) }

func rooms() []room {
	const xfer = "reference/xfer"
	return []room{
		{"proto/fast", "reference/proto/fast", nil, with("DecodeFast")},
		{"proto/json", "reference/proto/json", nil, with("DecodeJSON")},
		{"proto/pb", "reference/proto/pb", nil, with("DecodePB")},
		{"proto/internal/frame", "reference/proto/internal/frame", nil, with("DecodeFast", "DecodeJSON", "DecodePB")},
		{"packet", "reference/packet", nil, with("DecodeFast", "DecodeJSON", "DecodePB", "Metadata", "Lines")},
		{"xfer: the pipe", xfer, []string{"pipe.go", "registry.go", "xfer.go"}, with("XferPipe", "DecodeFast")},
		{"xfer: gzip", xfer, []string{"gzip.go", "gunzip.go"}, []string{"XferPipe", "DecodeFast"}},
		{"xfer: crc32c", xfer, []string{"checksum.go"}, []string{"XferPipe", "DecodeFast"}},
		{"xfer: aead, replay", xfer, []string{"aead.go", "aeadkey.go", "replay.go"}, []string{"XferPipe", "Replay", "DecodeFast"}},
		{"xfer: zstd", xfer, []string{"zstd.go", "zstdframe.go"}, []string{"XferPipe", "Unzstd", "DecodeFast"}},
		{"codec", "reference/codec", nil, []string{"Codecs", "DecodeJSON"}},
		{"codec/protobuf", "reference/codec/protobuf", nil, []string{"Codecs"}},
		{"reply errors, uris", "reference", []string{"rerror_json.go", "rerror_skip.go", "uri.go"}, []string{"ReplyError", "URIAndRouting"}},
	}
}
