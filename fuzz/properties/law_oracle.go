package properties

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func oracleReads(b *bench) gopter.Prop {
	return all1(func(in gen.Packet) string {
		frame, err := b.pack(in.New(b.env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		got, n, werr := b.claim.Decode(frame, oracleLimits(b.env))
		if werr != nil || n != len(frame) {
			return fmt.Sprintf("of %d bytes that Pack wrote the oracle read %d: %v\n%x", len(frame), n, werr, frame)
		}
		if d := in.Normal().Diff(gen.FromOracle(got)); d != "" {
			return "the oracle reads something else\n" + d
		}
		if slices.Contains(in.Pipe, gen.Gzip) {
			return "" // nobody may expect particular compressed bytes (TP-XFER-020)
		}
		want, werr := b.claim.Encode(in.Oracle(), oracleLimits(b.env))
		if werr != nil || !bytes.Equal(frame, want) {
			return fmt.Sprintf("Pack wrote:       %x\nthe oracle wrote: %x (%v)", frame, want, werr)
		}
		return ""
	}, gen.Packets(b.profile))
}

func oracleWrites(b *bench) gopter.Prop {
	return all2(func(in gen.Packet, query string) string {
		frame, werr := b.claim.Encode(in.Oracle(), oracleLimits(b.env))
		if werr != nil {
			return fmt.Sprintf("the oracle cannot write it: %v", werr)
		}
		if wrong := b.whole(in, frame); wrong != "" {
			return wrong
		}
		return b.agree(b.env, b.loose(in, []byte(query)))
	}, gen.Packets(b.profile), gen.Queries())
}

// loose is the frame of a packet whose metadata is any bytes, which no sender writes and every receiver takes.
func (b *bench) loose(p gen.Packet, meta []byte) []byte {
	var payload []byte
	switch b.claim.Name {
	case oracle.JSON.Name:
		payload = oracle.JSONPayload(p.Seq, p.Ptype, []byte(p.Uri), meta, p.Codec, p.Body)
	case oracle.PB.Name:
		payload = oracle.PBPayload(p.Seq, p.Ptype, []byte(p.Uri), meta, p.Codec, p.Body)
	default:
		payload = oracle.Payload(p.Seq, p.Ptype, []byte(p.Uri), meta, p.Codec, p.Body)
	}
	return oracle.RawFrame(uint32(6+len(payload)), b.claim.ID, 0, nil, payload)
}

func oracleVerdict(b *bench) gopter.Prop {
	return all3(func(in gen.Packet, m gen.Damage, l packet.Limits) string {
		frame, werr := b.claim.Encode(in.Oracle(), oracleLimits(b.env))
		if werr != nil {
			return fmt.Sprintf("the oracle cannot write it: %v", werr)
		}
		l.MaxPacket = min(l.MaxPacket, hostileLimit)
		env := b.limited(func(to *packet.Limits) { *to = l })
		if wrong := b.agree(env, m.Apply(frame)); wrong != "" {
			return wrong
		}
		in.Pipe = nil // and damage that the size field and the filters do not see
		if frame, werr = b.claim.Encode(in.Oracle(), oracleLimits(b.env)); werr != nil {
			return fmt.Sprintf("the oracle cannot write it: %v", werr)
		}
		payload := m.Apply(frame[6:])
		return b.agree(env, oracle.RawFrame(uint32(6+len(payload)), b.claim.ID, 0, nil, payload))
	}, gen.Packets(b.profile), gen.Damages(), gen.LimitSets())
}

// agree holds the Proto's verdict on the first frame of a stream against the oracle's, and that on its body.
func (b *bench) agree(env *packet.Env, frame []byte) string {
	p, _, err := b.unpack(env, frame)
	if len(frame) == 0 {
		if err != io.EOF {
			return fmt.Sprintf("of a stream that ends at once Unpack says %v, expected io.EOF itself", err)
		}
		return ""
	}
	want, n, werr := b.claim.Decode(frame, oracleLimits(env))
	if werr != nil {
		return sameFault(err, werr, frame)
	}
	if err != nil || int(p.Size()) != n {
		return fmt.Sprintf("the oracle takes %d bytes, Unpack gives %v and the size %d\n%x", n, err, p.Size(), frame)
	}
	if d := gen.FromOracle(want).Diff(gen.Read(p)); d != "" {
		return fmt.Sprintf("against what the oracle reads\n%s\n%x", d, frame)
	}
	if want.Codec != oracle.CodecJSON && want.Codec != oracle.CodecString {
		return "" // who has which further codec is a process's own affair
	}
	bad := oracle.CheckBody(want)
	err = p.Bind(target(want.Codec))
	if bad != nil {
		return sameFault(err, bad, frame)
	}
	if err != nil {
		return fmt.Sprintf("the oracle takes the body, Bind gives %v\n%x", err, frame)
	}
	return ""
}

// sameFault tells how an error is not the one that the oracle has.
func sameFault(err error, want *oracle.Error, frame []byte) string {
	var got *packet.Error
	if !errors.As(err, &got) || string(got.Class) != want.Class || string(got.Stage) != want.Stage || got.Offset != want.Offset {
		return fmt.Sprintf("the oracle says %v, Unpack %v\n%x", want, err, frame)
	}
	return ""
}
