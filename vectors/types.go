package vectors

// Format is the version of the file format. A reader must refuse a file with another one.
const Format = 1

// Standard is the version of the written standard that the files judge.
const Standard = "1.0"

// File is one JSON file: the cases of one area.
type File struct {
	// Format is the version of the file format; see [Format].
	Format int `json:"format"`
	// Standard is the version of the standard that the cases judge; see [Standard].
	Standard string `json:"standard"`
	// Area is the first word of the id of every case in the file.
	Area string `json:"area"`
	// Comment says in a sentence or two what the file is about.
	Comment string `json:"comment"`
	// Flags explains each flag used in the file: what goes wrong in an implementation that fails its cases.
	Flags map[string]string `json:"flags"`
	// Cases are the cases, in the order of their ids within a topic.
	Cases []Case `json:"cases"`
}

// Kind says what is done with a case.
type Kind string

// The kinds.
const (
	KindDecode    Kind = "decode"    // decode one frame
	KindEncode    Kind = "encode"    // encode one packet
	KindRoundtrip Kind = "roundtrip" // both: Wire decodes to Packet, Packet encodes to Wire
	KindStream    Kind = "stream"    // decode frames until the stream ends or fails
)

// Result is the verdict of a case.
type Result string

// The results.
const (
	Valid   Result = "valid"   // must be accepted, with exactly these values
	Invalid Result = "invalid" // must be rejected, with exactly this class, stage and offset
	Quirk   Result = "quirk"   // something the original did: nobody is failed on it, but nobody may crash on it
)

// The stages of a rejected case: they say where Offset counts.
const (
	StageFrame   = "frame"   // in the bytes on the wire, from the first byte of the frame
	StagePayload = "payload" // in the payload, after the transfer pipe is undone
	StageBody    = "body"    // in the payload; the packet was decoded, its body was not
)

// The ways to expand one case into many runs.
const (
	// ExpandSplit gives the wire in two segments, once for each place in which it can be cut (1 to length-1).
	ExpandSplit = "split"
	// ExpandTruncate gives the first k bytes and then the end of the stream, once for each k from 1 to length-1. Each
	// run must be rejected with class `short`, stage `frame` and offset k, so the case has no offset of its own.
	ExpandTruncate = "truncate"
)

// The flags that change how a case is judged. All others only name what a case is about.
const (
	// FlagRawBody marks a valid case whose body does not decode under its codec: the packet must be accepted and the
	// body kept as it is. In every other valid case the body also decodes.
	FlagRawBody = "RawBody"
	// FlagSuccess marks a REPLY that carries no error, whatever its metadata looks like.
	FlagSuccess = "Success"
)

// Case is one scenario.
type Case struct {
	// ID is the name of the case for ever: <area>-<topic>-<number>.
	ID string `json:"id"`
	// Reqs are the ids of the requirements that the case tests.
	Reqs []string `json:"reqs"`
	// Since is the version of the standard with which the case came.
	Since string `json:"since"`
	// Proto is the name of the Proto that the case is for; none means fast/1. See [Case.ProtoName].
	Proto string `json:"proto,omitempty"`
	// Kind says what is done, Result what must come of it.
	Kind   Kind   `json:"kind"`
	Result Result `json:"result"`
	// Stage, Error and Offset say how an invalid case is rejected. Error is a class of the standard's chapter on errors.
	// For kind encode only Error is judged.
	Stage  string `json:"stage,omitempty"`
	Error  string `json:"error,omitempty"`
	Offset *int64 `json:"offset,omitempty"`
	// OtherErrors are classes that are accepted besides Error.
	OtherErrors []string `json:"otherErrors,omitempty"`
	// Wire is what is on the wire; empty when an encoder must refuse.
	Wire Wire `json:"wire,omitempty"`
	// Segments are the lengths of the pieces in which the wire arrives. The last one repeats until the wire is used up.
	// Without segments it arrives in one piece.
	Segments []int `json:"segments,omitempty"`
	// Expand, when set, makes many runs of the case; see [ExpandSplit] and [ExpandTruncate].
	Expand string `json:"expand,omitempty"`
	// Fields names ranges of the wire, for people and for hex dumps.
	Fields []Field `json:"fields,omitempty"`
	// Packet is the packet on the wire. An invalid case has one when it is to be encoded, or when only its body is bad.
	Packet *Packet `json:"packet,omitempty"`
	// Packets are the packets of a stream, in order: for an invalid one those before the fault.
	Packets []Packet `json:"packets,omitempty"`
	// Ops are done on the empty metadata of a packet before it is encoded; Packet.Meta is what they leave.
	Ops []Op `json:"ops,omitempty"`
	// Canonical is true when Wire is the only right encoding of Packet.
	Canonical bool `json:"canonical,omitempty"`
	// Filters are the ids of filters besides gzip that the case needs; who does not offer one of them skips the case.
	Filters Pipe `json:"filters,omitempty"`
	// Limits are the receiver's (or, for kind encode, the sender's) limits where they are not the default ones.
	Limits *Limits `json:"limits,omitempty"`
	// MaxAlloc is how many bytes of memory a decoder may take, in all, before it rejects the case. 0: not judged.
	MaxAlloc int64 `json:"maxAlloc,omitempty"`
	// Flags name what the case is about; the head of the file explains them.
	Flags []string `json:"flags,omitempty"`
	// Comment says it in words.
	Comment string `json:"comment"`
}

