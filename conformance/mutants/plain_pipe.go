package mutants

import (
	"bytes"
	"errors"
	"slices"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// apply runs the filters of a pipe over the payload, last to first.
func (x *plain) apply(pipe *xfer.XferPipe, payload []byte) ([]byte, error) {
	var filters []xfer.XferFilter
	pipe.Range(func(_ int, f xfer.XferFilter) bool { filters = append(filters, f); return true })
	if !x.is("pipe-reversed") && !x.is("pipe-reversed-writing") {
		slices.Reverse(filters)
	}
	for i, f := range filters {
		if x.is("pipe-first-filter-only") && i > 0 {
			break
		}
		out, err := f.OnPack(payload)
		if err != nil {
			if x.is("filter-failure-skipped") {
				continue
			}
			if x.is("filter-error-hidden") {
				err = errors.New("a filter failed")
			}
			return nil, packet.PackError(packet.ClassFilterData, err)
		}
		payload = out
	}
	return payload, nil
}

// undo undoes the filters with these ids, first to last, each within the payload limit, and gives p the pipe.
func (x *plain) undo(env *packet.Env, ids, payload []byte, p *packet.Packet) ([]byte, error) {
	limit := int(env.Limit().MaxPayload)
	registry := env.FilterRegistry()
	if x.is("filters-of-the-process") {
		registry = xfer.Default()
	}
	if x.is("repeated-filter-refused") && len(ids) > 1 && ids[0] == ids[1] {
		return nil, packet.FrameError(packet.ClassFilterData, prefix, errors.New("the same filter twice"))
	}
	order := make([]int, len(ids))
	for i := range ids {
		order[i] = i
	}
	if x.is("pipe-reversed") || x.is("pipe-reversed-reading") {
		slices.Reverse(order)
	}
	for k, i := range order {
		f, err := registry.Get(ids[i])
		if err != nil {
			if x.is("unknown-filter-skipped") {
				continue
			}
			return nil, packet.FrameError(packet.ClassFilterUnknown, prefix+i, err)
		}
		out, err := x.undoOne(f, payload, limit, k == len(ids)-1)
		switch {
		case errors.Is(err, xfer.ErrExceedLimit):
			return nil, packet.FrameError(packet.ClassLimit, prefix+i, err)
		case err != nil && x.is("filter-data-passed-on"): // what cannot be undone is taken as it is
			out = payload
		case err != nil && x.is("filter-error-hidden"):
			return nil, packet.FrameError(packet.ClassFilterData, prefix+i, errors.New("a filter failed"))
		case err != nil:
			return nil, packet.FrameError(packet.ClassFilterData, prefix+i, err)
		}
		payload = out
	}
	if x.is("pipe-not-reported") {
		return payload, nil
	}
	if err := p.XferPipe().AppendFromRegistry(registry, ids...); err != nil && !x.is("unknown-filter-skipped") {
		return nil, packet.FrameError(packet.ClassFilterUnknown, prefix, err)
	}
	return payload, nil
}

// undoOne undoes one filter and gives memory that is not the filter's input.
func (x *plain) undoOne(f xfer.XferFilter, src []byte, limit int, last bool) (out []byte, err error) {
	b, bounded := f.(xfer.Bounded)
	switch {
	case x.is("expansion-unbounded"), x.is("read-filter-limit-too-high"), x.is("read-filter-limit-too-low"):
		out, err = f.OnUnpack(src)
	case x.is("expansion-bounded-at-the-end") && !last:
		return f.OnUnpack(src)
	case bounded:
		out, err = b.OnUnpackLimit(src, limit)
	default:
		out, err = f.OnUnpack(src)
	}
	if err == nil && x.over("read-filter", uint64(len(out)), uint64(limit)) {
		return nil, xfer.ErrExceedLimit
	}
	return bytes.Clone(out), err
}
