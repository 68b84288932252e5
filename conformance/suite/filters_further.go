package suite

import (
	"fmt"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Features for the filters of chapter 22: an implementation may offer any of them, or none.
const (
	FeatureFilterCrc32c runner.Feature = "filter-c" // the checksum
	FeatureFilterZstd   runner.Feature = "filter-z" // Zstandard
	FeatureFilterAES    runner.Feature = "filter-a" // AES-256-GCM
	FeatureFilterChaCha runner.Feature = "filter-x" // ChaCha20-Poly1305
)

// filterFeatures gives the features for filter ids.
func filterFeatures(ids []byte) []runner.Feature {
	var out []runner.Feature
	for _, id := range ids {
		out = append(out, runner.Feature(fmt.Sprintf("filter-%c", id)))
	}
	return out
}

// FurtherFilter gives the filter of chapter 22 with that id, as the party that the vectors judge has it: with the test
// keys of 22.9, the sender id 2 and no guard; false for any other id.
func FurtherFilter(id byte) (xfer.XferFilter, bool) {
	o := xfer.AEADOptions{Sender: oracle.Judged, Keys: []xfer.Key{
		{Id: 1, Secret: oracle.TestKey(id, 1)},
		{Id: 2, Secret: oracle.TestKey(id, 2)},
	}}
	var f xfer.XferFilter
	var err error
	switch id {
	case oracle.FilterCrc32c, oracle.FilterZstd:
		f, err = xfer.Get(id)
	case oracle.FilterAES:
		f, err = xfer.NewAESGCM(o)
	case oracle.FilterChaCha:
		f, err = xfer.NewChaCha20Poly1305(o)
	default:
		return nil, false
	}
	return f, err == nil
}

// FurtherFilters gives a registry with gzip and the filters of chapter 22 with these ids, as [FurtherFilter] gives them;
// false where one is not there.
func FurtherFilters(ids []byte) (*xfer.Registry, bool) {
	r := xfer.NewRegistry(nil)
	gzip, err := xfer.Get(oracle.FilterGzip)
	if err != nil || r.Add(gzip) != nil {
		return nil, false
	}
	for _, id := range ids {
		f, ok := FurtherFilter(id)
		if !ok || r.Add(f) != nil {
			return nil, false
		}
	}
	return r, true
}

// offer puts the filters that a vector needs into the bench's registry. A case that needs one that is not there is
// skipped: the environment of a run may do without.
func (w *wireBench) offer(ids []byte) {
	for _, id := range ids {
		f, ok := FurtherFilter(id)
		if !ok {
			w.Skipf("needs the filter %q, which this run does not offer", id)
		}
		w.must(w.filters.Add(f), "registering a filter")
	}
}

// undoFurther undoes a filter of chapter 22 as the sender's other side would. What shows of a Zstandard frame is judged
// by the oracle, which has no decoder for what a compressor writes; its content is undone by package xfer.
func undoFurther(id byte, b []byte) ([]byte, error) {
	const most = 64 << 20
	if id == oracle.FilterZstd {
		if err := oracle.CheckZstd(b, most); err != nil {
			return nil, err
		}
		f, ok := FurtherFilter(id)
		if !ok {
			return nil, fmt.Errorf("filter %q is not there", id)
		}
		return f.(xfer.Bounded).OnUnpackLimit(slices.Clone(b), most)
	}
	f, ok := oracle.TestFilters(oracle.Sealer)[id]
	if !ok {
		return nil, fmt.Errorf("filter %#x cannot be undone here", id)
	}
	return f.Undo(b, most)
}
