package mutants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// badCodec is a good codec with one or both of its directions replaced; nil is not.
type badCodec struct {
	codec.Codec
	marshal   func(good codec.Codec, v any) ([]byte, error)
	unmarshal func(good codec.Codec, data []byte, v any) error
}

func (c badCodec) Marshal(v any) ([]byte, error) {
	if c.marshal == nil {
		return c.Codec.Marshal(v)
	}
	return c.marshal(c.Codec, v)
}

func (c badCodec) Unmarshal(data []byte, v any) error {
	if c.unmarshal == nil {
		return c.Codec.Unmarshal(data, v)
	}
	return c.unmarshal(c.Codec, data, v)
}

// writes and reads break one direction of the codec with that id.
func writes(id byte, f func(good codec.Codec, v any) ([]byte, error)) packet.ProtoFunc {
	return withCodec(badCodec{Codec: codecOf(id), marshal: f})
}

func reads(id byte, f func(good codec.Codec, data []byte, v any) error) packet.ProtoFunc {
	return withCodec(badCodec{Codec: codecOf(id), unmarshal: f})
}

// codecOf gives a codec of the standard; they are in the process's registry from its start.
func codecOf(id byte) codec.Codec {
	c, err := codec.Get(id)
	if err != nil {
		panic(err)
	}
	return c
}

// anyCodec takes every id that nobody has registered for text.
func anyCodec(env *packet.Env) *packet.Env {
	codecs := codec.NewRegistry(env.CodecRegistry())
	for id := range 256 {
		if _, err := env.CodecRegistry().Get(byte(id)); err != nil {
			_ = codecs.Add(textCodec{id: byte(id)}) // id 0 cannot be registered
		}
	}
	return &packet.Env{Limits: env.Limit(), Codecs: codecs, Filters: env.FilterRegistry()}
}

type textCodec struct {
	codec.String
	id byte
}

func (c textCodec) Id() byte     { return c.id }
func (c textCodec) Name() string { return fmt.Sprintf("text-%d", c.id) }

// codecMutants are faults of what a Proto does with bodies through its codecs.
func codecMutants() []Mutant {
	return []Mutant{
		{ID: "proto-codec-json-trailing-taken", Fault: "takes the first JSON value of a body and ignores what follows", KilledBy: "proto/bind-trailing", Requirements: reqs("CODEC-011"),
			Proto: reads('j', func(_ codec.Codec, data []byte, v any) error { return json.NewDecoder(bytes.NewReader(data)).Decode(v) })},
		{ID: "proto-codec-json-bytes-as-numbers", Fault: "writes a byte string under JSON as an array of numbers", KilledBy: "proto/body-json-bytes", Requirements: reqs("CODEC-007"),
			Proto: writes('j', func(good codec.Codec, v any) ([]byte, error) {
				b, ok := v.([]byte)
				if !ok {
					return good.Marshal(v)
				}
				return []byte(strings.ReplaceAll(fmt.Sprint(b), " ", ",")), nil
			})},
		{ID: "proto-codec-json-as-text", Fault: "writes a string under JSON without its quotes", KilledBy: "proto/body-json", Requirements: reqs("CODEC-001"),
			Proto: writes('j', func(good codec.Codec, v any) ([]byte, error) {
				if s, ok := v.(string); ok {
					return []byte(s), nil
				}
				return good.Marshal(v)
			})},
		{ID: "proto-codec-string-quoted", Fault: "writes a string under codec s with quotes", KilledBy: "proto/body-string", Requirements: reqs("CODEC-003"),
			Proto: writes('s', func(_ codec.Codec, v any) ([]byte, error) { return fmt.Appendf(nil, "%q", v), nil })},
		{ID: "proto-codec-string-ends-at-zero", Fault: "reads a string under codec s up to its first zero byte", KilledBy: "proto/bind-codecs", Requirements: reqs("CODEC-003"),
			Proto: reads('s', func(good codec.Codec, data []byte, v any) error {
				data, _, _ = bytes.Cut(data, []byte{0})
				return good.Unmarshal(data, v)
			})},
		{ID: "proto-codec-protobuf-as-json", Fault: "writes protobuf bodies in their JSON form", KilledBy: "proto/body-protobuf", Requirements: reqs("CODEC-002"),
			Proto: writes('p', func(good codec.Codec, v any) ([]byte, error) {
				if m, ok := v.(proto.Message); ok {
					return protojson.Marshal(m)
				}
				return good.Marshal(v)
			})},
		{ID: "proto-codec-errors-ignored", Fault: "takes a body that does not decode for an empty one", KilledBy: "proto/bind-undecodable", Requirements: reqs("CODEC-009"),
			Proto: reads('j', func(good codec.Codec, data []byte, v any) error { _ = good.Unmarshal(data, v); return nil })},
		{ID: "proto-codec-unknown-as-text", Fault: "decodes a body under an unknown codec as text", KilledBy: "proto/bind-codec-unknown", Requirements: reqs("CODEC-010"),
			Proto: inEnv(anyCodec)},
	}
}
