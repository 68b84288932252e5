package tp

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lineHandler is the default slog handler: one line a record, in the form that
// Teleport v3 had: [2006/01/02 15:04:05.000] [INFO] text <file.go:12>.
// It needs no lock: a record is one Write, and out is an *os.File.
type lineHandler struct {
	out    io.Writer
	level  slog.Leveler
	attrs  string // already formatted, from WithAttrs
	prefix string // of keys, from WithGroup
}

func (h *lineHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level.Level() }

func (h *lineHandler) Handle(_ context.Context, r slog.Record) error {
	b := make([]byte, 0, 128+len(r.Message))
	b = append(b, '[')
	b = r.Time.AppendFormat(b, "2006/01/02 15:04:05.000")
	b = append(b, "] ["...)
	name := levelName(r.Level)
	b = append(b, name[:min(4, len(name))]...)
	b = append(b, "] "...)
	b = append(b, strings.TrimRight(r.Message, "\n")...) // the place comes on the last line with text
	b = append(b, h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		b = h.appendAttr(b, a)
		return true
	})
	if r.PC != 0 {
		f, _ := runtime.CallersFrames([]uintptr{r.PC}).Next()
		b = append(b, " <"...)
		b = append(b, filepath.Base(f.File)...)
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(f.Line), 10)
		b = append(b, '>')
	}
	_, err := h.out.Write(append(b, '\n'))
	return err
}

func (h *lineHandler) appendAttr(b []byte, a slog.Attr) []byte {
	b = append(b, ' ')
	b = append(b, h.prefix...)
	b = append(b, a.Key...)
	b = append(b, '=')
	return strconv.AppendQuote(b, a.Value.Resolve().String())
}

func (h *lineHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	b := []byte(h.attrs)
	for _, a := range attrs {
		b = h.appendAttr(b, a)
	}
	c.attrs = string(b)
	return &c
}

func (h *lineHandler) WithGroup(name string) slog.Handler {
	c := *h
	if name != "" {
		c.prefix += name + "."
	}
	return &c
}

// logText makes text that came from the other side safe for a log line:
// control characters and bytes that are not UTF-8 are shown as escapes, so
// that nobody can forge a line or drive a terminal.
func logText(s string) string {
	clean := true
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
			q := strconv.Quote(s[i : i+n])
			b.WriteString(q[1 : len(q)-1])
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}
