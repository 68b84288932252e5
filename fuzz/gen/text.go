package gen

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/leanovate/gopter"
)

// textEdges are texts that somebody somewhere gets wrong.
var textEdges = []string{
	"a", "Z", "0", " ", "  a ", "&", "=", "%", "%41", "%zz", "%4", "%%41", "+", "a+b", "~", ";", "#", "?", "/", "*-._", "a=b&c=d",
	"\"", `\`, `\u0041`, "<>&'", "null", "{}", "é", "日本", "\U0001F600", "\u2028", "e\u0301", "\uFFFD", "A", "true", "0.0",
}

// byteEdges are byte strings that are no text.
var byteEdges = []string{
	"\x00", "\xff", "\xff\xfe", "\xc3", "\xc3(", "\xe6\x97", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "\x80",
	"\x01\x1f\x7f", "\r\n\t", "a\x00b", "\x00\x00\x00\x00", "\xef\xbb\xbf", "\x1b[0m", "\xff\xff\xff\xff",
}

// letters is what short strings are made of: few letters, so that they collide, and all that has a meaning.
var letters = []rune("aaabbAB01 &=%+;/?#~.-\"\\é日")

// text draws a text of at most max bytes: valid UTF-8 of printable characters and spaces.
func (d draw) text(max int) string {
	switch d.Intn(8) {
	case 0:
		return ""
	case 1, 2:
		return clip(of(d, textEdges...), max)
	case 3:
		return clip(strings.Repeat(of(d, "a", "é", "%", "&"), d.upTo(200)), max)
	}
	var b strings.Builder
	for range d.upTo(12) {
		b.WriteRune(of(d, letters...))
	}
	return clip(b.String(), max)
}

// bytes draws a byte string of at most max bytes; a third of them are texts.
func (d draw) bytes(max int) string {
	switch d.Intn(9) {
	case 0:
		return clipBytes(of(d, byteEdges...), max)
	case 1:
		return clipBytes(of(d, textEdges...)+of(d, byteEdges...), max)
	case 2:
		return clipBytes(strings.Repeat(string([]byte{byte(d.Intn(256))}), d.upTo(200)), max)
	case 3, 4, 5:
		return d.text(max)
	}
	b := make([]byte, min(d.upTo(of(d, 4, 40, 300)), max))
	d.Read(b)
	return string(b)
}

// clip shortens a text to at most max bytes, whole characters.
func clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}

func clipBytes(s string, max int) string { return s[:min(len(s), max)] }

// isText tells whether a string is valid UTF-8 of printable characters and spaces.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != '\u2028' })
}

// shrinkString gives shorter strings, then such with more letters a. What was a text stays one.
func shrinkString(s string) (out shrinks[string]) {
	text := isText(s)
	at := []int{} // where the characters of a text, or the bytes, begin, and the end
	for i := range len(s) + 1 {
		if !text || i == len(s) || utf8.RuneStart(s[i]) {
			at = append(at, i)
		}
	}
	pieces := runs(len(at) - 1)
	for i, r := range pieces {
		pieces[i] = [2]int{at[r[0]], at[r[1]]}
	}
	for _, r := range pieces {
		out.add(true, func() string { return s[:r[0]] + s[r[1]:] })
	}
	for _, r := range pieces {
		plain := strings.Repeat("a", r[1]-r[0])
		out.add(s[r[0]:r[1]] != plain, func() string { return s[:r[0]] + plain + s[r[1]:] })
	}
	return out
}

// Texts generates strings of valid UTF-8 and printable characters, of at most max bytes.
func Texts(max int) gopter.Gen {
	return generator(func(d draw) string { return d.text(max) }, shrinkString)
}

// Strings generates strings of any bytes, of at most max bytes. A third of them are texts.
func Strings(max int) gopter.Gen {
	return generator(func(d draw) string { return d.bytes(max) }, shrinkString)
}