// Field names Len bytes of the wire, from At.
type Field struct {
	Name string `json:"name"`
	At   int    `json:"at"`
	Len  int    `json:"len"`
}

// Packet is a packet in language-neutral form.
type Packet struct {
	// Seq is the sequence number, in decimal: JSON numbers cannot hold 64 bits.
	Seq string `json:"seq"`
	// Ptype is the packet type: 1 PULL, 2 REPLY, 3 PUSH; a Proto carries any other, too.
	Ptype int `json:"ptype"`
	// Uri is the uri.
	Uri Bytes `json:"uri"`
	// Meta are the metadata's pairs, in order.
	Meta []Pair `json:"meta"`
	// BodyCodec is the id of the body's codec.
	BodyCodec int `json:"body_codec"`
	// Pipe are the ids of the filters, outer-most first.
	Pipe Pipe `json:"pipe"`
	// Body is the body as it is in the payload, not decoded.
	Body Bytes `json:"body"`
	// Size is the length of the frame on the wire; 0 when the packet has not been on one. An encoder ignores it.
	Size int `json:"size,omitempty"`
	// Error is what the packet's X-Reply-Error says; nil when the case does not ask for it to be read or written.
	Error *ReplyError `json:"error,omitempty"`
}

// Pair is one pair of metadata.
type Pair struct {
	Key   Bytes `json:"key"`
	Value Bytes `json:"value"`
}

// ReplyError is the error that a REPLY carries in its metadata.
type ReplyError struct {
	Code    int32 `json:"code"`
	Message Bytes `json:"message"`
	Detail  Bytes `json:"detail"`
}

// Op is one step on metadata: "set", "add" or "del", or "peek", which changes nothing and must find Value as the first
// value of Key (no pair with that key when Value is nil).
type Op struct {
	Op    string `json:"op"`
	Key   Bytes  `json:"key"`
	Value *Bytes `json:"value,omitempty"`
}

// Limits are the limits of whoever decodes or encodes; a field that is 0 has the standard's default.
type Limits struct {
	MaxPacket    uint32 `json:"maxPacket,omitempty"`    // bytes of a frame on the wire
	MaxPayload   uint32 `json:"maxPayload,omitempty"`   // bytes that each filter may put out, and of a payload without filters
	MaxUri       uint32 `json:"maxUri,omitempty"`       // bytes of the uri
	MaxMeta      uint32 `json:"maxMeta,omitempty"`      // bytes of the encoded metadata
	MaxMetaPairs int    `json:"maxMetaPairs,omitempty"` // pairs of metadata
}

// DefaultLimits are the standard's default limits.
func DefaultLimits() Limits {
	return Limits{MaxPacket: 4 << 20, MaxPayload: 4 << 20, MaxUri: 64 << 10, MaxMeta: 64 << 10, MaxMetaPairs: 1024}
}

// EffectiveLimits gives the limits under which the case runs: its own, the standard's defaults where it has none.
func (c *Case) EffectiveLimits() Limits {
	l := DefaultLimits()
	if c.Limits == nil {
		return l
	}
	if c.Limits.MaxPacket != 0 {
		l.MaxPacket = c.Limits.MaxPacket
	}
	if c.Limits.MaxPayload != 0 {
		l.MaxPayload = c.Limits.MaxPayload
	}
	if c.Limits.MaxUri != 0 {
		l.MaxUri = c.Limits.MaxUri
	}
	if c.Limits.MaxMeta != 0 {
		l.MaxMeta = c.Limits.MaxMeta
	}
	if c.Limits.MaxMetaPairs != 0 {
		l.MaxMetaPairs = c.Limits.MaxMetaPairs
	}
	return l
}

// HasFlag reports whether the case has that flag.
func (c *Case) HasFlag(flag string) bool {
	for _, f := range c.Flags {
		if f == flag {
			return true
		}
	}
	return false
}

// ProtoFast is the name of the Proto that a case is for where it names none.
const ProtoFast = "fast"

// ProtoName gives the name of the Proto that the case is for.
func (c *Case) ProtoName() string {
	if c.Proto == "" {
		return ProtoFast
	}
	return c.Proto
}
