package properties

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// call is what a filter was called with.
type call struct {
	id      byte
	in, out []byte
}

// watched is a filter that keeps its calls that succeed. One goroutine at a time uses it.
type watched struct {
	xfer.XferFilter
	packed, undone *[]call
}

func (w watched) OnPack(src []byte) ([]byte, error) {
	out, err := w.XferFilter.OnPack(src)
	*w.packed = append(*w.packed, call{w.Id(), slices.Clone(src), slices.Clone(out)})
	return out, err
}

func (w watched) OnUnpack(src []byte) ([]byte, error) {
	out, err := w.XferFilter.OnUnpack(src)
	*w.undone = append(*w.undone, call{w.Id(), slices.Clone(src), slices.Clone(out)})
	return out, err
}

// watch gives the environment with filters that keep their calls.
func (b *bench) watch() (env *packet.Env, packed, undone *[]call) {
	r := xfer.NewRegistry(nil)
	packed, undone = new([]call), new([]call)
	for _, id := range b.profile.Filters {
		f, err := b.env.Filters.Get(id)
		if err == nil {
			err = r.Add(watched{f, packed, undone})
		}
		if err != nil {
			panic(err) // a filter that was there when the bench was made
		}
	}
	return &packet.Env{Limits: b.env.Limits, Filters: r}, packed, undone
}

func pipeInverse(b *bench) gopter.Prop {
	return all1(func(in gen.Packet) string {
		env, packed, undone := b.watch()
		p := in.New(env)
		alone, err := p.XferPipe().OnPack(in.Body)
		if err == nil {
			alone, err = p.XferPipe().OnUnpack(alone)
		}
		if err != nil || !bytes.Equal(alone, in.Body) {
			return fmt.Sprintf("the pipe alone, undone over a body of %d bytes, gives %d others (%v)", len(in.Body), len(alone), err)
		}
		*packed, *undone = nil, nil
		frame, err := b.pack(p)
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		got, _, err := b.unpack(env, frame)
		if err != nil {
			return fmt.Sprintf("Unpack failed: %v", err)
		}
		if d := in.Normal().Diff(gen.Read(got)); d != "" {
			return "after Pack and Unpack\n" + d
		}
		return inverse(in.Pipe, *packed, *undone)
	}, gen.Packets(b.profile))
}

// inverse tells what is wrong with the calls of the filters of a pipe.
func inverse(ids gen.Pipe, packed, undone []call) string {
	list := func(calls []call) (out gen.Pipe) {
		for _, c := range calls {
			out = append(out, c.id)
		}
		return out
	}
	backwards := slices.Clone(ids)
	slices.Reverse(backwards)
	if got := list(packed); !slices.Equal(got, backwards) {
		return fmt.Sprintf("Pack applied the filters %v, expected %v", got, backwards)
	}
	if got := list(undone); !slices.Equal(got, ids) {
		return fmt.Sprintf("Unpack undid the filters %v, expected %v", got, ids)
	}
	for i, u := range undone {
		p := packed[len(packed)-1-i]
		if !bytes.Equal(u.in, p.out) || !bytes.Equal(u.out, p.in) {
			return fmt.Sprintf("filter %d of the pipe was undone on other bytes than it had made", i)
		}
		if i > 0 && !bytes.Equal(u.in, undone[i-1].out) {
			return fmt.Sprintf("filter %d of the pipe was not given what filter %d had undone", i, i-1)
		}
	}
	return ""
}
