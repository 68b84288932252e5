package properties

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/fuzz/gen"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func metadata(b *bench) gopter.Prop {
	return all2(func(ops []gen.MetaOp, in gen.Packet) string {
		p := in.New(b.env)
		meta := p.Meta()
		model := in.Meta.Oracle()
		for i, o := range ops {
			key, value := []byte(o.Key), []byte(o.Value)
			switch o.Do {
			case gen.AddPair:
				meta.Add(o.Key, o.Value)
				model = oracle.AddMeta(model, key, value)
			case gen.SetPair:
				meta.Set(o.Key, o.Value)
				model = oracle.SetMeta(model, key, value)
			case gen.DelPairs:
				meta.Del(o.Key)
				model = oracle.DelMeta(model, key)
			}
			if wrong := peeks(meta, model, ops); wrong != "" {
				return fmt.Sprintf("after operation %d (%v): %s", i, o, wrong)
			}
		}
		want := gen.OracleMeta(model).Normal()
		if l := b.env.Limit(); len(want.Encoded()) > int(l.MaxMeta) || len(want) > l.MaxMetaPairs {
			return "" // it may not travel
		}
		frame, err := b.pack(p)
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		got, _, err := b.unpack(b.env, frame)
		if err != nil {
			return fmt.Sprintf("Unpack failed: %v", err)
		}
		if wrong := peeks(got.Meta(), want.Oracle(), ops); wrong != "" {
			return "after the wire: " + wrong
		}
		return ""
	}, gen.MetaScripts(b.profile), gen.Packets(b.profile))
}

// peeks holds metadata against the oracle's: all pairs, and what Peek and Has give for the keys of the operations.
func peeks(meta *packet.Meta, model []oracle.Pair, ops []gen.MetaOp) string {
	if got, want := gen.ReadMeta(meta), gen.OracleMeta(model); !slices.Equal(got, want) {
		return fmt.Sprintf("the pairs are %v, expected %v", got, want)
	}
	for _, o := range ops {
		want, there := oracle.PeekMeta(model, []byte(o.Key))
		if got := meta.Peek(o.Key); !bytes.Equal(got, want) || meta.Has(o.Key) != there {
			return fmt.Sprintf("Peek of %q gives %q (there: %t), expected %q (%t)", o.Key, got, meta.Has(o.Key), want, there)
		}
	}
	return ""
}

func metadataNormal(b *bench) gopter.Prop {
	return all2(func(in gen.Packet, query string) string {
		meta := new(packet.Meta)
		in.Meta.AddTo(meta)
		encoded := meta.QueryString()
		if want := in.Meta.Encoded(); !bytes.Equal(encoded, want) {
			return fmt.Sprintf("the metadata is encoded as %q, the oracle writes %q", encoded, want)
		}
		frame, err := b.pack(in.New(b.env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		got, _, err := b.unpack(b.env, frame)
		if err != nil {
			return fmt.Sprintf("Unpack failed: %v", err)
		}
		if have, want := gen.ReadMeta(got.Meta()), in.Meta.Normal(); !slices.Equal(have, want) {
			return fmt.Sprintf("%v came as %v, expected %v", in.Meta, have, want)
		}
		if again := got.Meta().QueryString(); !bytes.Equal(again, encoded) {
			return fmt.Sprintf("what came is encoded as %q, what was sent as %q", again, encoded)
		}
		return totalMeta(query)
	}, gen.Packets(b.profile), gen.Queries())
}

// totalMeta decodes any bytes as metadata: as the oracle does, and to a normal form.
func totalMeta(query string) string {
	var meta, again packet.Meta
	meta.Parse(query)
	if got, want := gen.ReadMeta(&meta), gen.OracleMeta(oracle.DecodeMeta([]byte(query))); !slices.Equal(got, want) {
		return fmt.Sprintf("%q is decoded as %v, the oracle has %v", query, got, want)
	}
	again.Parse(meta.String())
	if !again.Equal(&meta) {
		return fmt.Sprintf("%q is decoded as %v, which is encoded and decoded as %v", query, gen.ReadMeta(&meta), gen.ReadMeta(&again))
	}
	return ""
}

func replyError(b *bench) gopter.Prop {
	return all3(func(e gen.ReplyError, in gen.Packet, m gen.Damage) string {
		sent := tp.NewRerror(e.Code, e.Message, e.Detail)
		p := in.New(b.env)
		p.SetPtype(packet.TypeReply)
		sent.SetToMeta(p.Meta())
		value := bytes.Clone(p.Meta().Peek(tp.MetaRerrorKey))
		theirs := oracle.EncodeReplyError(e.Oracle())
		if short := strings.ContainsAny(e.Message+e.Detail, "\n\r\t"); !short && !bytes.Equal(value, theirs) { // TP-ERR-004 leaves a choice for those
			return fmt.Sprintf("the error is written as %q, the oracle writes %q", value, theirs)
		}
		for _, v := range [][]byte{value, theirs} {
			if got := oracle.DecodeReplyError(v); got.Code != e.Code || string(got.Message) != e.Message || string(got.Detail) != e.Detail {
				return fmt.Sprintf("the error is written as %q, the oracle reads %+v", v, got)
			}
			if wrong := sameReplyError(v); wrong != "" {
				return wrong
			}
		}
		meta := gen.ReadMeta(p.Meta()).Normal()
		if l := b.env.Limit(); len(meta.Encoded()) <= int(l.MaxMeta) && len(meta) <= l.MaxMetaPairs {
			frame, err := b.pack(p)
			if err != nil {
				return fmt.Sprintf("Pack failed: %v", err)
			}
			got, _, err := b.unpack(b.env, frame)
			if err != nil {
				return fmt.Sprintf("Unpack failed: %v", err)
			}
			if came := tp.NewRerrorFromMeta(got.Meta()); came == nil || *came != *sent {
				return fmt.Sprintf("the error that came is %v, %v was sent", came, sent)
			}
		}
		return sameReplyError(m.Apply(value))
	}, gen.ReplyErrors(b.profile), gen.Packets(b.profile), gen.Damages())
}

// sameReplyError reads a value of X-Reply-Error as the reference and as the oracle do.
func sameReplyError(value []byte) string {
	var meta packet.Meta
	meta.Add(tp.MetaRerrorKey, string(value))
	got := tp.NewRerrorFromMeta(&meta)
	want, is := oracle.ReplyErrorOf([]oracle.Pair{{Key: []byte(oracle.ErrorKey), Value: value}})
	if (got != nil) != is || is && (got.Code != want.Code || got.Message != string(want.Message) || got.Detail != string(want.Detail)) {
		return fmt.Sprintf("the value %q is read as %v, the oracle reads %+v (an error: %t)", value, got, want, is)
	}
	return ""
}
