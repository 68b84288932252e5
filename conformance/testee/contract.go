package testee

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/henrylee2cn/teleport/vectors"
)

// Contract is the version of the contract. A testee answers with the same number.
const Contract = 1

// MaxLine is the most bytes that a line may have, its line feed included. The judge keeps it too.
const MaxLine = 32 << 20

// The types of lines.
const (
	TypeHello  = "hello"
	TypeCase   = "case"
	TypeResult = "result"
	TypeBye    = "bye"
)

// The operations of a case.
const (
	OpDecode = "decode" // read packets from the bytes of a stream
	OpEncode = "encode" // write one packet
)

// The statuses of a result.
const (
	StatusOK            = "ok"            // decoded or encoded
	StatusRejected      = "rejected"      // refused, for a reason of the standard: a class
	StatusUnimplemented = "unimplemented" // the testee does not do this; the case is skipped
	StatusHarness       = "harness-error" // the testee's own test code failed; nothing is known about the case
)

// Hello is the first line, from the judge.
type Hello struct {
	Type     string `json:"type"`     // "hello"
	Contract int    `json:"contract"` // 1
	Standard string `json:"standard"` // the version of the standard, as "1.0"
	Judge    string `json:"judge"`    // who asks, for people
	MaxLine  int    `json:"maxLine"`  // the most bytes of a line
}

// Introduction is the testee's answer to Hello: who it is and what it has. What it does not declare is skipped.
type Introduction struct {
	Type     string   `json:"type"`               // "hello"
	Contract int      `json:"contract"`           // 1
	Name     string   `json:"name"`               // of the implementation, for the report
	Language string   `json:"language"`           // and its version, for the report; may be empty
	Version  string   `json:"version"`            // of the implementation; may be empty
	Protos   []string `json:"protos"`             // "fast/1", "json/1", "pb/1"; the proto battery judges the first
	Filters  []int    `json:"filters"`            // ids of filters
	Features []string `json:"features,omitempty"` // features of the suite
	Server   string   `json:"server,omitempty"`   // "tcp 127.0.0.1:4000" or "unix PATH": a whole peer, judged as well
}

// Request is one question: a line of type "case".
type Request struct {
	Type  string `json:"type"`  // "case"
	ID    string `json:"id"`    // of the case
	Run   int    `json:"run"`   // counts the questions of a case, from 1
	Op    string `json:"op"`    // "decode" or "encode"
	Proto string `json:"proto"` // one of those that the testee declared
	// Limits are the limits to apply, all of them.
	Limits Limits `json:"limits"`
	// Filters are the ids of all filters that are known here. Any other id is unknown.
	Filters []int `json:"filters"`

	// Segments are, for decode, the bytes of the stream in hex, in the pieces in which they arrive.
	Segments []string `json:"segments,omitzero"`
	// End says for decode whether the stream ends behind the segments.
	End bool `json:"end,omitempty"`
	// Packets is for decode the number of packets after which to stop; 0: as many as there are.
	Packets int `json:"packets,omitempty"`

	// Packet is, for encode, what to write.
	Packet *Packet `json:"packet,omitempty"`
	// Ops are, for encode, done to the packet's metadata first.
	Ops []Op `json:"ops,omitempty"`
}

// Result answers a Request.
type Result struct {
	Type    string `json:"type"` // "result"
	ID      string `json:"id"`   // that of the request
	Run     int    `json:"run"`  // that of the request
	Status  string `json:"status"`
	Message string `json:"message,omitempty"` // for people

	// Class, Stage and Offset say why something was rejected. Offset is judged where it is given.
	Class  string `json:"class,omitempty"`
	Stage  string `json:"stage,omitempty"`
	Offset *int64 `json:"offset,omitempty"`

	// Packets are the packets decoded, before a rejection too.
	Packets []Packet `json:"packets,omitempty"`
	// Need is, for decode of a stream that goes on, how many bytes have to be there in all before asking again is
	// of use; 0: any more.
	Need int `json:"need,omitempty"`

	// Wire is, for encode, the frame in hex.
	Wire string `json:"wire,omitempty"`
	// Peeks are, for encode, what each peek of the ops found, null where there is no such key.
	Peeks []*Bytes `json:"peeks,omitempty"`
}

