package fuzz

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance/mutants"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func FuzzProtoFast(f *testing.F) { Proto(f, dialects()[0].make) }
func FuzzProtoJSON(f *testing.F) { Proto(f, dialects()[1].make) }
func FuzzProtoPB(f *testing.F)   { Proto(f, dialects()[2].make) }

// attack gives the finding of the first seed that finds one; nil where none does.
func attack(pf packet.ProtoFunc, opts ...ProtoOption) error {
	target := ProtoTarget(pf, opts...)
	for _, seed := range target.Seeds() {
		if err := target.Check(seed); err != nil {
			return err
		}
	}
	return nil
}

func TestProto_CleanBasesPass(t *testing.T) {
	for _, b := range mutants.Bases() {
		if b.Proto == nil {
			continue
		}
		if err := attack(b.Proto); err != nil {
			t.Errorf("%s: %v", b.Name, err)
		}
	}
}

// survivors are the faults that the seeds cannot show.
var survivors = []string{
	"proto-read-payload-limit-too-high", // what the payload's size is, only the Proto knows: a case of the suite builds it to fit
	"proto-read-payload-limit-too-low",
	"proto-retained-pack", // keeps a packet and does nothing with it: the race detector's
	"proto-retained-unpack",
}

// Some of the broken Protos, with TELEPORT_LONG=1 all of them.
func TestProto_BrokenProtosAreFound(t *testing.T) {
	step := 48
	if os.Getenv("TELEPORT_LONG") != "" {
		step = 1
	}
	broken := slices.DeleteFunc(mutants.All(), func(m mutants.Mutant) bool { return m.Proto == nil })
	tried, found := 0, 0
	for i := 0; i < len(broken); i += step {
		m := broken[i]
		err := attack(m.Proto, WithTimeout(2*time.Second))
		tried++
		if err != nil {
			found++
		}
		if lives := slices.Contains(survivors, m.ID); lives == (err != nil) {
			t.Errorf("%s (%s): found %v, expected to survive: %t", m.ID, m.Fault, err, lives)
		}
	}
	t.Logf("%d of %d found", found, tried)
}
