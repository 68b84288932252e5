package report

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text that came from elsewhere safe to show: control characters (of which a terminal takes orders),
// those that turn the direction of text around, and bytes that are no UTF-8 become \x1b or \u202e. Tabs and
// line ends stay.
func clean(s string) string {
	if !strings.ContainsFunc(s, hidden) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r) && r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case hidden(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func hidden(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == '\ufffe' || r == '\uffff'
}

// oneLine cleans s and makes it one line.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// lines cleans s and cuts it into lines, without empty ones at the end.
func lines(s string) []string { return strings.Split(strings.TrimRight(clean(s), "\n"), "\n") }

func writeIndented(b *bytes.Buffer, s, indent string) {
	for _, l := range lines(s) {
		fmt.Fprintf(b, "%s%s\n", indent, l)
	}
}
