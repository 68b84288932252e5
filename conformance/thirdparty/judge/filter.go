package judge

import (
	"fmt"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Filter stands in erpc's process-wide registry for the filter that the environment of the packet at hand has
// under the same id. Its methods are those of erpc's XferFilter, in every version.
type Filter struct {
	id   byte
	host *Host
}

// ID gives the id of the filter on the wire.
func (f *Filter) ID() byte { return f.id }

// Name gives a name that no other filter has.
func (f *Filter) Name() string { return fmt.Sprintf("teleport-%#02x", f.id) }

// OnPack applies the filter.
func (f *Filter) OnPack(src []byte) ([]byte, error) {
	theirs, err := f.find(packet.PackError)
	if err != nil {
		return nil, err
	}
	out, err := theirs.OnPack(src)
	if err != nil {
		return nil, packet.PackError(packet.ClassFilterData, err)
	}
	return out, nil
}

// OnUnpack undoes the filter, without a limit on its output: erpc has no way to say one.
func (f *Filter) OnUnpack(src []byte) ([]byte, error) {
	theirs, err := f.find(unpackError)
	if err != nil {
		return nil, err
	}
	out, err := theirs.OnUnpack(src)
	if err != nil {
		return nil, unpackError(packet.ClassFilterData, err)
	}
	return out, nil
}

func (f *Filter) find(fail func(packet.Class, error) *packet.Error) (xfer.XferFilter, error) {
	filter, err := f.host.gate.current().FilterRegistry().Get(f.id)
	if err != nil {
		return nil, fail(packet.ClassFilterUnknown, err)
	}
	return filter, nil
}

// unpackError makes a typed error for one that says nothing of where it was.
func unpackError(class packet.Class, err error) *packet.Error {
	return packet.FrameError(class, 0, err)
}
