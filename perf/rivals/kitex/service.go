package main

import (
	"context"

	"github.com/cloudwego/kitex/pkg/serviceinfo"

	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

const method = "Call"

// service is what Kitex' generator would make for one method with Protocol Buffers.
var service = &serviceinfo.ServiceInfo{
	ServiceName:  "Bench",
	HandlerType:  (*any)(nil),
	PayloadCodec: serviceinfo.Protobuf,
	Methods: map[string]serviceinfo.MethodInfo{
		method: serviceinfo.NewMethodInfo(
			func(_ context.Context, h, in, out any) error {
				m := in.(*body).m
				h.(*rival.Handler).Handle(m)
				out.(*body).m = m
				return nil
			},
			func() any { return new(body) },
			func() any { return new(body) },
			false),
	},
	Extra: map[string]any{"PackageName": "bench"},
}

// body holds the arguments or the result of a call. Kitex' codec finds FastWrite and lets it write straight into the
// buffer of the connection, as with its own generated code; reading goes through Unmarshal.
type body struct{ m *rival.Msg }

// Size is how many bytes FastWrite takes.
func (b *body) Size() int { return b.m.SizeVT() }

// FastWrite encodes into out, which has Size bytes.
func (b *body) FastWrite(out []byte) int {
	n, err := b.m.MarshalToSizedBufferVT(out)
	if err != nil {
		return 0
	}
	return n
}

// Marshal is not used where FastWrite is there, but without it Kitex takes body for no message at all.
func (b *body) Marshal(out []byte) ([]byte, error) { return rival.Append(out[:0], b.m) }

// Unmarshal decodes in, and copies what it keeps.
func (b *body) Unmarshal(in []byte) error {
	if b.m == nil {
		b.m = new(rival.Msg)
	}
	return b.m.UnmarshalVT(in)
}
