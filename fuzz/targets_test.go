package fuzz

import "testing"

func FuzzDecodeFast(f *testing.F)    { fuzzTarget(f, "DecodeFast") }
func FuzzDecodeJSON(f *testing.F)    { fuzzTarget(f, "DecodeJSON") }
func FuzzDecodePB(f *testing.F)      { fuzzTarget(f, "DecodePB") }
func FuzzDecodeStream(f *testing.F)  { fuzzTarget(f, "DecodeStream") }
func FuzzRoundTrip(f *testing.F)     { fuzzTarget(f, "RoundTrip") }
func FuzzXferPipe(f *testing.F)      { fuzzTarget(f, "XferPipe") }
func FuzzUnzstd(f *testing.F)        { fuzzTarget(f, "Unzstd") }
func FuzzReplay(f *testing.F)        { fuzzTarget(f, "Replay") }
func FuzzMetadata(f *testing.F)      { fuzzTarget(f, "Metadata") }
func FuzzReplyError(f *testing.F)    { fuzzTarget(f, "ReplyError") }
func FuzzURIAndRouting(f *testing.F) { fuzzTarget(f, "URIAndRouting") }
func FuzzCodecs(f *testing.F)        { fuzzTarget(f, "Codecs") }
func FuzzReusedPacket(f *testing.F)  { fuzzTarget(f, "ReusedPacket") }
func FuzzSessionScript(f *testing.F) { fuzzTarget(f, "SessionScript") }

// fuzzTarget fuzzes the target with that name.
func fuzzTarget(f *testing.F, name string) {
	f.Helper()
	target, ok := ByName(name)
	if !ok {
		f.Fatalf("there is no target %s", name)
	}
	target.Fuzz(f)
}
