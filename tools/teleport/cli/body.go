package cli

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// bodyFlags say what DATA is.
type bodyFlags struct {
	codec   string
	hexData bool
}

func (f *bodyFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.codec, "codec", "json", "the body codec: json, string or protobuf, or its letter")
	c.Flags().BoolVar(&f.hexData, "hex", false, "DATA is hex")
}

const dataHelp = `DATA is the body: JSON under --codec json, else text or, with --hex, bytes. @FILE takes it from a file,
- from standard input; without DATA the body is empty.`

// codecID takes a codec's name or the letter of its id.
func (f *bodyFlags) codecID() (byte, error) {
	find := codec.GetByName
	if len(f.codec) == 1 {
		find = func(name string) (codec.Codec, error) { return codec.Get(name[0]) }
	}
	c, err := find(f.codec)
	if err != nil {
		return 0, usagef("--codec: %w", err)
	}
	return c.Id(), nil
}

// body gives the bytes that DATA stands for.
func (f *bodyFlags) body(codecID byte, arg string, stdin io.Reader) ([]byte, error) {
	body := []byte(arg)
	switch {
	case arg == "-":
		b, err := io.ReadAll(io.LimitReader(stdin, maxInput))
		if err != nil {
			return nil, harnessf("reading standard input: %w", err)
		}
		body = b
	case strings.HasPrefix(arg, "@"):
		b, err := os.ReadFile(arg[1:])
		if err != nil {
			return nil, usagef("%w", err)
		}
		body = b
	}
	if f.hexData {
		b, err := parseHex(string(body))
		if err != nil {
			return nil, err
		}
		body = b
	}
	if codecID == codec.JSONId && !json.Valid(body) {
		return nil, failf("DATA is not JSON: %s (quote a string as '\"text\"', or use --codec string)", abridge(body))
	}
	return body, nil
}

func abridge(b []byte) string {
	if len(b) > 40 {
		return fmt.Sprintf("%q...", b[:40])
	}
	return fmt.Sprintf("%q", b)
}

// print shows a reply: its metadata, nil for none, and its body: indented JSON, text as it is, other bytes as hex.
func (f *bodyFlags) print(w io.Writer, codecID byte, meta *packet.Meta, body []byte) error {
	if meta != nil {
		meta.VisitAll(func(k, v []byte) { fmt.Fprintf(w, "%s: %s\n", k, v) })
	}
	var err error
	switch {
	case len(body) == 0:
	case codecID == codec.JSONId:
		var v json.RawMessage
		if json.Unmarshal(body, &v) != nil {
			_, err = fmt.Fprintf(w, "%s\n", body)
			break
		}
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(v)
	case codecID == codec.StringId:
		_, err = fmt.Fprintf(w, "%s\n", body)
	default:
		_, err = fmt.Fprintln(w, hex.EncodeToString(body))
	}
	if err != nil {
		return harnessf("writing: %w", err)
	}
	return nil
}

// oneLine shows a body in one line: compact JSON, text quoted where it has to be, other bytes as hex.
func oneLine(codecID byte, body []byte) string {
	switch codecID {
	case codec.JSONId:
		var b bytes.Buffer
		if json.Compact(&b, body) == nil {
			return b.String()
		}
		return printable(string(body))
	case codec.StringId:
		return printable(string(body))
	}
	return hex.EncodeToString(body)
}

// printable quotes a text that would not stay in its line, or that would do something to a terminal.
func printable(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s
	}
	return strconv.Quote(s)
}
