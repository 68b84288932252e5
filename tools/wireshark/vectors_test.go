package wireshark_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/tools/needs"
	"github.com/henrylee2cn/teleport/vectors"
)

// stream is one run of a case, in a connection of its own, and the packets of the capture that it takes.
type stream struct {
	c       *vectors.Case
	run     vectors.Run
	packets int
	frames  []node
}

// group is the streams that one receiver reads: its preferences, and the capture.
type group struct {
	prefs   []string
	capture *capture
	streams []*stream
}

// prefsOf gives the preferences that make the dissector the receiver of a case.
func prefsOf(c *vectors.Case) []string {
	l := c.EffectiveLimits()
	filters := string(rune(oracle.FilterGzip))
	// A receiver costs a run of tshark. Where smaller limits or fewer filters would change nothing, the usual ones do; those of a case that
	// is encoded are the sender's.
	usual := vectors.DefaultLimits()
	if c.Error != oracle.Limit && l.MaxPacket <= usual.MaxPacket && l.MaxPayload <= usual.MaxPayload || c.Kind == vectors.KindEncode {
		l = usual
	}
	if c.Error == oracle.FilterUnknown {
		filters += string(c.Filters)
	} else if len(c.Filters) > 0 {
		filters = "acgxz"
	}
	return []string{fmt.Sprintf("ports:%d", port), "proto:" + c.ProtoName(), "filters:" + filters, fmt.Sprintf("max_packet:%d", l.MaxPacket), fmt.Sprintf("max_payload:%d", l.MaxPayload),
		fmt.Sprintf("max_uri:%d", l.MaxUri), fmt.Sprintf("max_meta:%d", l.MaxMeta), fmt.Sprintf("max_pairs:%d", l.MaxMetaPairs)}
}

// long tells whether everything is to be sent: without it, large frames (under the race detector, too) and most runs of
// the cases that make many are left out.
func long() bool { return os.Getenv("TELEPORT_LONG") != "" }

// groups puts every run of every case that has bytes into a capture.
func groups(cases []vectors.Case) (out []*group, without int, err error) {
	by := map[string]*group{}
	for i := range cases {
		c := &cases[i]
		if len(c.Wire) == 0 && c.Kind == vectors.KindEncode {
			without++
			continue
		}
		key := strings.Join(prefsOf(c), " ")
		g := by[key]
		if g == nil {
			g = &group{prefs: prefsOf(c), capture: newCapture()}
			by[key] = g
			out = append(out, g)
		}
		runs, err := c.Runs()
		if err != nil {
			return nil, 0, err
		}
		for k, r := range runs {
			if !long() && k%16 != 0 || (!long() || underRace) && r.Len() > 100_000 {
				continue
			}
			s := &stream{c: c, run: r}
			n := len(g.streams)
			from := &end{addr: [4]byte{10, 1, byte(n >> 8), byte(n)}, port: 40000, seq: 1}
			to := &end{addr: [4]byte{10, 0, 0, 1}, port: port, seq: 1}
			segments := r.Segments
			if len(segments) == 0 {
				segments = [][]byte{nil}
			}
			for k, segment := range segments {
				s.packets += g.capture.send(from, to, segment, k == len(segments)-1)
			}
			g.streams = append(g.streams, s)
		}
	}
	return out, without, nil
}

// dissect runs tshark on every group, two at a time, and gives each stream its frames.
func dissect(t *testing.T, all []*group) {
	t.Helper()
	program := needs.Program(t, "tshark")
	paths := make([]string, len(all))
	for i, g := range all {
		paths[i] = g.capture.save(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 2)
	errs := make([]error, len(all))
	for i, g := range all {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			packets, err := tshark(ctx, program, paths[i], g.prefs...)
			if err == nil && len(packets) != g.capture.packets {
				err = fmt.Errorf("%q: %d packets, expected %d", g.prefs, len(packets), g.capture.packets)
			}
			if err != nil {
				errs[i] = err
				return
			}
			for _, s := range g.streams {
				for _, packet := range packets[:s.packets] {
					s.frames = append(s.frames, frames(packet)...)
				}
				packets = packets[s.packets:]
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// why says what of an invalid case the dissector does not judge; empty where it judges all.
func why(s *stream) string {
	c := s.c
	at := byte(0) // the filter at fault
	wire := slices.Concat(s.run.Segments...)
	if c.Kind != vectors.KindStream && s.run.Offset >= 6 && s.run.Offset < int64(len(wire)) {
		at = wire[s.run.Offset]
	}
	sealed := len(wire) > 6 && slices.ContainsFunc(wire[6:min(len(wire), 6+int(wire[5]))], func(id byte) bool { return id == 'a' || id == 'x' || id == 'z' })
	switch {
	case c.Result != vectors.Invalid:
		return ""
	case c.ProtoName() != vectors.ProtoFast && c.Stage != vectors.StageFrame:
		return "the payload of " + c.ProtoName() + "/1"
	case c.Stage == vectors.StageBody && c.Packet.BodyCodec == int(oracle.CodecProtobuf) && c.Error == oracle.BodyClass:
		return "body: of codec protobuf"
	case sealed && (c.Stage == vectors.StagePayload || c.Error == oracle.FilterData || c.Error == oracle.Limit && s.run.Offset >= 6):
		return c.Error + ": behind a filter that stays closed (a, x, z)"
	case c.Error == oracle.FilterData && at != oracle.FilterCrc32c:
		return "filter-data: gzip, of which Wireshark checks no trailer"
	}
	return ""
}

// TestVectors_DissectedByTshark sends every vector that has bytes through tshark, each run in a connection of its own and
// cut as the vector says. A valid one must give the same fields, an invalid one the same class, stage and offset.
func TestVectors_DissectedByTshark(t *testing.T) {
	cases, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	all, without, err := groups(cases)
	if err != nil {
		t.Fatal(err)
	}
	if !long() { // each receiver with limits of its own is a run of tshark
		all = slices.DeleteFunc(all, func(g *group) bool { return len(g.streams) < 10 })
	}
	dissect(t, all)

	counts := map[string]int{"cases with nothing on the wire: an encoder refuses": without}
	agreed := map[string]map[string]bool{}
	note := func(what string, s *stream) {
		if agreed[what] == nil {
			agreed[what] = map[string]bool{}
		}
		agreed[what][s.c.ID] = true
	}
	runs := 0
	for _, g := range all {
		for _, s := range g.streams {
			runs++
			reason := why(s)
			if reason != "" {
				note("not judged, "+reason, s)
				if lastFault(s) != "" {
					note("rejected all the same, of "+reason, s)
				}
				continue
			}
			diff, closed := compare(s)
			if diff != "" {
				t.Errorf("%s (%s): %s", s.c.ID, s.c.Comment, diff)
				continue
			}
			switch {
			case s.c.Result == vectors.Invalid:
				note("rejected with the same class, stage and offset", s)
				counts["runs of class "+s.c.Error]++
			case closed:
				note("read to the same size and pipe, the payload closed or not of fast/1", s)
			default:
				note("read to the same fields", s)
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
	t.Logf("%d cases, %d runs, %d receivers", len(cases), runs, len(all))
	for _, what := range names {
		t.Logf("%5d %s", counts[what], what)
	}
	least := map[string]int{"read to the same fields": 480, "rejected with the same class, stage and offset": 290, "runs of class short": 70}
	if long() {
		least = map[string]int{"read to the same fields": 484, "rejected with the same class, stage and offset": 325, "runs of class short": 600}
	}
	for what, least := range least {
		if counts[what] < least {
			t.Errorf("%s: %d, expected at least %d", what, counts[what], least)
		}
	}
}
