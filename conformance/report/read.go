package report

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

//go:embed report.schema.json
var schema []byte

// Schema gives the JSON Schema (2020-12) of the JSON report. The slice is the caller's.
func Schema() []byte { return slices.Clone(schema) }

// FormatError is a file that is no report, or not one that this version can read.
type FormatError struct {
	// Member is what is wrong, as "cases[3].verdict"; empty where the whole is no JSON.
	Member string
	// Offset is the byte at which reading JSON failed; 0 where it did not.
	Offset int64
	Err    error
}

func (e *FormatError) Error() string {
	switch {
	case e.Member != "":
		return fmt.Sprintf("not a conformance report: %s: %v", e.Member, e.Err)
	case e.Offset > 0:
		return fmt.Sprintf("not a conformance report: at byte %d: %v", e.Offset, e.Err)
	}
	return fmt.Sprintf("not a conformance report: %v", e.Err)
}

func (e *FormatError) Unwrap() error { return e.Err }

// maxReport bounds the size of a report that is read.
const maxReport = 1 << 28

var errLarge = fmt.Errorf("longer than %d bytes", maxReport)

// Read reads a report that JSON wrote, of this version or an earlier one of format 1; members that it does not
// know are passed over. Totals and outcome are held against the cases, so that a file cannot say one thing and
// hold another. An error is a *FormatError, or the reader's own.
func Read(r io.Reader) (*Document, error) {
	limited := &io.LimitedReader{R: r, N: maxReport + 1}
	dec := json.NewDecoder(limited)
	d := &Document{}
	if err := dec.Decode(d); err != nil {
		if limited.N == 0 {
			err = errLarge
		}
		return nil, jsonFault(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, &FormatError{Offset: dec.InputOffset(), Err: errors.New("more follows the document, expected one JSON object")}
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return d, nil
}

// jsonFault types an error of the JSON decoder; others are the reader's.
func jsonFault(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &FormatError{Offset: syntax.Offset, Err: err}
	}
	if typ, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &FormatError{Member: typ.Field, Offset: typ.Offset, Err: fmt.Errorf("expected %s, got a JSON %s", typ.Type, typ.Value)}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errLarge) {
		return &FormatError{Err: err}
	}
	return &FormatError{Err: err}
}

// check holds the document to what JSON writes.
func (d *Document) check() error {
	if d.Format != Format {
		return &FormatError{Member: "format", Err: fmt.Errorf("got %d, this version reads %d", d.Format, Format)}
	}
	if d.Cases == nil {
		return &FormatError{Member: "cases", Err: errors.New("missing, expected a list")}
	}
	for i := range d.Cases {
		if err := d.Cases[i].check(); err != nil {
			return &FormatError{Member: fmt.Sprintf("cases[%d].%s", i, err.Member), Err: err.Err}
		}
	}
	said := *d
	d.sum()
	switch {
	case said.OK != d.OK && d.judged(): // once, a run that judged nothing was called ok
		return &FormatError{Member: "ok", Err: fmt.Errorf("it says %v, its cases say %v", said.OK, d.OK)}
	case !maps.Equal(said.Totals.Must, d.Totals.Must):
		return &FormatError{Member: "totals.must", Err: fmt.Errorf("it says %v, its cases say %v", said.Totals.Must, d.Totals.Must)}
	case !maps.Equal(said.Totals.Should, d.Totals.Should):
		return &FormatError{Member: "totals.should", Err: fmt.Errorf("it says %v, its cases say %v", said.Totals.Should, d.Totals.Should)}
	}
	return nil
}

func (c *Case) check() *FormatError {
	switch {
	case c.ID == "":
		return &FormatError{Member: "id", Err: errors.New("missing")}
	case c.Level != runner.MUST && c.Level != runner.SHOULD:
		return &FormatError{Member: "level", Err: fmt.Errorf("got %q, expected MUST or SHOULD", c.Level)}
	case !slices.Contains(runner.Verdicts(), c.Verdict):
		return &FormatError{Member: "verdict", Err: fmt.Errorf("got %q, expected one of %q", c.Verdict, runner.Verdicts())}
	case c.Mark != "" && c.Mark != runner.MarkKnown && c.Mark != runner.MarkStale && c.Mark != runner.MarkFlaky:
		return &FormatError{Member: "mark", Err: fmt.Errorf("got %q", c.Mark)}
	}
	for i, diff := range c.Diffs {
		if diff.ExpectedLen < len(diff.Expected) || diff.GotLen < len(diff.Got) {
			return &FormatError{Member: fmt.Sprintf("diffs[%d]", i), Err: errors.New("a length is less than the bytes there are")}
		}
	}
	for i, p := range c.Trace {
		if p.Len < len(p.Bytes) || p.Dir != runner.Sent && p.Dir != runner.Received {
			return &FormatError{Member: fmt.Sprintf("trace[%d]", i), Err: fmt.Errorf("dir %q, len %d with %d bytes", p.Dir, p.Len, len(p.Bytes))}
		}
	}
	if c.Chapter == "" {
		c.Chapter = otherChapter
	}
	return nil
}
