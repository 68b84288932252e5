package properties

import (
	"slices"
	"strings"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"

	"github.com/henrylee2cn/teleport/conformance"
)

// Law describes one law.
type Law struct {
	Name         string   // the name of its subtest, and what [Only] takes
	Title        string   // what it says
	Requirements []string // the ids of the standard that it follows from
}

// law is a Law and how it is tested.
type law struct {
	name         string
	title        string
	requirements []string
	features     []Feature
	needs        need
	prop         func(*bench) gopter.Prop
}

// need says to which Protos a law applies.
type need int

const (
	anyProto need = iota
	aFramer       // to those that are a packet.Framer
	aClaim        // to those that say that they are fast/1, json/1 or pb/1
)

// applies gives why the law does not apply; "" where it does.
func (l law) applies(b *bench) string {
	switch {
	case l.needs == aFramer && b.framer == nil:
		return "the Proto is no packet.Framer"
	case l.needs == aClaim && b.claim == nil:
		return "the Proto is none that the oracle knows"
	}
	return ""
}

var laws = []law{
	{"round-trip", "a packet that was packed comes back as it was, and then the stream ends",
		reqs("PROTO-003 PROTO-009 PROTO-010"), nil, anyProto, roundTrip},
	{"size", "Pack and Unpack set the size to the bytes written and the bytes read",
		reqs("PROTO-007"), nil, anyProto, size},
	{"unchanged", "Pack changes nothing of the packet but its size",
		reqs("PROTO-006"), nil, anyProto, unchanged},
	{"pipe", "undoing the pipe gives what went in, each filter once, last to first and first to last",
		reqs("PROTO-018 XFER-002 XFER-003"), []Feature{conformance.FeaturePipe}, anyProto, pipeInverse},
	{"order", "packets of one stream come in the order in which they were packed",
		reqs("PROTO-009 PROTO-012"), nil, anyProto, order},
	{"metadata", "set, add, del and peek do what chapter 8 says, before and after the wire",
		reqs("META-001 META-002 META-012 META-013 META-014 META-015"), []Feature{conformance.FeatureMeta}, anyProto, metadata},
	{"metadata-normal", "decoding what was encoded gives the normal form, which is encoded as before",
		reqs("META-003 META-006 META-011 META-018"), []Feature{conformance.FeatureMeta}, anyProto, metadataNormal},
	{"reply-error", "the error of a REPLY survives, and any value of X-Reply-Error is read as the oracle reads it",
		reqs("ERR-002 ERR-003 ERR-005 ERR-006"), []Feature{conformance.FeatureMeta}, anyProto, replyError},
	{"body", "a body is decoded alike by a NewBody function and by Bind, behind the same header, and a bad one spoils only itself",
		reqs("PROTO-020 PROTO-021 PROTO-025"), nil, anyProto, body},
	{"split", "how a stream is cut into segments changes nothing",
		reqs("PROTO-011 PROTO-012"), nil, anyProto, split},
	{"cut", "a stream that ends inside a packet ends in io.ErrUnexpectedEOF, between packets in io.EOF",
		reqs("PROTO-010"), nil, anyProto, cut},
	{"independent", "a packet's encoding, and its decoding into a used packet, do not depend on what came before",
		reqs("PROTO-013 PROTO-014 PROTO-028"), nil, anyProto, independent},
	{"concurrent", "packets packed at once through one Proto have the frames that they have alone",
		reqs("PROTO-008"), []Feature{conformance.FeatureConcurrency}, anyProto, concurrent},
	{"limit-packet", "a packet limit of n takes n bytes and refuses n+1, read and written",
		reqs("PROTO-016 PROTO-017 LIM-005"), nil, anyProto, limitPacket},
	{"limit-payload", "a payload limit of n takes n bytes and refuses n+1",
		reqs("LIM-002 LIM-005 XFER-007"), []Feature{conformance.FeaturePipe}, anyProto, limitPayload},
	{"limit-uri", "a uri limit of n takes n bytes and refuses n+1, read and written",
		reqs("LIM-003 LIM-005 LIM-012"), []Feature{conformance.FeatureHeaderLimits}, anyProto, limitURI},
	{"limit-metadata", "limits on metadata of n take n bytes and n pairs and refuse n+1, read and written",
		reqs("LIM-004 LIM-005 META-016 META-017 META-019"), []Feature{conformance.FeatureHeaderLimits, conformance.FeatureMeta}, anyProto, limitMeta},
	{"damage", "damaged frames give a packet or an error, and both paths of a Framer the same",
		reqs("PROTO-015 PROTO-022"), nil, anyProto, damage},
	{"framer", "AppendFrame appends what Pack writes, FrameLen needs no more than it says, ParseFrame reads what Unpack reads",
		reqs("PROTO-022 PROTO-023 PROTO-024"), []Feature{conformance.FeatureFramer}, aFramer, framer},
	{"oracle-reads", "the oracle reads what the Proto writes, and writes the same bytes",
		reqs("FAST-015 PROTO-009"), []Feature{conformance.FeatureWire}, aClaim, oracleReads},
	{"oracle-writes", "the Proto reads what the oracle writes, metadata of any bytes included",
		reqs("META-006 META-008 META-009 META-010 META-011"), []Feature{conformance.FeatureWire}, aClaim, oracleWrites},
	{"oracle-verdict", "on damaged frames under any limits, Proto and oracle give the same packet or the same class, stage and offset",
		reqs("FRAME-008 PROTO-026"), []Feature{conformance.FeatureWire}, aClaim, oracleVerdict},
}

// reqs writes requirement ids out.
func reqs(short string) []string {
	ids := strings.Fields(short)
	for i := range ids {
		ids[i] = "TP-" + ids[i]
	}
	return ids
}

// Laws lists the laws, in the order in which they run. The list is the caller's.
func Laws() []Law {
	var out []Law
	for _, l := range laws {
		out = append(out, Law{l.name, l.title, slices.Clone(l.requirements)})
	}
	return out
}

func names() []string {
	var out []string
	for _, l := range laws {
		out = append(out, l.name)
	}
	return out
}

// all1 and all2 say that f finds nothing wrong with whatever is drawn.
func all1[A any](f func(A) string, a gopter.Gen) gopter.Prop { return prop.ForAll(f, a) }

func all2[A, B any](f func(A, B) string, a, b gopter.Gen) gopter.Prop { return prop.ForAll(f, a, b) }

func all3[A, B, C any](f func(A, B, C) string, a, b, c gopter.Gen) gopter.Prop {
	return prop.ForAll(f, a, b, c)
}
