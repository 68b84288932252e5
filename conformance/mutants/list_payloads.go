package mutants

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/json"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
)

// written, refused and read make Protos with one payload fault.
func written(base packet.ProtoFunc, f func(p *packet.Packet, payload []byte) []byte) packet.ProtoFunc {
	return payloadFault{make: base, written: f}.proto
}

func refused(base packet.ProtoFunc, f func(payload []byte) bool) packet.ProtoFunc {
	return payloadFault{make: base, refused: f}.proto
}

func read(base packet.ProtoFunc, f func(p *packet.Packet, payload []byte)) packet.ProtoFunc {
	return payloadFault{make: base, read: f}.proto
}

// rewritten replaces text of a JSON payload that is written, old and new in turn.
func rewritten(oldnew ...string) packet.ProtoFunc {
	r := strings.NewReplacer(oldnew...)
	return written(json.New, func(_ *packet.Packet, payload []byte) []byte { return []byte(r.Replace(string(payload))) })
}

func taken(base packet.ProtoFunc, f func(payload []byte) []byte) packet.ProtoFunc {
	return payloadFault{make: base, taken: f}.proto
}

func jsonMutants() []Mutant {
	m := func(name, fault, killer string, proto packet.ProtoFunc, short ...string) Mutant {
		return Mutant{ID: "proto-json-" + name, Fault: fault, KilledBy: killer, Requirements: reqs(short...), Proto: proto, Base: baseJSON}
	}
	return []Mutant{
		m("member-renamed", "calls the member body_codec codec", "wire/json-example-0001", rewritten(`"body_codec":`, `"codec":`), "JSON-002"),
		m("members-reordered", "writes the packet type before seq", "wire/json-example-0001", written(json.New, func(p *packet.Packet, payload []byte) []byte {
			seq, ptype := fmt.Sprintf(`"seq":"%d"`, p.Seq()), fmt.Sprintf(`"ptype":%d`, p.Ptype())
			return bytes.Replace(payload, []byte(seq+","+ptype), []byte(ptype+","+seq), 1)
		}), "JSON-002"),
		m("white-space", "writes a space behind each comma between members", "wire/json-example-0001", rewritten(`,"ptype"`, `, "ptype"`), "JSON-002"),
		m("seq-as-number", "writes seq as a number", "wire/json-seq-0001", written(json.New, func(p *packet.Packet, payload []byte) []byte {
			return bytes.Replace(payload, fmt.Appendf(nil, `"%d"`, p.Seq()), strconv.AppendUint(nil, p.Seq(), 10), 1)
		}), "JSON-003"),
		m("type-as-string", "writes the packet type as a string", "wire/json-numbers-0001", written(json.New, func(p *packet.Packet, payload []byte) []byte {
			n := strconv.Itoa(int(p.Ptype()))
			return bytes.Replace(payload, []byte(`"ptype":`+n), []byte(`"ptype":"`+n+`"`), 1)
		}), "JSON-004"),
		m("all-base64", "writes a uri that is a text in base64", "wire/json-example-0002", written(json.New, func(p *packet.Packet, payload []byte) []byte {
			return bytes.Replace(payload, []byte(`"uri":`+oracle.JSONString(p.Uri())), stdjsonBytes("uri_base64", p.Uri()), 1)
		}), "JSON-005"),
		m("html-escaped", "escapes what matters to HTML", "wire/json-body-0002", rewritten("<", `\u003c`, ">", `\u003e`, "&", `\u0026`), "JSON-006"),
		m("meta-decoded", "writes the metadata without its escapes", "wire/json-meta-0001", written(json.New, func(p *packet.Packet, payload []byte) []byte {
			meta := p.Meta().String()
			text, err := url.PathUnescape(meta)
			if err != nil {
				return payload
			}
			return bytes.Replace(payload, []byte(`"meta":`+oracle.JSONString(meta)), []byte(`"meta":`+oracle.JSONString(text)), 1)
		}), "JSON-007"),
		m("absent-codec-is-json", "takes an absent body codec for JSON", "wire/json-absent-0001", read(json.New, func(p *packet.Packet, payload []byte) {
			if !bytes.Contains(payload, []byte("body_codec")) {
				p.SetBodyCodec('j')
			}
		}), "JSON-008"),
		m("members-in-order", "refuses members in another order than it writes", "wire/json-read-0001", refused(json.New, func(payload []byte) bool {
			return bytes.Index(payload, []byte(`"ptype"`)) < bytes.Index(payload, []byte(`"seq"`))
		}), "JSON-009"),
		m("white-space-refused", "refuses white space between members", "wire/json-read-0003", refused(json.New, func(payload []byte) bool {
			var compact bytes.Buffer
			return stdjson.Compact(&compact, payload) == nil && compact.Len() < len(payload)
		}), "JSON-009"),
		m("unknown-refused", "refuses members that it does not know", "wire/json-read-0006", refused(json.New, func(payload []byte) bool {
			var all map[string]any
			_ = stdjson.Unmarshal(payload, &all)
			for name := range all {
				if !strings.Contains(" seq ptype uri uri_base64 meta body_codec body body_base64 ", " "+strings.ToLower(name)+" ") {
					return true
				}
			}
			return false
		}), "JSON-010"),
		m("repeats-taken", "takes the last of two members for a field", "wire/json-repeat-0001", taken(json.New, func(payload []byte) []byte {
			var last map[string]stdjson.RawMessage
			if stdjson.Unmarshal(payload, &last) != nil {
				return nil
			}
			out, err := stdjson.Marshal(last)
			if err != nil || len(out) == len(payload) {
				return nil // nothing was there twice
			}
			return out
		}), "JSON-012"),
		m("names-folded", "takes names in other letters for the same", "wire/json-read-0008", read(json.New, func(p *packet.Packet, payload []byte) {
			var v struct {
				Body *string `json:"body"`
			}
			_ = stdjson.Unmarshal(payload, &v) // finds names in any case
			if v.Body != nil {
				p.SetRawBody([]byte(*v.Body), 0)
			}
		}), "JSON-021"),
	}
}

