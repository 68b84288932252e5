package report

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// Hex is bytes that JSON holds as a string of hex digits.
type Hex []byte

// MarshalText gives lower-case hex.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText reads hex in either case.
func (h *Hex) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("bytes in hex: %w", err)
	}
	*h = b
	return nil
}

// JSON writes the report as one JSON document of format 1; report.schema.json ([Schema]) has every member:
//
//	{"format":1,"target":..,"ok":..,"outcome":..,"standard":..,"suite":..,"started":..,"seconds":..,
//	 "totals":{"must":{..},"should":{..},"known":..,"flaky":..,"chapters":[..]},"requirements":{..},
//	 "cases":[{"id":..,"requirements":[..],"level":..,"verdict":..,"detail":..,"ms":..,"chapter":..,"title":..,..}]}
//
// Cases are sorted by id, so two runs with the same verdicts differ in times only. The error is w's.
func JSON(w io.Writer, r *runner.Report) error { return New(r).JSON(w) }

// JSON writes the document as JSON; [Read] reads it. The error is w's.
func (d *Document) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(d)
}
