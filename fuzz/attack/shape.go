package attack

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// shapeLimits are small, so that the limits make shapes of their own.
var shapeLimits = oracle.Limits{MaxPacket: 8 << 10, MaxPayload: 8 << 10, MaxUri: 256, MaxMeta: 512, MaxMetaPairs: 16}

// shapeFilters are all filters of the standard.
var shapeFilters = oracle.TestFilters(oracle.Judged)

// shapeOf is the signature of what the standard says of an input of a target: an input with another one is new.
func shapeOf(target string, data []byte) string {
	switch target {
	case "DecodeFast", "ReusedPacket", "DecodeStream":
		return streamShape(oracle.Fast, data)
	case "DecodeJSON":
		return payloadShape(oracle.JSON, data)
	case "DecodePB":
		return payloadShape(oracle.PB, data)
	case "Metadata":
		return metaShape(oracle.DecodeMeta(data)) + looks(data)
	case "ReplyError":
		e := oracle.DecodeReplyError(data)
		return fmt.Sprint(bits.Len32(uint32(e.Code)), len(e.Message) > 0, len(e.Detail) > 0, len(e.Message) == len(data), looks(data))
	}
	return looks(data)
}

// payloadShape is that of a payload as the targets of payloads take it, and that of a whole frame.
func payloadShape(pr oracle.Proto, data []byte) string {
	frame := oracle.RawFrame(uint32(headLen+len(data)), pr.ID, 0, nil, data)
	return streamShape(pr, frame) + "|" + streamShape(pr, data)
}

// streamShape is the shape of every packet of a stream, at most eight, and of how it ends.
func streamShape(pr oracle.Proto, data []byte) string {
	packets, err := pr.With(shapeFilters).DecodeStream(data, shapeLimits)
	return outcomeShape(packets, err)
}

func outcomeShape(packets []oracle.Packet, err *oracle.Error) string {
	var s strings.Builder
	for i, p := range packets {
		if i == 8 {
			break
		}
		body := "ok"
		if e := oracle.CheckBody(p); e != nil {
			body = e.Class
		}
		fmt.Fprintf(&s, "[%d %d u%d %s c%c b%d %s |%.4q %d]", bits.Len64(p.Seq)/8, min(p.Ptype, 4), bits.Len(uint(len(p.Uri))), metaShape(p.Meta),
			codecShape(p.Codec), bits.Len(uint(len(p.Body))), body, p.Pipe, bits.Len(uint(len(p.Pipe))))
	}
	if err != nil {
		fmt.Fprintf(&s, "%s/%s/%d", err.Class, err.Stage, min(err.Offset, 40))
	}
	return s.String()
}

// codecShape makes one of all codecs that nobody has.
func codecShape(id byte) byte {
	switch id {
	case oracle.NilCodec, oracle.CodecJSON, oracle.CodecProtobuf, oracle.CodecString:
		return max(id, '0')
	}
	return '?'
}

// metaShape counts pairs, empty keys and values, keys that come again, and bytes that are escaped.
func metaShape(pairs []oracle.Pair) string {
	var noKey, noValue, again, error int
	seen := map[string]bool{}
	for _, p := range pairs {
		noKey += b2i(len(p.Key) == 0)
		noValue += b2i(len(p.Value) == 0)
		again += b2i(seen[string(p.Key)])
		error += b2i(string(p.Key) == oracle.ErrorKey)
		seen[string(p.Key)] = true
	}
	return fmt.Sprintf("m%d,%d,%d,%d,%d", bits.Len(uint(len(pairs))), min(noKey, 2), min(noValue, 2), min(again, 2), min(error, 2))
}

// looks is the signature of bytes of which the oracle has no say: how many, what they begin with, and which kinds.
func looks(data []byte) string {
	kinds := 0
	for _, c := range data {
		switch {
		case c == 0:
			kinds |= 1
		case c < ' ' || c == 0x7f:
			kinds |= 2
		case c >= '0' && c <= '9':
			kinds |= 4
		case c == '%' || c == '+' || c == '&' || c == '=':
			kinds |= 8
		case c == 0xff:
			kinds |= 16
		case c >= 0x80:
			kinds |= 32
		case c == '{' || c == '"' || c == '[' || c == '\\':
			kinds |= 64
		default:
			kinds |= 128
		}
	}
	first := 0
	if len(data) > 0 {
		first = int(data[0])
	}
	return fmt.Sprintf("L%d F%d K%x", bits.Len(uint(len(data))), first, kinds)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// SmallLimits are the limits under which the targets, and half of the inputs of a testee, are tried first.
func SmallLimits() oracle.Limits { return shapeLimits }
