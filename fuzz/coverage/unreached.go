package main

// The kinds of functions that no bytes of a peer lead to. A peer's bytes may well lead through some of them; what they do
// there depends on what the program hands over, and tests of their own room look at it.
const (
	encoding = "writes packets"
	making   = "makes, registers and configures"
	telling  = "gives texts to people"
	serving  = "is for callers"
)

// outsider are functions of a folder that are not counted: a name, Type.Name, *.Name for every type, or file.go for all
// of a file.
type outsider struct {
	dir, kind string
	names     []string
}

func outside() []outsider {
	return []outsider{
		{"reference/proto/fast", encoding, []string{"encode.go", "Proto.Pack", "Proto.AppendFrame"}},
		{"reference/proto/fast", telling, []string{"Proto.Version"}},
		{"reference/proto/json", encoding, []string{"encode.go", "Proto.Pack", "Proto.AppendFrame"}},
		{"reference/proto/json", telling, []string{"Proto.Version"}},
		{"reference/proto/pb", encoding, []string{"encode.go", "Proto.Pack", "Proto.AppendFrame"}},
		{"reference/proto/pb", telling, []string{"Proto.Version"}},
		{"reference/proto/internal/frame", encoding, []string{"encode.go", "Format.Pack", "check", "CheckMeta", "OverLimit"}},
		{"reference/packet", encoding, []string{"Packet.AppendBody", "Packet.MarshalBody", "Meta.AppendBytes", "Meta.EncodedPairs",
			"Meta.QueryString", "appendEscaped", "PackError", "Packet.AppendXferPipeFrom"}},
		{"reference/packet", making, []string{"setting.go", "env.go", "limits.go", "Packet.SetNewBody"}},
		{"reference/packet", telling, []string{"*.String", "*.Error", "Error.where", "TypeText"}},
		{"reference/packet", serving, []string{"Meta.Parse", "Meta.PeekString", "Meta.CopyTo", "Meta.Equal", "PutPacket"}},
		{"reference/xfer", encoding, []string{"*.OnPack", "*.AppendPack", "gzipWriter.Write", "zstdWriter.Write", "heldKey.take"}},
		{"reference/xfer", making, []string{"registry.go", "NewXferPipe", "NewCrc32c", "NewGzip", "NewZstd", "newZstd", "NewAESGCM",
			"NewChaCha20Poly1305", "newAEAD", "newAES", "newChaCha", "AEAD.Add", "AEAD.Use", "AEAD.Remove", "AEAD.KeyIds", "AEAD.Sealed",
			"ring.hold", "ring.change", "ring.add", "ring.use", "ring.remove", "NewReplayGuard", "XferPipe.Append", "XferPipe.AppendFilter",
			"XferPipe.AppendFrom", "XferPipe.room", "XferPipe.fail"}},
		{"reference/xfer", telling, []string{"*.String", "*.GoString", "*.Format", "*.LogValue", "*.MarshalText", "*.Error"}},
		{"reference/xfer", serving, []string{"XferPipe.Range", "XferPipe.OnUnpack"}},
		{"reference/codec", encoding, []string{"*.Marshal", "*.AppendMarshal", "jsonWriter.Write"}},
		{"reference/codec", making, []string{"Default", "Reg", "Registry.Add", "Registry.Reg", "preload"}},
		{"reference/codec", telling, []string{"*.Error", "*.Unwrap"}},
		{"reference/codec", serving, []string{"GetByName", "Registry.GetByName"}},
		{"reference/codec/protobuf", encoding, []string{"*.Marshal", "*.AppendMarshal", "appendSized", "isMessage"}},
	}
}

// excuse explains statements on the way of a peer's bytes that none of them reaches.
type excuse struct {
	file, function string
	contains       string // a part of the statements' source
	why            string
}

func excuses() []excuse {
	return []excuse{
		{"reference/proto/internal/frame/decode.go", "Format.ParseFrame", "Unreachable after FrameLen",
			"FrameLen has looked every id up; a filter would have to go from a registry in between"},
		{"reference/proto/internal/frame/format.go", "asInt", "return math.MaxInt",
			"where an int has 32 bits and a limit is over 2 GiB"},
		{"reference/xfer/pipe.go", "XferPipe.AppendFromRegistry", "return err",
			"a frame has at most 255 filters, for it counts them in a byte"},
		{"reference/xfer/pipe.go", "XferPipe.run", "return dst, x.err",
			"a pipe that was read has no failure to remember: its ids are known"},
		{"reference/xfer/gunzip.go", "appendGunzip", "return dst, err",
			"Reset of compress/flate gives no error"},
		{"reference/xfer/gunzip.go", "deflateReader.Read", "return 0, nil",
			"compress/flate never asks for nothing; io.Reader's contract has it"},
	}
}
