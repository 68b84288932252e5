//go:build gofuzz

package gofuzz

import "github.com/henrylee2cn/teleport/fuzz"

// FuzzDecodeFast is the target DecodeFast for go-fuzz.
func FuzzDecodeFast(data []byte) int { return judge("DecodeFast", data) }

// FuzzDecodeJSON is the target DecodeJSON for go-fuzz.
func FuzzDecodeJSON(data []byte) int { return judge("DecodeJSON", data) }

// FuzzDecodePB is the target DecodePB for go-fuzz.
func FuzzDecodePB(data []byte) int { return judge("DecodePB", data) }

// FuzzDecodeStream is the target DecodeStream for go-fuzz.
func FuzzDecodeStream(data []byte) int { return judge("DecodeStream", data) }

// FuzzRoundTrip is the target RoundTrip for go-fuzz.
func FuzzRoundTrip(data []byte) int { return judge("RoundTrip", data) }

// FuzzXferPipe is the target XferPipe for go-fuzz.
func FuzzXferPipe(data []byte) int { return judge("XferPipe", data) }

// FuzzUnzstd is the target Unzstd for go-fuzz.
func FuzzUnzstd(data []byte) int { return judge("Unzstd", data) }

// FuzzReplay is the target Replay for go-fuzz.
func FuzzReplay(data []byte) int { return judge("Replay", data) }

// FuzzReplyError is the target ReplyError for go-fuzz.
func FuzzReplyError(data []byte) int { return judge("ReplyError", data) }

// FuzzReusedPacket is the target ReusedPacket for go-fuzz.
func FuzzReusedPacket(data []byte) int { return judge("ReusedPacket", data) }

// FuzzMetadata is the target Metadata for go-fuzz.
func FuzzMetadata(data []byte) int { return judge("Metadata", data) }

// FuzzURIAndRouting is the target URIAndRouting for go-fuzz.
func FuzzURIAndRouting(data []byte) int { return judge("URIAndRouting", data) }

// FuzzCodecs is the target Codecs for go-fuzz.
func FuzzCodecs(data []byte) int { return judge("Codecs", data) }

// FuzzSessionScript is the target SessionScript for go-fuzz.
func FuzzSessionScript(data []byte) int { return judge("SessionScript", data) }

// judge runs a target and panics where something is wrong: that is a crasher to go-fuzz. Inputs that no target looks at
// are not to be kept (-1).
func judge(name string, data []byte) int {
	t, ok := fuzz.ByName(name)
	if !ok {
		panic("package fuzz has no target " + name)
	}
	if len(data) > fuzz.MaxInput {
		return -1
	}
	if err := t.Check(data); err != nil {
		panic(err)
	}
	return 0
}
