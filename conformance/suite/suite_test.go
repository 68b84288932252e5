package suite_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

func ExampleProtoCases() {
	target := &suite.Target{Proto: fast.New}
	r := runner.Run(context.Background(), suite.ProtoCases(target), runner.Options{Only: []string{"proto/end-*"}})
	for _, result := range r.Results[:3] {
		fmt.Println(result.Case, result.Verdict)
	}
	// Output:
	// proto/end-clean pass
	// proto/end-cut-every-byte pass
	// proto/end-cut-later pass
}

func TestClaimsFast_AsksTheVersion(t *testing.T) {
	other := func(rw io.ReadWriter) packet.Proto { return named{fast.New(rw)} }
	crash := func(io.ReadWriter) packet.Proto { panic("no") }
	none := func(io.ReadWriter) packet.Proto { return nil }
	if !suite.ClaimsFast(fast.New) || suite.ClaimsFast(other) || suite.ClaimsFast(crash) || suite.ClaimsFast(none) {
		t.Error("only a Proto whose Version is ('f', \"fast\") claims fast/1")
	}
}

type named struct{ packet.Proto }

func (named) Version() (byte, string) { return 'f', "faster" }

// idle is a Proto that is no Proto: it writes what it is told to, whatever the packet, and reads nothing.
type idle struct {
	w      io.Writer
	frame  string
	unpack func(p *packet.Packet) error
}

func (idle) Version() (byte, string)         { return 1, "idle" }
func (i idle) Pack(p *packet.Packet) error   { _, err := io.WriteString(i.w, i.frame); return err }
func (i idle) Unpack(p *packet.Packet) error { return i.unpack(p) }

// TestProtoCases_NoneIsVacuous runs the battery on things that are no Protos: no case may pass on them unless
// it asks for restraint only, and none may trip over them.
func TestProtoCases_NoneIsVacuous(t *testing.T) {
	restraint := map[string]bool{ // cases that ask for no more than what one of these happens to do
		"proto/version-named": true, "proto/version-quiet": true, "proto/write-error": true, "proto/hostile-garbage": true,
		"proto/hostile-reader": true, "proto/hostile-typed": true, "proto/memory-garbage": true, "proto/retain-nothing": true,
	}
	for name, proto := range map[string]idle{
		"writes nothing, reads nothing":    {unpack: func(*packet.Packet) error { return io.EOF }},
		"writes one byte, never ends":      {frame: "x", unpack: func(*packet.Packet) error { return nil }},
		"writes one byte, is always short": {frame: "x", unpack: func(*packet.Packet) error { return io.ErrUnexpectedEOF }},
		"writes a text, fails untyped":     {frame: "some longer text that is no packet", unpack: func(*packet.Packet) error { return io.ErrClosedPipe }},
		"leaves the goroutine":             {frame: "x", unpack: func(*packet.Packet) error { panic("no") }},
	} {
		t.Run(name, func(t *testing.T) {
			pf := func(rw io.ReadWriter) packet.Proto { i := proto; i.w = rw; return i }
			r := runner.Run(t.Context(), suite.ProtoCases(&suite.Target{Proto: pf}), runner.Options{})
			for _, result := range r.Results {
				switch {
				case result.Verdict == runner.HarnessError:
					t.Errorf("%s: %s", result.Case, result.Detail)
				case result.Verdict == runner.Pass && !restraint[result.Case]:
					t.Errorf("%s passes", result.Case)
				}
			}
		})
	}
}

// TestWireCases_CarryTheVectorsRequirements holds the battery to the vectors: ids and requirements as given.
func TestWireCases_CarryTheVectorsRequirements(t *testing.T) {
	cases := suite.WireCases(&suite.Target{Proto: fast.New})
	if len(cases) < 400 {
		t.Errorf("%d vectors, at least 400 are promised", len(cases))
	}
	for _, c := range cases {
		if !strings.HasPrefix(c.ID, "wire/") || len(c.Requirements) == 0 || c.Title == "" {
			t.Errorf("%s: requirements %v, title %q", c.ID, c.Requirements, c.Title)
		}
	}
}
