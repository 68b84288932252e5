package properties_test

import (
	"io"
	"runtime"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/mutants"
	"github.com/henrylee2cn/teleport/fuzz/properties"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// found are broken Protos of the suite's mutants, and a law that each breaks: each law stands here, but those that
// are about code that the mutants do not have.
var found = map[string]string{
	"proto-uri-cleaned":                  "round-trip",
	"proto-body-ends-at-zero":            "round-trip",
	"proto-size-off-written":             "size",
	"proto-size-off-read":                "size",
	"proto-packet-changed":               "unchanged",
	"proto-pipe-reversed":                "pipe",
	"proto-pipe-first-filter-only":       "pipe",
	"proto-body-left-over":               "order",
	"proto-meta-last-wins":               "metadata",
	"proto-meta-repeats-dropped":         "metadata-normal",
	"proto-meta-empty-value-dropped":     "metadata-normal",
	"proto-meta-unescaped":               "reply-error",
	"proto-newbody-twice":                "body",
	"proto-newbody-before-header":        "body",
	"proto-stream-lost-after-body":       "body",
	"proto-short-read-taken":             "split",
	"proto-cut-is-clean-end":             "cut",
	"proto-reader-error-hidden":          "cut",
	"proto-meta-escapes-vary":            "independent",
	"proto-buffer-reused":                "independent",
	"proto-written-before-encoded":       "independent",
	"proto-read-packet-limit-too-low":    "limit-packet",
	"proto-write-packet-limit-too-high":  "limit-packet",
	"proto-write-limit-unchecked":        "limit-packet",
	"proto-expansion-bounded-at-the-end": "limit-payload",
	"proto-read-uri-limit-too-high":      "limit-uri",
	"proto-panics-on-bad-header":         "damage",
	"proto-prefix-overwritten":           "framer",
	"proto-length-needs-more":            "framer",
	"proto-meta-tilde-plain":             "oracle-reads",
	"proto-meta-plus-kept":               "oracle-writes",
	"proto-field-cut-to-fit":             "oracle-verdict",
	"proto-read-pairs-limit-too-low":     "limit-metadata",
	"proto-write-meta-limit-too-high":    "limit-metadata",
	"proto-meta-split-at-last-sign":      "oracle-writes",
	"proto-json-all-base64":              "oracle-reads",
}

func TestCheck_FindsMutants(t *testing.T) {
	judged := map[string]bool{}
	byID := map[string]mutants.Mutant{}
	for _, m := range mutants.All() {
		byID[m.ID] = m
	}
	for id, law := range found {
		judged[law] = true
		t.Run(id, func(t *testing.T) {
			m, ok := byID[id]
			if !ok {
				t.Fatal("there is no such mutant")
			}
			breaks(t, m.Proto, law)
		})
	}
	for _, l := range properties.Laws() {
		if !judged[l.Name] && l.Name != "concurrent" { // who mixes goroutines is left to chance: see below
			t.Errorf("no broken Proto is judged by the law %s", l.Name)
		}
	}
}

// mixer is a Proto that packs into what it shares with everybody: a frame is that of the packet that came last.
type mixer struct {
	packet.Proto
	to    io.Writer
	share *shared
}

type shared struct {
	mu     sync.Mutex
	frames [][]byte
}

func (m mixer) Pack(p *packet.Packet) error {
	frame, err := m.Proto.(packet.Framer).AppendFrame(nil, p)
	if err != nil {
		return err
	}
	m.share.mu.Lock()
	m.share.frames = append(m.share.frames, frame)
	m.share.mu.Unlock()
	runtime.Gosched()
	m.share.mu.Lock()
	frame = m.share.frames[len(m.share.frames)-1]
	m.share.mu.Unlock()
	_, err = m.to.Write(frame)
	return err
}

func TestCheck_FindsWhatGoroutinesMix(t *testing.T) {
	var all shared
	breaks(t, func(rw io.ReadWriter) packet.Proto { return mixer{fast.New(rw), rw, &all} }, "concurrent")
}

func TestCheck_CleanBases(t *testing.T) {
	t.Setenv("TELEPORT_TESTS", "") // of this run: it would win over the option
	for _, b := range mutants.Bases() {
		if b.Proto == nil {
			continue
		}
		t.Run(b.Name, func(t *testing.T) {
			results, err := properties.Check(b.Proto, properties.WithTests(40))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if !r.OK() || r.Skipped != "" || r.Tests != 40 || r.Wanted != 40 {
					t.Errorf("%s (seed %d): %d tests, skipped %q\n%s", r.Law, r.Seed, r.Tests, r.Skipped, r.Detail)
				}
			}
		})
	}
}
