package cli

import (
	"context"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/vectors"
)

// wire gives the cases of the wire battery that --only picks, by the name of the Proto that they are for.
func (f *conformFlags) wire() (map[string][]string, error) {
	all, err := vectors.All()
	if err != nil {
		return nil, harnessf("%w", err)
	}
	protoOf := map[string]string{}
	for _, v := range all {
		protoOf["wire/"+v.ID] = v.ProtoName()
	}
	out := map[string][]string{}
	for _, c := range f.selected() {
		if proto, ok := protoOf[c.ID]; ok {
			out[proto] = append(out[proto], c.ID)
		}
	}
	return out, nil
}

// otherVectors judges the reference Protos of these cases by them: without --proto, each golden vector is run
// against the Proto that it is for.
func (f *conformFlags) otherVectors(ctx context.Context, wire map[string][]string, progress *progress, r *conformance.Report) error {
	for proto, ids := range wire {
		pf, err := protoByName(proto)
		if err != nil {
			return err
		}
		g := *f
		g.only = ids
		opts, err := g.options(progress)
		if err != nil {
			return err
		}
		merge(r, conformance.CheckProto(ctx, pf, opts...))
	}
	return nil
}
