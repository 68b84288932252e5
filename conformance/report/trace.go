package report

import (
	"bytes"
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// Trace writes the bytes that went between the suite and the target in one case, for people: what was sent and
// what was received, a field a line where the bytes are frames of the standard. The error is w's.
func Trace(w io.Writer, result runner.Result) error {
	var b bytes.Buffer
	writeTrace(&b, newCase(result), "")
	_, err := w.Write(b.Bytes())
	return err
}

func writeTrace(b *bytes.Buffer, c Case, indent string) {
	if len(c.Trace) == 0 {
		fmt.Fprintf(b, "%sno bytes were recorded\n", indent)
	}
	for i, p := range c.Trace {
		arrow, word := "->", "sent"
		if p.Dir == runner.Received {
			arrow, word = "<-", "received"
		}
		fmt.Fprintf(b, "%s%s %d. %s %d bytes", indent, arrow, i+1, word, p.Len)
		if p.Note != "" {
			fmt.Fprintf(b, ": %s", oneLine(p.Note))
		}
		b.WriteByte('\n')
		writeIndented(b, HexDump(p.Bytes, fields(p.Fields)), indent)
		if p.Len > len(p.Bytes) {
			fmt.Fprintf(b, "%s  ... %d bytes more\n", indent, p.Len-len(p.Bytes))
		}
	}
	if c.Untraced > 0 {
		fmt.Fprintf(b, "%s... %d pieces more, which were not recorded\n", indent, c.Untraced)
	}
}