// Packet is a packet, as in the golden vectors.
type Packet struct {
	Seq       string `json:"seq"` // decimal
	Ptype     int    `json:"ptype"`
	Uri       Bytes  `json:"uri"`
	Meta      []Pair `json:"meta"`
	BodyCodec int    `json:"body_codec"`
	Pipe      []int  `json:"pipe"`
	Body      Bytes  `json:"body"`
	// Size is the length of the frame on the wire, where the packet was on one.
	Size int `json:"size,omitempty"`
	// Fault says of a decoded packet why its body does not decode under its codec.
	Fault *BodyFault `json:"fault,omitempty"`
}

// Pair is one pair of metadata.
type Pair struct {
	Key   Bytes `json:"key"`
	Value Bytes `json:"value"`
}

// BodyFault is why a body does not decode: class "body" or "codec-unknown", stage "body".
type BodyFault struct {
	Class  string `json:"class"`
	Offset *int64 `json:"offset,omitempty"`
}

// Op is an operation on metadata: set, add, del or peek.
type Op struct {
	Op    string `json:"op"`
	Key   Bytes  `json:"key"`
	Value *Bytes `json:"value,omitempty"`
}

// Limits are the limits of a request: bytes, and for MaxMetaPairs pairs.
type Limits struct {
	MaxPacket    uint32 `json:"maxPacket"`
	MaxPayload   uint32 `json:"maxPayload"`
	MaxUri       uint32 `json:"maxUri"`
	MaxMeta      uint32 `json:"maxMeta"`
	MaxMetaPairs int    `json:"maxMetaPairs"`
}

// Bytes is a byte string. The judge writes {"hex":"..."}; it reads every form that the golden vectors have.
type Bytes []byte

// MarshalJSON writes {"hex":"..."}.
func (b Bytes) MarshalJSON() ([]byte, error) {
	out := make([]byte, 0, 10+2*len(b))
	out = append(out, `{"hex":"`...)
	out = hex.AppendEncode(out, b)
	return append(out, `"}`...), nil
}

// UnmarshalJSON reads {"hex":..}, {"text":..} and the recipes of the golden vectors.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	var v vectors.Bytes
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	out, err := v.Expand()
	*b = out
	return err
}

// Classes lists the classes that a result can name.
func Classes() []string {
	return []string{"short", "length", "limit", "version", "filter-unknown", "filter-data", "header", "type", "meta", "codec-unknown", "body"}
}

// check says what is wrong with an answer as an answer; whether it is right is the suite's business.
func (r *Result) check(q *Request) error {
	switch {
	case r.Type != TypeResult:
		return fmt.Errorf("a line of type %q, expected %q", r.Type, TypeResult)
	case r.ID != q.ID || r.Run != q.Run:
		return fmt.Errorf("an answer to case %q, run %d; asked was %q, run %d", r.ID, r.Run, q.ID, q.Run)
	}
	switch r.Status {
	case StatusOK:
		if q.Op == OpEncode && r.Wire == "" {
			return fmt.Errorf("status ok for an encode, without wire")
		}
	case StatusRejected:
		if !slices.Contains(Classes(), r.Class) {
			return fmt.Errorf("rejected with class %q, expected one of %q", r.Class, Classes())
		}
		if q.Op == OpDecode && !slices.Contains([]string{"frame", "payload", "body"}, r.Stage) {
			return fmt.Errorf("rejected at stage %q, expected frame, payload or body", r.Stage)
		}
	case StatusUnimplemented, StatusHarness:
	default:
		return fmt.Errorf("status %q, expected ok, rejected, unimplemented or harness-error", r.Status)
	}
	for i, p := range r.Packets {
		if err := p.check(); err != nil {
			return fmt.Errorf("packet %d: %w", i+1, err)
		}
	}
	return nil
}

func (p *Packet) check() error {
	for _, id := range append([]int{p.Ptype, p.BodyCodec}, p.Pipe...) {
		if id < 0 || id > 255 {
			return fmt.Errorf("%d as a type, codec or filter id, expected 0 to 255", id)
		}
	}
	if p.Size <= 0 {
		return fmt.Errorf("size %d, expected the length of its frame", p.Size)
	}
	if f := p.Fault; f != nil && f.Class != "body" && f.Class != "codec-unknown" {
		return fmt.Errorf("a fault of class %q, expected body or codec-unknown", f.Class)
	}
	return nil
}
