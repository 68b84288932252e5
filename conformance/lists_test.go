package conformance_test

import (
	"io"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

func known(t *testing.T, text string) *conformance.Known {
	t.Helper()
	k, err := conformance.ParseKnown(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var carelessProto packet.ProtoFunc = func(rw io.ReadWriter) packet.Proto { return careless{fast.New(rw), rw} }

func TestCheckProto_KnownFailures(t *testing.T) {
	only := []conformance.Option{conformance.Only("proto/write-once"), conformance.Only("proto/version-*")}
	r := conformance.CheckProto(t.Context(), carelessProto, append(only, conformance.WithKnownFailing(known(t, "proto/write-once  there were 2 writes\npeer/pull-echo *")))...)
	if !r.OK() || len(r.KnownFailures()) != 1 || len(r.Failures()) != 0 {
		t.Errorf("a known failure: OK %v, failures %+v, stale %+v", r.OK(), r.Failures(), r.StaleEntries())
	}
	r = conformance.CheckProto(t.Context(), carelessProto, append(only, conformance.WithKnownFailing(known(t, "proto/write-once  there were 9 writes")))...)
	if r.OK() || len(r.Failures()) != 1 || len(r.StaleEntries()) != 1 {
		t.Errorf("another detail: OK %v, failures %+v", r.OK(), r.Failures())
	}
	r = conformance.CheckProto(t.Context(), fast.New, append(only, conformance.WithKnownFailing(known(t, "proto/write-once  *")))...)
	if r.OK() || len(r.Failures()) != 0 || len(r.StaleEntries()) != 1 {
		t.Errorf("a stale entry: OK %v, stale %+v", r.OK(), r.StaleEntries())
	}
	var list strings.Builder
	r = conformance.CheckProto(t.Context(), carelessProto, only...)
	if err := conformance.WriteKnown(&list, r); err != nil || !strings.Contains(list.String(), "\nproto/write-once  after 1 packets there were 2 writes") {
		t.Errorf("%v:\n%s", err, list.String())
	}
}

func TestBatteries_AnswerForTheirOwn(t *testing.T) {
	proto := conformance.Batteries([]conformance.Case{{ID: "proto/a"}})
	peer := conformance.Batteries([]conformance.Case{{ID: "peer/a"}})
	for id, want := range map[string][2]bool{
		"proto/x": {true, false}, "wire/x": {true, false}, "interop/x": {true, false}, "peer/x": {false, true}, "prto/x": {true, true}, "": {true, true},
	} {
		if got := [2]bool{proto(id), peer(id)}; got != want {
			t.Errorf("%q: got %v, expected %v", id, got, want)
		}
	}
}

func TestCheckProto_ListsThatContradict(t *testing.T) {
	f, err := conformance.ParseFlaky(strings.NewReader("proto/write-once  the scheduler"))
	if err != nil {
		t.Fatal(err)
	}
	r := conformance.CheckProto(t.Context(), fast.New, conformance.Only("proto/write-once"), conformance.WithFlaky(f), conformance.WithKnownFailing(known(t, "proto/write-once x")))
	if r.OK() || r.HarnessFaults() != 1 {
		t.Errorf("a case on both lists: %+v", r.Results)
	}
	r = conformance.CheckProto(t.Context(), fast.New, conformance.Only("proto/write-once"), conformance.WithFlaky(f), conformance.WithTrace())
	if !r.OK() || len(r.Results) != 1 || r.Results[0].Runs != 1 || r.Results[0].Mark != "" || !r.Traced || len(r.Results[0].Trace) == 0 {
		t.Errorf("listed as flaky and passed at once: %+v", r.Results)
	}
}

// TestProto_KnownFailureIsSkipped would fail here if a known failure counted.
func TestProto_KnownFailureIsSkipped(t *testing.T) {
	conformance.TestProto(t, carelessProto, conformance.Only("proto/write-once"), conformance.WithKnownFailing(known(t, "proto/write-once  there were 2 writes")))
}

// The bytes of a case that fails are always kept, and parse as what they are.
func TestCheckProto_TracesWhatWasWritten(t *testing.T) {
	r := conformance.CheckProto(t.Context(), carelessProto, conformance.Only("proto/write-once"))
	if len(r.Results) != 1 || len(r.Results[0].Trace) < 2 {
		t.Fatalf("got %+v", r.Results)
	}
	for _, e := range r.Results[0].Trace[:2] {
		if e.Dir != "received" || e.Note != "Pack wrote" {
			t.Errorf("got %+v", e)
		}
	}
	if n := r.Results[0].Trace[0].Len; n != 4 {
		t.Errorf("the first write has %d bytes, expected the 4 of the size", n)
	}
}
