package mutants

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// wording changes how the text of X-Reply-Error is written.
func wording(f func(e oracle.ReplyError) string) func(p *naivePeer) {
	return func(p *naivePeer) { p.errorText = func(e oracle.ReplyError) []byte { return []byte(f(e)) } }
}

// reworded changes the text that the clean peer writes.
func reworded(f func(text string) string) func(p *naivePeer) {
	return wording(func(e oracle.ReplyError) string { return f(string(oracle.EncodeReplyError(e))) })
}

// peerErrors: the error that a REPLY carries, as it is written.
func peerErrors() []Mutant {
	members := func(e oracle.ReplyError, format string) string {
		return fmt.Sprintf(format, e.Code, e.Message, e.Detail)
	}
	return []Mutant{
		broken("error-key-missing", "an error is the body of the REPLY, without X-Reply-Error", "TP-ERR-001", "pull-unknown-uri",
			altered(func(_ *request, reply *oracle.Packet) {
				if text, ok := oracle.PeekMeta(reply.Meta, []byte(oracle.ErrorKey)); ok {
					reply.Meta, reply.Codec, reply.Body = oracle.DelMeta(reply.Meta, []byte(oracle.ErrorKey)), 'j', text
				}
			})),
		broken("error-key-lower-case", "the key of an error is x-reply-error", "TP-ERR-001", "error-members",
			altered(func(_ *request, reply *oracle.Packet) {
				for i := range reply.Meta {
					reply.Meta[i].Key = bytes.ToLower(reply.Meta[i].Key)
				}
			})),
		broken("error-zero-left-out", "an error with code 0 is sent as a success", "TP-ERR-001", "error-zero",
			altered(func(_ *request, reply *oracle.Packet) {
				if e, bad := oracle.ReplyErrorOf(reply.Meta); bad && e.Code == 0 {
					reply.Meta = nil
				}
			})),
		broken("error-members-order", "the members of an error are message, detail, code", "TP-ERR-003", "error-members",
			wording(func(e oracle.ReplyError) string {
				return fmt.Sprintf(`{"message":%q,"detail":%q,"code":%d}`, e.Message, e.Detail, e.Code)
			})),
		broken("error-white-space", "an error is written with spaces behind colons and commas", "TP-ERR-003", "error-members",
			wording(func(e oracle.ReplyError) string { return members(e, `{"code": %d, "message": %q, "detail": %q}`) })),
		broken("error-empty-members", "an empty message and an empty detail are written", "TP-ERR-003", "error-empty-members",
			wording(func(e oracle.ReplyError) string { return members(e, `{"code":%d,"message":%q,"detail":%q}`) })),
		broken("error-detail-needs-message", "a detail is left out where the message is empty", "TP-ERR-003", "error-only-detail",
			wording(func(e oracle.ReplyError) string {
				if len(e.Message) == 0 {
					e.Detail = nil
				}
				return string(oracle.EncodeReplyError(e))
			})),
		broken("error-html-escaped", "a JSON library escapes <, > and & in errors", "TP-ERR-004", "error-escapes",
			wording(func(e oracle.ReplyError) string {
				text, _ := json.Marshal(struct {
					Code    int32  `json:"code"`
					Message string `json:"message,omitempty"`
					Detail  string `json:"detail,omitempty"`
				}{e.Code, string(e.Message), string(e.Detail)})
				return string(text)
			})),
		broken("error-backslash-raw", "backslashes in errors are not escaped", "TP-ERR-004", "error-escapes",
			reworded(func(text string) string { return strings.ReplaceAll(text, `\\`, `\`) })),
		broken("error-controls-raw", "control characters in errors are not escaped", "TP-ERR-004", "error-control-characters",
			reworded(func(text string) string { return strings.ReplaceAll(text, `\u0001`, "\x01") })),
		broken("error-code-string", "the code of an error is a JSON string", "TP-ERR-012", "error-highest",
			reworded(func(text string) string {
				head, tail, _ := strings.Cut(strings.TrimPrefix(text, `{"code":`), ",")
				return `{"code":"` + strings.TrimSuffix(head, "}") + `",` + tail
			})),
		broken("error-code-unsigned", "the code of an error is written as an unsigned number", "TP-ERR-012", "error-lowest",
			wording(func(e oracle.ReplyError) string {
				return fmt.Sprintf(`{"code":%d,"message":"%s"}`, uint32(e.Code), e.Message)
			})),
		broken("error-code-float", "the code of an error goes through a float", "TP-ERR-012", "error-highest",
			wording(func(e oracle.ReplyError) string {
				return fmt.Sprintf(`{"code":%g,"message":"%s"}`, float64(e.Code), e.Message)
			})),
		broken("error-code-16-bits", "the code of an error is cut to 16 bits", "TP-ERR-012", "error-highest",
			wording(func(e oracle.ReplyError) string {
				e.Code = int32(int16(e.Code))
				return string(oracle.EncodeReplyError(e))
			})),
		broken("error-result-dropped", "a result beside an error is not sent", "TP-ERR-016 TP-CONF-008", "error-with-result",
			altered(func(_ *request, reply *oracle.Packet) {
				if failed(reply) {
					reply.Codec, reply.Body = 'j', []byte("null")
				}
			})),
		broken("error-beside-result-dropped", "an error beside a result is not sent", "TP-CONF-008", "error-with-result",
			rerouted("partial", func(r *request) { r.answer(answer{codec: 'j', body: []byte(`{"partial":true}`)}) })),
	}
}

// reading changes how the error of a REPLY is read; value is not empty.
func reading(f func(in oracle.Packet, value string) (oracle.ReplyError, bool)) func(p *naivePeer) {
	return func(p *naivePeer) {
		p.errorOf = func(in oracle.Packet) (oracle.ReplyError, bool) {
			value, ok := oracle.PeekMeta(in.Meta, []byte(oracle.ErrorKey))
			if !ok || len(value) == 0 {
				return oracle.ReplyError{}, false
			}
			return f(in, string(value))
		}
	}
}

// strictly reads an error by a JSON library alone.
func strictly(value string, strict bool) (code int32, message, detail string, err error) {
	var e struct {
		Code    int32  `json:"code"`
		Message string `json:"message"`
		Detail  string `json:"detail"`
	}
	dec := json.NewDecoder(strings.NewReader(value))
	if strict {
		dec.DisallowUnknownFields()
	}
	err = dec.Decode(&e)
	return e.Code, e.Message, e.Detail, err
}

// peerErrorReading: the error that a REPLY carries, as it is read.
func peerErrorReading() []Mutant {
	oops := oracle.ReplyError{Code: 500, Message: []byte("a broken error")}
	return []Mutant{
		broken("error-read-empty-value", "a REPLY whose X-Reply-Error is empty is taken as an error", "TP-ERR-002", "answer-error-empty",
			func(p *naivePeer) {
				p.errorOf = func(in oracle.Packet) (oracle.ReplyError, bool) {
					value, ok := oracle.PeekMeta(in.Meta, []byte(oracle.ErrorKey))
					return oracle.DecodeReplyError(value), ok
				}
			}),
		broken("error-read-zero-is-success", "an error with code 0 is taken as a success", "TP-ERR-005", "callback-error-zero",
			reading(func(_ oracle.Packet, value string) (oracle.ReplyError, bool) {
				e := oracle.DecodeReplyError([]byte(value))
				return e, e.Code != 0
			})),
		broken("error-read-one-way", "an error with raw control characters is not read again", "TP-ERR-006", "callback-error-control-characters",
			reading(func(_ oracle.Packet, value string) (oracle.ReplyError, bool) {
				code, message, detail, err := strictly(value, false)
				if err != nil {
					return oracle.ReplyError{Message: []byte(value)}, true
				}
				return oracle.ReplyError{Code: code, Message: []byte(message), Detail: []byte(detail)}, true
			})),
		broken("error-read-text-lost", "an error that is no JSON is read as code 500 without its text", "TP-ERR-006", "callback-error-no-json",
			reading(func(_ oracle.Packet, value string) (oracle.ReplyError, bool) {
				if !json.Valid([]byte(value)) && !strings.Contains(value, "{") {
					return oops, true
				}
				return oracle.DecodeReplyError([]byte(value)), true
			})),
		broken("error-read-code-lenient", "a code that is a JSON string is read as a number", "TP-ERR-017", "answer-error-code-text",
			reading(func(_ oracle.Packet, value string) (oracle.ReplyError, bool) {
				var e struct{ Code json.Number } // which takes a number in quotes, too
				clean := oracle.DecodeReplyError([]byte(value))
				if json.Unmarshal([]byte(value), &e) == nil {
					if n, err := e.Code.Int64(); err == nil {
						clean.Code = int32(n)
					}
				}
				return clean, true
			})),
		broken("error-read-unknown-members", "an error with an unknown member is taken as raw text", "TP-ERR-007", "callback-error",
			reading(func(_ oracle.Packet, value string) (oracle.ReplyError, bool) {
				code, message, detail, err := strictly(value, true)
				if err != nil {
					return oracle.ReplyError{Message: []byte(value)}, true
				}
				return oracle.ReplyError{Code: code, Message: []byte(message), Detail: []byte(detail)}, true
			})),
		broken("error-read-in-order", "the members of an error are read in the order code, message, detail alone", "TP-ERR-007", "callback-error",
			reading(func(_ oracle.Packet, value string) (oracle.ReplyError, bool) {
				var code int32
				if n, _ := fmt.Sscanf(value, `{"code":%d`, &code); n != 1 {
					return oracle.ReplyError{Message: []byte(value)}, true
				}
				return oracle.DecodeReplyError([]byte(value)), true
			})),
		broken("error-read-last-member", "the last of two members with one name counts", "TP-ERR-018", "answer-error-member-twice",
			reading(func(_ oracle.Packet, value string) (oracle.ReplyError, bool) {
				code, message, detail, err := strictly(value, false)
				if err != nil {
					return oracle.DecodeReplyError([]byte(value)), true
				}
				return oracle.ReplyError{Code: code, Message: []byte(message), Detail: []byte(detail)}, true
			})),
		broken("error-read-any-case", "X-Reply-Error is looked up without regard to case", "TP-ERR-015", "answer-error-other-case",
			func(p *naivePeer) {
				p.errorOf = func(in oracle.Packet) (oracle.ReplyError, bool) {
					for _, m := range in.Meta {
						if strings.EqualFold(string(m.Key), oracle.ErrorKey) && len(m.Value) > 0 {
							return oracle.DecodeReplyError(m.Value), true
						}
					}
					return oracle.ReplyError{}, false
				}
			}),
		broken("error-read-last-value", "the last of several values of X-Reply-Error counts", "TP-ERR-015", "answer-error-first",
			func(p *naivePeer) {
				p.errorOf = func(in oracle.Packet) (e oracle.ReplyError, bad bool) {
					for _, m := range in.Meta {
						if string(m.Key) == oracle.ErrorKey && len(m.Value) > 0 {
							e, bad = oracle.DecodeReplyError(m.Value), true
						}
					}
					return e, bad
				}
			}),
		broken("error-read-with-body", "the body beside an error is decoded, and one that does not decode takes the error's place", "TP-ERR-009",
			"callback-error-undecoded-body", reading(func(in oracle.Packet, value string) (oracle.ReplyError, bool) {
				if in.Codec == 'j' && len(in.Body) > 0 && !json.Valid(in.Body) {
					return oracle.ReplyError{Code: 400}, true
				}
				return oracle.DecodeReplyError([]byte(value)), true
			})),
		broken("error-read-body-passed-on", "the body beside an error is given to the caller as a result", "TP-ERR-009", "callback-error-undecoded-body",
			rerouted("pullback", func(r *request) {
				r.called(func(reply oracle.Packet) {
					if e, bad := r.s.peer.errorOf(reply); bad {
						r.answer(answer{err: &e, body: reply.Body, codec: reply.Codec})
						return
					}
					r.passOn(reply)
				})
			})),
	}
}
