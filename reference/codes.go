package tp

import (
	"strings"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// The error codes that the standard's registry assigns (spec, chapter "Errors").
// Codes 0 to 999 belong to the registry; an application uses codes above 1000.
//
// req: TP-ERR-010, TP-ERR-011
const (
	// CodeConnClosed ends a call whose link broke or closed before the reply came. Local, never on the wire.
	CodeConnClosed = 102
	// CodeCancelled ends a call whose caller gave it up: its context was cancelled. Local, never on the wire.
	CodeCancelled = 103
	// CodeWriteFailed ends a call that was never sent. Local, never on the wire.
	CodeWriteFailed = 104
	// CodeDialFailed is what Dial returns when no connection could be made. Local, never on the wire.
	CodeDialFailed = 105
	// CodeBadPacket says that the uri cannot be parsed or that the body does not decode.
	CodeBadPacket = 400
	// CodeUnauthorized says that the caller may not do this.
	CodeUnauthorized = 401
	// CodeNotFound says that no handler matches the uri.
	CodeNotFound = 404
	// CodeTimeout says that a deadline passed: the caller's own, or one that the other side kept.
	CodeTimeout = 408
	// CodeTooLarge says that a packet is over a limit.
	CodeTooLarge = 413
	// CodeUnsupportedCodec says that the body came under a codec id that is not registered.
	CodeUnsupportedCodec = 415
	// CodeInternal says that the handler panicked or its result cannot be encoded.
	CodeInternal = 500
	// CodeNotImplemented names an unsupported packet type. It ends the session and is never sent.
	CodeNotImplemented = 501
	// CodeBadGateway says that a proxy could not reach the peer behind it.
	CodeBadGateway = 502
	// CodeOverload says that the peer has no capacity for the call, or is shutting down; locally, that as
	// many calls are pending as PeerConfig.MaxPending allows.
	CodeOverload = 503
)

// codeTexts is the registry: one standard message for each code.
var codeTexts = map[int32]string{
	CodeConnClosed:       "Connection Closed",
	CodeCancelled:        "Cancelled",
	CodeWriteFailed:      "Write Failed",
	CodeDialFailed:       "Dial Failed",
	CodeBadPacket:        "Bad Packet",
	CodeUnauthorized:     "Unauthorized",
	CodeNotFound:         "Not Found",
	CodeTimeout:          "Timeout",
	CodeTooLarge:         "Packet Too Large",
	CodeUnsupportedCodec: "Unsupported Codec",
	CodeInternal:         "Internal Error",
	CodeNotImplemented:   "Not Implemented",
	CodeBadGateway:       "Bad Gateway",
	CodeOverload:         "Overloaded",
}

// CodeText returns the registry's message for a code, and "" for a code that
// the registry does not assign. The message of 404 is "Not Found".
func CodeText(code int32) string { return codeTexts[code] }

// newCodeRerror returns an error with the registry's message for code. The
// detail stays a field of its own: it is never glued to the message.
func newCodeRerror(code int32, detail string) *Rerror {
	return &Rerror{Code: code, Message: codeTexts[code], Detail: oneLine(detail)}
}

// oneLine puts a text into one line: joined errors have one for each.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' })
	return strings.Join(lines, "; ")
}

// classCodes is the standard's class-to-action table in short: a fault of one
// of these classes ends one call with the code (an error reply to a PULL, a
// counted drop of a PUSH, a local error for a REPLY) and keeps the session. A
// fault of any other class ends the session.
//
// req: TP-ERR-014, TP-SESS-012, TP-SESS-015
var classCodes = map[packet.Class]int32{
	packet.ClassCodecUnknown: CodeUnsupportedCodec,
	packet.ClassBody:         CodeBadPacket,
}

// rerrorOfBody gives the error for a body that could not be bound: the code of
// its class, 413 where a codec refused it for its size, 400 for anything else.
// A nil err gives nil.
func rerrorOfBody(err error) *Rerror {
	if err == nil {
		return nil
	}
	class := packet.ClassOf(err)
	code, ok := classCodes[class]
	switch {
	case class == packet.ClassLimit:
		code = CodeTooLarge
	case !ok:
		code = CodeBadPacket
	}
	return newCodeRerror(code, err.Error())
}
