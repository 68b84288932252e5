package properties

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func roundTrip(b *bench) gopter.Prop {
	return all1(func(in gen.Packet) string {
		frame, err := b.pack(in.New(b.env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		return b.whole(in, frame)
	}, gen.Packets(b.profile))
}

func size(b *bench) gopter.Prop {
	return all1(func(in gen.Packet) string {
		p := in.New(b.env)
		frame, err := b.pack(p)
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		if int(p.Size()) != len(frame) {
			return fmt.Sprintf("Pack set the size %d, it wrote %d bytes", p.Size(), len(frame))
		}
		got, _, err := b.unpack(b.env, frame)
		if err != nil {
			return fmt.Sprintf("Unpack failed: %v", err)
		}
		if int(got.Size()) != len(frame) {
			return fmt.Sprintf("Unpack set the size %d, the frame has %d bytes", got.Size(), len(frame))
		}
		return ""
	}, gen.Packets(b.profile))
}

func unchanged(b *bench) gopter.Prop {
	return all1(func(in gen.Packet) string {
		p := in.New(b.env)
		if _, err := b.pack(p); err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		after := gen.Read(p)
		if raw, ok := p.Body().(packet.RawBody); ok {
			after.Body = raw
		}
		if d := in.Diff(after); d != "" {
			return "after Pack the packet has changed\n" + d
		}
		if p.Env() != b.env {
			return "after Pack the packet has another environment"
		}
		return ""
	}, gen.Packets(b.profile))
}

func order(b *bench) gopter.Prop {
	return all1(func(in []gen.Packet) string {
		frames, err := b.frames(in)
		if err != nil {
			return err.Error()
		}
		return b.stream(in, bytes.NewReader(bytes.Join(frames, nil)))
	}, gen.Streams(b.profile, 8))
}

// stream reads packets through one Proto, into one packet, and then the clean end. It tells what is wrong.
func (b *bench) stream(want []gen.Packet, r io.Reader) string {
	x := b.pf(&wire{in: r})
	p := packet.NewPacket()
	p.SetEnv(b.env)
	for i, w := range want {
		if err := x.Unpack(p); err != nil {
			return fmt.Sprintf("packet %d of %d: Unpack failed: %v", i, len(want), err)
		}
		if d := w.Normal().Diff(gen.Read(p)); d != "" {
			return fmt.Sprintf("packet %d of %d\n%s", i, len(want), d)
		}
	}
	if err := x.Unpack(p); err != io.EOF {
		return fmt.Sprintf("behind %d packets Unpack gives %v, expected io.EOF itself", len(want), err)
	}
	return ""
}

// target makes what a body under a codec is decoded into.
func target(codec byte) any {
	switch codec {
	case oracle.CodecJSON:
		return new(json.RawMessage) // not any: a number may be beyond what Go's floats hold
	case oracle.CodecString:
		return new(string)
	}
	return new(packet.RawBody)
}

func body(b *bench) gopter.Prop {
	next := gen.Packet{Seq: 7, Ptype: packet.TypePush, Uri: "/next", Codec: 's', Body: []byte("next")}
	return all1(func(in gen.Packet) string {
		frames, err := b.frames([]gen.Packet{in, next})
		if err != nil {
			return err.Error()
		}
		all := bytes.Join(frames, nil)
		raw, _, err := b.unpack(b.env, all)
		if err != nil {
			return fmt.Sprintf("Unpack failed: %v", err)
		}
		want := target(in.Codec)
		wantErr := raw.Bind(want)
		if bad := oracle.CheckBody(in.Oracle()); in.Codec == oracle.CodecString && wantErr != nil ||
			in.Codec == oracle.CodecJSON && (wantErr == nil) != (bad == nil) {
			return fmt.Sprintf("Bind gives %v, the oracle says %v", wantErr, bad)
		}
		for _, skip := range []bool{false, true} {
			if wrong := b.bound(in, next, all, want, wantErr, skip); wrong != "" {
				return wrong
			}
		}
		return ""
	}, gen.Packets(b.profile))
}

// bound reads in with a NewBody function, then next. want and wantErr are what Bind makes of the body; with skip the
// function takes no body.
func (b *bench) bound(in, next gen.Packet, all []byte, want any, wantErr error, skip bool) string {
	p := packet.NewPacket()
	p.SetEnv(b.env)
	header := in.Normal()
	header.Body = nil
	calls, early := 0, ""
	p.SetNewBody(func(seq uint64, ptype byte, uri string) any {
		calls++
		seen := gen.Read(p)
		seen.Body = nil
		early = header.Diff(seen)
		if seq != in.Seq || ptype != in.Ptype || uri != in.Uri {
			early += fmt.Sprintf("it was called with seq %d, ptype %d, uri %q", seq, ptype, uri)
		}
		if skip {
			return nil
		}
		return target(in.Codec)
	})
	x := b.pf(&wire{in: bytes.NewReader(all)})
	err := x.Unpack(p)
	if skip {
		want, wantErr = nil, nil
	}
	switch {
	case calls != 1:
		return fmt.Sprintf("the NewBody function was called %d times (Unpack: %v)", calls, err)
	case early != "":
		return "when the NewBody function was called the header was not that of the packet\n" + early
	case packet.ClassOf(err) != packet.ClassOf(wantErr) || (err == nil) != (wantErr == nil):
		return fmt.Sprintf("with a NewBody function Unpack gives %v, Bind gives %v", err, wantErr)
	case err == nil && !reflect.DeepEqual(p.Body(), want):
		return fmt.Sprintf("with a NewBody function the body is %#v, Bind makes it %#v", p.Body(), want)
	}
	p.SetNewBody(nil)
	if err := x.Unpack(p); err != nil {
		return fmt.Sprintf("the packet behind it: %v", err)
	}
	if d := next.Diff(gen.Read(p)); d != "" {
		return "the packet behind it\n" + d
	}
	return ""
}
