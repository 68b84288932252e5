package tp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// The four kinds of line of the run log.
const (
	logPullLaunch = "pull-launch"
	logPullHandle = "pull-handle"
	logPushLaunch = "push-launch"
	logPushHandle = "push-handle"
)

// maxLogBody bounds what one body takes of a run log line, in bytes of text;
// larger JSON than maxIndentBody is shown as it came.
const (
	maxLogBody    = 4 << 10
	maxIndentBody = 64 << 10
)

// runlogConfig is what PeerConfig says about the run log.
type runlogConfig struct {
	redact    func(p *packet.Packet, shown string) string // nil: as it is
	printBody bool                                        // bodies are shown; an incoming raw body must be detached to be
	countTime bool                                        // the time is measured and shown
	slow      time.Duration                               // with countTime: from here on a call is slow; 0 or less: none is
}

// callLog is one line: a call launched or handled.
type callLog struct {
	kind string // logPullLaunch, ...
	ip   string // the other side
	seq  uint64
	uri  string // as on the wire; shown with control characters escaped
	cost time.Duration
	// in is what was received and out what was sent; either may be nil. A raw
	// body of in is shown as it came, else its Body value.
	in, out *packet.Packet
	// rerr is shown as the status where the packets carry none: a local error.
	rerr *Rerror
}

// isSlow says whether a call of that cost is marked.
func (c *runlogConfig) isSlow(cost time.Duration) bool {
	return c.countTime && c.slow > 0 && cost >= c.slow
}

// logCall writes one call to the run log: at Info, or at Warn with "(slow)".
// It never panics, whatever a body's methods do, and costs nothing where the
// logger does not show the level.
func logCall(cfg *runlogConfig, l callLog) {
	level := slog.LevelInfo
	if cfg.isSlow(l.cost) {
		level = slog.LevelWarn
	}
	if !logEnabled(level) {
		return
	}
	logf(level, 1, "%s", cfg.appendCall(make([]byte, 0, 512), &l))
}

func (c *runlogConfig) appendCall(b []byte, l *callLog) []byte {
	b = fmt.Appendf(b, "[%s] remote-ip: %s | seq: %d | ", l.kind, l.ip, l.seq)
	if c.countTime {
		b = fmt.Appendf(b, "cost-time: %s", l.cost)
		if c.isSlow(l.cost) {
			b = append(b, "(slow)"...)
		}
		b = append(b, " | "...)
	}
	b = fmt.Appendf(b, "uri: %-30s |\n", logText(l.uri))
	switch l.kind {
	case logPullLaunch:
		b = c.appendPacket(b, "SEND", l.out, false, nil)
		b = c.appendPacket(b, "RECV", l.in, true, l.rerr)
	case logPullHandle:
		b = c.appendPacket(b, "RECV", l.in, false, nil)
		b = c.appendPacket(b, "SEND", l.out, true, l.rerr)
	case logPushLaunch:
		b = c.appendPacket(b, "SEND", l.out, l.rerr != nil, l.rerr)
	default:
		b = c.appendPacket(b, "RECV", l.in, l.rerr != nil, l.rerr)
	}
	return b
}

// appendPacket writes one direction. status asks for the line of the reply's
// error, empty when there is none.
func (c *runlogConfig) appendPacket(b []byte, dir string, p *packet.Packet, status bool, rerr *Rerror) []byte {
	if p == nil && rerr == nil {
		return b
	}
	b = append(b, dir...)
	b = append(b, ":\n"...)
	if p != nil {
		b = fmt.Appendf(b, " size: %d\n", p.Size())
	}
	if status {
		text := rerr.String()
		if p != nil {
			if v := p.Meta().Peek(MetaRerrorKey); len(v) > 0 {
				text = string(v)
			}
		}
		b = fmt.Appendf(b, " status: %s\n", cutText(logText(text)))
	}
	if p != nil && c.printBody {
		text, isJSON := c.shownBody(p)
		if isJSON {
			b = append(b, " body-json: "...)
		} else {
			b = append(b, " body: "...)
		}
		b = append(b, text...)
		b = append(b, '\n')
	}
	return b
}

// shownBody is bodyText after the user's redaction, of which a panic shows
// nothing.
func (c *runlogConfig) shownBody(p *packet.Packet) (text string, isJSON bool) {
	text, isJSON = bodyText(p)
	if c.redact == nil || text == "" {
		return text, isJSON
	}
	if rerr := guard("RedactBody", func() *Rerror { text = c.redact(p, text); return nil }); rerr != nil {
		return "(not shown: RedactBody panicked)", false
	}
	return text, isJSON
}

// bodyText shows a packet's body: indented JSON where it is JSON or can be
// shown as such, else text with control characters escaped.
func bodyText(p *packet.Packet) (text string, isJSON bool) {
	if raw := p.RawBody(); raw != nil {
		return rawText(raw, p.BodyCodec() == codec.JSONId)
	}
	switch v := p.Body().(type) {
	case nil:
		return "", false
	case packet.RawBody:
		return rawText(v, p.BodyCodec() == codec.JSONId)
	case *packet.RawBody:
		if v != nil {
			return rawText(*v, p.BodyCodec() == codec.JSONId)
		}
		return "", false
	case []byte:
		return rawText(v, false)
	case *[]byte:
		if v != nil {
			return rawText(*v, false)
		}
		return "", false
	case string:
		if p.BodyCodec() == codec.StringId {
			return rawText([]byte(v), false)
		}
	case *string:
		if v != nil && p.BodyCodec() == codec.StringId {
			return rawText([]byte(*v), false)
		}
	}
	b, err := marshalShown(p.Body())
	if err != nil {
		return cutText(logText(fmt.Sprintf("(%T cannot be shown: %s)", p.Body(), err))), false
	}
	return rawText(b, true)
}

// marshalShown is json.Marshal that turns a panic of the value's own methods
// into an error: a log line must not end a handler.
func marshalShown(v any) (b []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()
	return json.Marshal(v)
}

func rawText(b []byte, tryJSON bool) (text string, isJSON bool) {
	if tryJSON && len(b) > 0 && json.Valid(b) {
		var buf bytes.Buffer
		if len(b) > maxIndentBody || json.Indent(&buf, b, " ", "  ") != nil {
			buf.Reset()
			buf.Write(b[:min(len(b), maxLogBody+utf8.UTFMax)])
			return cutShown(logText(buf.String()), len(b)), true
		}
		return cutShown(jsonText(buf.String()), buf.Len()), true
	}
	if len(b) > maxLogBody+utf8.UTFMax {
		return cutShown(logText(string(b[:maxLogBody+utf8.UTFMax])), len(b)), false
	}
	return cutText(logText(string(b))), false
}

// jsonText keeps the line breaks of the indentation; inside strings JSON has
// escaped them already.
func jsonText(s string) string {
	var b []byte
	for line := range bytes.Lines([]byte(s)) {
		end := len(line)
		if line[end-1] == '\n' {
			end--
		}
		b = append(b, logText(string(line[:end]))...)
		b = append(b, line[end:]...)
	}
	return string(b)
}

func cutText(s string) string { return cutShown(s, len(s)) }

// cutShown bounds a text that stands for total bytes.
func cutShown(s string, total int) string {
	if len(s) <= maxLogBody {
		return s
	}
	end := maxLogBody
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "... (" + strconv.Itoa(total) + " bytes in all)"
}
