package kaitai_test

import (
	"fmt"
	"slices"
	"sort"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// run is one stream of bytes of a case, and where it must be rejected.
type run struct {
	c      *vectors.Case
	wire   []byte
	offset int64
}

// why says what of a case a Kaitai description cannot say; empty where it can say all.
func why(r run) string {
	c := r.c
	fast := c.ProtoName() == vectors.ProtoFast
	switch {
	case c.Result != vectors.Invalid || c.Stage == vectors.StageBody:
		return ""
	case c.Error == oracle.FilterData:
		return "filter-data: whether a filter can undo its data"
	case c.Error == oracle.Limit && c.Stage == vectors.StageFrame && r.offset >= 6:
		return "limit: of the bytes that a filter puts out"
	case c.Stage == vectors.StagePayload && !fast:
		return "header, limit, meta: in the payload of " + c.ProtoName() + "/1"
	case c.Error == oracle.Limit && c.Stage == vectors.StagePayload && withoutPairLimit(r):
		return "limit: of the number of pairs"
	}
	return ""
}

// withoutPairLimit tells whether the bytes are good but for the number of pairs.
func withoutPairLimit(r run) bool {
	l := r.c.EffectiveLimits()
	_, err := oracle.Fast.With(oracle.TestFilters(oracle.Judged)).DecodeStream(r.wire, oracle.Limits{MaxPacket: l.MaxPacket,
		MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: 1 << 30})
	return err == nil
}

// TestVectors_ReadByKaitai sends every vector that has bytes to the parser that Kaitai Struct makes of the description. A
// valid one must give the same fields, an invalid one the same class, stage and offset.
func TestVectors_ReadByKaitai(t *testing.T) {
	cases, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	var requests []request
	runs := map[string]run{}
	counts := map[string]int{}
	for i := range cases {
		c := &cases[i]
		if len(c.Wire) == 0 && c.Kind == vectors.KindEncode {
			counts["nothing on the wire: an encoder refuses"]++
			continue
		}
		all, err := c.Runs()
		if err != nil {
			t.Fatal(err)
		}
		if c.Expand == vectors.ExpandSplit {
			all = all[:1] // for a parser of bytes they are all the same
		}
		for k, one := range all {
			r := run{c, slices.Concat(one.Segments...), one.Offset}
			id := fmt.Sprintf("%s/%d", c.ID, k)
			runs[id] = r
			requests = append(requests, newRequest(c, id, r.wire))
		}
	}
	answers := check(t, requests)

	agreed := map[string]map[string]bool{} // what is agreed upon, the cases
	note := func(what string, c *vectors.Case) {
		if agreed[what] == nil {
			agreed[what] = map[string]bool{}
		}
		agreed[what][c.ID] = true
	}
	for _, q := range requests {
		r, got := runs[q.ID], answers[q.ID]
		reason := why(r)
		switch {
		case reason != "":
			note("not expressed, "+reason, r.c)
			if got.Error != nil && got.Error.Stage == vectors.StageFrame {
				t.Errorf("%s: the frame is well-formed, got %+v", q.ID, *got.Error)
			}
			if got.Error != nil {
				note("rejected all the same, of those not expressed", r.c)
			}
		case r.c.Result == vectors.Invalid && r.c.Stage != vectors.StageBody:
			if diff := diffFault(r, got); diff != "" {
				t.Errorf("%s (%s): %s", q.ID, r.c.Comment, diff)
			}
			note("rejected with the same class, stage and offset", r.c)
			counts["class "+r.c.Error]++
		case packetsOf(r.c) == nil:
			note("a quirk without fields", r.c)
			if got.Error != nil {
				t.Errorf("%s: expected any packet, got %+v", q.ID, *got.Error)
			}
		default:
			if diff := diffPackets(r, got); diff != "" {
				t.Errorf("%s (%s): %s", q.ID, r.c.Comment, diff)
			}
			note("read to the same fields", r.c)
			for _, f := range got.Frames {
				counts["packets whose pipe was undone by "+f.PipeBy]++
			}
		}
	}
	for what, ids := range agreed {
		counts[what] = len(ids)
	}
	names := make([]string, 0, len(counts))
	for what := range counts {
		names = append(names, what)
	}
	sort.Strings(names)
	t.Logf("%d cases, %d runs", len(cases), len(requests))
	for _, what := range names {
		t.Logf("%5d %s", counts[what], what)
	}
	for what, least := range map[string]int{
		"read to the same fields":                        700,
		"rejected with the same class, stage and offset": 250,
		"packets whose pipe was undone by kaitai":        500,
		"packets whose pipe was undone by node":          50,
		"class short":                                    600,
		"class length":                                   25,
		"class limit":                                    44,
		"class version":                                  21,
		"class filter-unknown":                           26,
		"class header":                                   84,
	} {
		if counts[what] < least {
			t.Errorf("%s: %d, expected at least %d", what, counts[what], least)
		}
	}
	if counts["packets whose pipe was undone by nobody"] != 0 {
		t.Errorf("%d valid packets stayed behind their pipe, expected none", counts["packets whose pipe was undone by nobody"])
	}
}
