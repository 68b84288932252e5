package vectorgen

import (
	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// FilterOffering is what an [Implementation] adds that knows filters of chapter 22. Without it, cases that need such a
// filter are not put to it.
type FilterOffering interface {
	// WithFilters gives the implementation with these filters besides gzip and no others, those that need keys with the
	// test keys, as the party with the sender id 2; false when it does not offer one of them.
	WithFilters(ids []byte) (Implementation, bool)
}

// offering gives the implementation as a case needs it.
func offering(imp Implementation, ids []byte) (Implementation, bool) {
	if len(ids) == 0 {
		return imp, true
	}
	if o, ok := imp.(FilterOffering); ok {
		return o.WithFilters(ids)
	}
	return nil, false
}

// WithFilters gives the oracle with filters.
func (o oracleImplementation) WithFilters(ids []byte) (Implementation, bool) {
	f := filtersOf(ids, oracle.Judged)
	return oracleImplementation{o.proto.With(f)}, len(f) == len(ids)
}

// filtersOf gives the oracle's filters with these ids, for the party with that sender id.
func filtersOf(ids []byte, self uint32) oracle.Filters {
	if len(ids) == 0 {
		return nil
	}
	out, all := oracle.Filters{}, oracle.TestFilters(self)
	for _, id := range ids {
		if f, ok := all[id]; ok {
			out[id] = f
		}
	}
	return out
}

// needs says which filters besides gzip a case needs.
func needs(ids string) option { return func(c *vectors.Case) { c.Filters = vectors.Pipe(ids) } }

// always puts options behind those of each case of a topic.
func always(opts []option, more ...option) []option {
	return append(append([]option(nil), more...), opts...)
}

// zstdState allows a decoder the state of as many Zstandard decoders: a block, and tables, each.
func zstdState(n int) option {
	return func(c *vectors.Case) { c.MaxAlloc += int64(n) * 5 * 65536 }
}

// examplePiped is the PULL of the worked examples 7.6 and 22.10.
func examplePiped() frame { return plain(5, oracle.Pull, "/echo", 's', "hi") }
