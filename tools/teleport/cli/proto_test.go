package cli

import (
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/vectors"
)

func TestDecodeEncode_OtherProtos(t *testing.T) {
	for _, tt := range []struct{ proto, vector, shown string }{
		{"json", "json-example-0002", `"/group/home/test?peer_id=call-1"`},
		{"json", "json-example-0003", `uri_base64   "L/8="`},
		{"pb", "pb-example-0002", "set=0&add=1&add=2"},
		{"pb", "pb-read-0004", "field 536870911"},
	} {
		c, err := vectors.ByID(tt.vector)
		if err != nil {
			t.Fatal(err)
		}
		hex := c.Wire[0].Hex
		if out := runOK(t, "", "decode", "--proto", tt.proto, hex); !strings.Contains(out, tt.shown) || !strings.Contains(out, tt.proto+"/1") {
			t.Errorf("%s is shown without %q:\n%s", tt.vector, tt.shown, out)
		}
		object := runOK(t, "", "decode", "--proto", tt.proto, "--json", hex)
		if back := strings.TrimSpace(runOK(t, object, "encode", "--proto", tt.proto)); c.Canonical && back != hex {
			t.Errorf("%s is encoded again as %s", tt.vector, back)
		}
	}
}

func TestDecode_OtherProtoMarksTheByte(t *testing.T) {
	code, out, errs := run(t, "", "decode", "--proto", "json", "0000000d6a007b2278223a7d7d")
	if code != ExitFail || !strings.Contains(out, "^^ here") || !strings.Contains(errs, "header at byte 5 of the payload") {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
}

func TestConform_EachVectorAgainstItsProto(t *testing.T) {
	for _, args := range [][]string{{"--only", "wire/json-e*", "--only", "wire/pb-e*"}, {"--proto", "json", "--only", "wire/json-e*"}} {
		want := map[bool]string{true: "6 cases", false: "3 cases"}[len(args) == 4 && args[0] == "--only"]
		code, out, errs := run(t, "", append([]string{"conform"}, args...)...)
		if code != ExitOK || !strings.Contains(out, want) {
			t.Errorf("%q: code %d, want %s\n%s%s", args, code, want, out, errs)
		}
	}
}

// runOK is run where the exit code has to be 0; it gives the standard output.
func runOK(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	code, out, errs := run(t, stdin, args...)
	if code != ExitOK {
		t.Fatalf("%q: code %d\n%s%s", args, code, out, errs)
	}
	return out
}
