package attack_test

import (
	"context"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// planted names, in the environment, the fault with which this test program is a testee.
const planted = "TELEPORT_TEST_PLANTED"

func TestMain(m *testing.M) {
	if fault := os.Getenv(planted); fault != "" {
		intro := testee.Introduction{Name: "planted " + fault, Protos: []string{"fast/1", "pb/1"}, Filters: []int{'g', 'c'},
			Features: []string{"binary", "header-limits", "meta", "pipe"}}
		if err := testee.Serve(os.Stdin, os.Stdout, intro, func(q testee.Request) testee.Result { return answer(fault, q) }); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// answer answers as the oracle does, but for the planted fault.
func answer(fault string, q testee.Request) testee.Result {
	pr, _ := oracle.ProtoByName(strings.TrimSuffix(q.Proto, "/1"))
	pr = pr.With(oracle.Filters{'c': oracle.TestFilters(oracle.Judged)['c']})
	l := oracle.Limits{MaxPacket: q.Limits.MaxPacket, MaxPayload: q.Limits.MaxPayload, MaxUri: q.Limits.MaxUri, MaxMeta: q.Limits.MaxMeta, MaxMetaPairs: q.Limits.MaxMetaPairs}
	if q.Op == testee.OpEncode {
		return encoded(fault, pr, q, l)
	}
	pieces, err := q.Stream()
	if err != nil {
		return testee.Result{Status: testee.StatusHarness, Message: err.Error()}
	}
	packets, bad := pr.DecodeStream(oracle.Cat(pieces...), l)
	r := testee.Result{Status: testee.StatusOK}
	for _, p := range packets {
		out := testee.Packet{Seq: strconv.FormatUint(p.Seq, 10), Ptype: int(p.Ptype), Uri: p.Uri, BodyCodec: int(p.Codec), Body: p.Body, Size: p.Size}
		for _, m := range p.Meta {
			out.Meta = append(out.Meta, testee.Pair{Key: m.Key, Value: m.Value})
		}
		for _, id := range p.Pipe {
			out.Pipe = append(out.Pipe, int(id))
		}
		if e := oracle.CheckBody(p); e != nil {
			out.Fault = &testee.BodyFault{Class: e.Class, Offset: &e.Offset}
		}
		switch {
		case fault == "field" && len(p.Meta) > 1:
			out.Meta = out.Meta[:1]
		case fault == "body" && out.Fault != nil:
			out.Fault = nil
		}
		r.Packets = append(r.Packets, out)
	}
	if bad != nil {
		r.Status, r.Class, r.Stage, r.Offset = testee.StatusRejected, bad.Class, bad.Stage, &bad.Offset
	}
	switch filters := bad != nil && bad.Class == oracle.FilterData; {
	case fault == "unimplemented":
		return testee.Result{Status: testee.StatusUnimplemented}
	case fault == "crash" && filters:
		panic("planted")
	case fault == "silent" && filters:
		select {}
	case fault == "garbage" && filters:
		r.Status = "perhaps"
	case fault == "class" && filters:
		r.Class = oracle.Header
	case fault == "accepts" && filters:
		r.Status = testee.StatusOK
	}
	return r
}

func encoded(fault string, pr oracle.Proto, q testee.Request, l oracle.Limits) testee.Result {
	seq, err := strconv.ParseUint(q.Packet.Seq, 10, 64)
	if err != nil {
		return testee.Result{Status: testee.StatusHarness, Message: err.Error()}
	}
	p := oracle.Packet{Seq: seq, Ptype: byte(q.Packet.Ptype), Uri: q.Packet.Uri, Codec: byte(q.Packet.BodyCodec), Body: q.Packet.Body}
	for _, m := range q.Packet.Meta {
		p.Meta = oracle.AddMeta(p.Meta, m.Key, m.Value)
	}
	if fault == "encode" && len(p.Meta) > 0 {
		p.Meta = p.Meta[1:]
	}
	wire, bad := pr.Encode(p, l)
	if bad != nil {
		return testee.Result{Status: testee.StatusRejected, Class: bad.Class}
	}
	return testee.Result{Status: testee.StatusOK, Wire: hex.EncodeToString(wire)}
}

// attackPlanted attacks this test program with a planted fault.
func attackPlanted(t *testing.T, fault, proto string, tries int64) (*attack.Result, *attack.Exec) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var x *attack.Exec
	silence := time.Minute
	if fault == "silent" {
		silence = 500 * time.Millisecond
	}
	seeds, err := attack.StreamSeeds(proto)
	if err != nil {
		t.Fatal(err)
	}
	r, err := attack.Run(t.Context(), attack.Options{Seeds: seeds[:min(len(seeds), 500)], Tries: tries, Hang: -1, Stop: 1, Minimise: 20, Seed: 1,
		Open: func() (attack.Subject, error) {
			var err error
			x, err = attack.OpenExec(context.Background(), testee.Options{Command: []string{exe}, Silence: silence,
				Env: append(os.Environ(), planted+"="+fault, "GORACE=atexit_sleep_ms=0")}, proto)
			return x, err
		}})
	if err != nil {
		t.Fatal(err)
	}
	return r, x
}

func TestExec_FindsPlantedFaults(t *testing.T) {
	tests := []struct {
		fault string
		kind  attack.Kind
		says  string
	}{
		{"crash", attack.KindPanic, "before it had answered"},
		{"silent", attack.KindHang, "no answer"},
		{"garbage", attack.KindGarbage, "perhaps"},
		{"class", attack.KindWrong, "must be rejected with filter-data"},
		{"accepts", attack.KindWrong, "the testee accepts it"},
		{"field", attack.KindWrong, "number of metadata pairs"},
		{"body", attack.KindWrong, "fault of the body"},
		{"encode", attack.KindWrong, "encoded to"},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			r, x := attackPlanted(t, tt.fault, "fast", 3000)
			if len(r.Crashers) != 1 {
				t.Fatalf("%d crashers after %d inputs, expected one", len(r.Crashers), r.Execs)
			}
			c := r.Crashers[0]
			if c.Fault.Kind != tt.kind || !strings.Contains(c.Fault.Detail, tt.says) {
				t.Errorf("found %s: %s", c.Fault.Kind, c.Fault.Detail)
			}
			if tt.fault == "crash" && x.Restarts() == 0 {
				t.Error("the testee was not started again")
			}
		})
	}
}

func TestExec_NothingToFind(t *testing.T) {
	for _, proto := range []string{"fast", "pb"} {
		r, x := attackPlanted(t, "nothing", proto, 1500)
		if len(r.Crashers) != 0 || x.Judged() < 500 {
			t.Errorf("%s: %+v, %d judged", proto, r.Crashers, x.Judged())
		}
	}
	if _, x := attackPlanted(t, "unimplemented", "fast", 600); x.Judged() != 0 {
		t.Errorf("%d judged of a testee that does nothing", x.Judged())
	}
}

func TestOpenExec_Refused(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	o := testee.Options{Command: []string{exe}, Env: append(os.Environ(), planted+"=nothing")}
	if _, err := attack.OpenExec(t.Context(), o, "json"); err == nil || !strings.Contains(err.Error(), "json/1") {
		t.Errorf("a Proto that is not declared: %v", err)
	}
	o.Command = []string{exe + "-is-not-there"}
	if _, err := attack.OpenExec(t.Context(), o, ""); err == nil || !strings.Contains(err.Error(), "did not start") {
		t.Errorf("a program that is not there: %v", err)
	}
}