// stdjsonBytes is a member with a byte string in base64.
func stdjsonBytes(name, value string) []byte {
	text, _ := stdjson.Marshal([]byte(value)) // a byte string always encodes
	return append([]byte(`"`+name+`":`), text...)
}

// pbFields lays a packet out as pb/1 does, field by field.
func pbFields(p *packet.Packet) (seq, ptype, uri, meta, codec, body []byte) {
	raw, err := p.MarshalBody()
	if err != nil {
		return nil, nil, nil, nil, nil, nil
	}
	return oracle.PBNumber(1, p.Seq()), oracle.PBNumber(2, uint64(p.Ptype())), oracle.PBBytes(3, []byte(p.Uri())),
		oracle.PBBytes(4, p.Meta().QueryString()), oracle.PBNumber(5, uint64(p.BodyCodec())), oracle.PBBytes(6, raw)
}

func pbMutants() []Mutant {
	m := func(name, fault, killer string, proto packet.ProtoFunc, short ...string) Mutant {
		return Mutant{ID: "proto-pb-" + name, Fault: fault, KilledBy: killer, Requirements: reqs(short...), Proto: proto, Base: basePB}
	}
	return []Mutant{
		m("zeros-written", "writes fields that are zero or empty", "wire/pb-example-0001", written(pb.New, func(p *packet.Packet, _ []byte) []byte {
			seq, ptype, uri, meta, codec, body := pbFields(p)
			return oracle.Cat(seq, ptype, uri, meta, codec, body)
		}), "PB-002"),
		m("fields-swapped", "numbers uri and metadata the other way round", "wire/pb-example-0003", written(pb.New, func(p *packet.Packet, payload []byte) []byte {
			_, _, uri, _, _, _ := pbFields(p)
			if p.Uri() == "" || p.Meta().Len() > 0 {
				return payload
			}
			swapped := bytes.Clone(uri)
			swapped[0] = 4<<3 | 2
			return bytes.Replace(payload, uri, swapped, 1)
		}), "PB-002"),
		m("long-varints", "writes the packet type in two bytes", "wire/pb-example-0003", written(pb.New, func(p *packet.Packet, payload []byte) []byte {
			_, ptype, _, _, _, _ := pbFields(p)
			if p.Ptype() == 0 || p.Ptype() > 127 {
				return payload
			}
			return bytes.Replace(payload, ptype, []byte{ptype[0], ptype[1] | 0x80, 0}, 1)
		}), "PB-003"),
		m("type-as-fixed32", "writes the packet type as a number of four bytes", "wire/pb-example-0003", written(pb.New, func(p *packet.Packet, payload []byte) []byte {
			_, ptype, _, _, _, _ := pbFields(p)
			if p.Ptype() == 0 {
				return payload
			}
			return bytes.Replace(payload, ptype, []byte{2<<3 | 5, p.Ptype(), 0, 0, 0}, 1)
		}), "PB-002"),
		m("repeats-taken", "takes the first of two fields with a number", "wire/pb-repeat-0001", taken(pb.New, pbFirst), "PB-008"),
		m("fields-in-order", "refuses fields that are not in the order of their numbers", "wire/pb-read-0001", refused(pb.New, func(payload []byte) bool {
			return len(payload) > 0 && payload[0] == 6<<3|2
		}), "PB-004"),
		m("absent-codec-is-protobuf", "takes an absent body codec for protobuf", "wire/pb-zero-0001", read(pb.New, func(p *packet.Packet, _ []byte) {
			if p.BodyCodec() == 0 {
				p.SetBodyCodec('p')
			}
		}), "PB-004"),
		m("unknown-refused", "refuses fields that it does not know", "wire/pb-read-0004", refused(pb.New, pbUnknown), "PB-005"),
	}
}

// pbUnknown tells whether a good payload has a field with another number than 1 to 6.
func pbUnknown(b []byte) bool {
	for len(b) > 0 {
		number, wire, n := protowire.ConsumeTag(b)
		if n < 0 || number > 6 {
			return true
		}
		b = b[n:]
		b = b[max(protowire.ConsumeFieldValue(number, wire, b), 0):]
	}
	return false
}

// pbFirst gives a message with the first field of each number alone, nil for what is no message.
func pbFirst(b []byte) []byte {
	var out []byte
	seen := map[protowire.Number]bool{}
	for len(b) > 0 {
		number, _, n := protowire.ConsumeField(b)
		if n < 0 {
			return nil
		}
		if !seen[number] {
			out = append(out, b[:n]...)
		}
		seen[number] = true
		b = b[n:]
	}
	return out
}
