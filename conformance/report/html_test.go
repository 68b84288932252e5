package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

func TestHTML_NeedsNothingElse(t *testing.T) {
	for name, write := range map[string]func(*Document, *bytes.Buffer) error{
		"a report":   func(d *Document, b *bytes.Buffer) error { return d.HTML(b) },
		"a contrast": func(d *Document, b *bytes.Buffer) error { return compared(d).HTML(b) },
	} {
		out := string(form(t, write))
		if found := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9.-]+\.[a-z]|@import|url\(|<link|<img|<iframe|src=|ZgotmplZ`).FindAllString(out, -1); len(found) > 0 {
			t.Errorf("%s names something outside of itself, or was refused by the template: %q", name, found)
		}
		for _, bad := range []string{"<b>&", "\"quoted\"</", "\x1b", "\x00"} {
			if strings.Contains(out, bad) {
				t.Errorf("%s holds %q unescaped", name, bad)
			}
		}
	}
}

func TestHTML_ShowsWhatACaseHas(t *testing.T) {
	out := string(form(t, func(d *Document, b *bytes.Buffer) error { return d.HTML(b) }))
	for _, part := range []string{
		"<title>Does not conform: conformance of a Proto", "Pack MUST write exactly once for a packet", "Expected against got: the frame", "<mark>07</mark>", "<mark>08</mark>",
		`<span class="fd f3">seq</span>`, "→ sent", "← received", "3 pieces", fmt.Sprintf("%d bytes more", 5000-len(nasty)), "Stale entries of lists", "known failure", "flaky: passed in run 2", `data-v="hang"`, "1.50 s", "2026-01-02 03:04 UTC",
	} {
		if !strings.Contains(out, part) {
			t.Errorf("%q is not on the page", part)
		}
	}
}

// TestHTML_StaysSmall has 3,000 cases, 300 of which fail with all the bytes that a case can keep.
func TestHTML_StaysSmall(t *testing.T) {
	r := &runner.Report{Target: "many", Traced: true}
	piece := bytes.Repeat([]byte{0xab}, 4096)
	for i := range 3000 {
		result := runner.Result{Case: fmt.Sprintf("wire/case-%04d", i), Chapter: "06 fast/1", Title: strings.Repeat("title ", 12), Requirements: []string{"TP-FAST-001", "TP-FRAME-016"},
			Level: runner.MUST, Verdict: runner.Pass, Duration: time.Millisecond}
		if i%10 == 0 {
			result.Verdict, result.Detail = runner.Fail, "expected\ngot"
			for range 64 {
				result.Trace = append(result.Trace, runner.TraceEntry{Dir: runner.Sent, Bytes: piece, Len: len(piece)})
			}
			result.Diffs = []runner.Diff{{What: "x", Expected: piece, Got: piece[1:], ExpectedLen: 4096, GotLen: 4095}}
		}
		r.Add(result)
	}
	var b bytes.Buffer
	if err := New(r).HTML(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 4<<20 || b.Len() < 1<<20 {
		t.Errorf("the page has %d bytes", b.Len())
	}
	if !strings.Contains(b.String(), "in the JSON report only") {
		t.Error("nothing says that bytes were left out")
	}
}

func TestFrames_NamesWhatIsThere(t *testing.T) {
	frame := []byte("\x00\x00\x00\x1ff\x00\x00\x00\x00\x00\x00\x00\x00\x07\x01\x00\x00\x00\x02/a\x00\x00\x00\x03k=vshi")
	names := func(b []byte) string {
		var out []string
		for _, f := range Frames(b) {
			if f.At < 0 || f.Len <= 0 || f.At+f.Len > len(b) {
				t.Errorf("%+v is not within %d bytes", f, len(b))
			}
			out = append(out, f.Name)
		}
		return strings.Join(out, ",")
	}
	const whole = "size,protocol id,filter count,seq,type,uri length,uri,metadata length,metadata,body codec,body"
	if got := names(frame); got != whole {
		t.Errorf("got %s", got)
	}
	if got := names(append(bytes.Clone(frame), frame[:7]...)); got != whole+",#2 size,#2 protocol id,#2 filter count,#2 seq (cut)" {
		t.Errorf("two frames, one cut: %s", got)
	}
	for n := range frame {
		names(frame[:n])
	}
	if got := names([]byte("\x00\x00\x00\x09f\x01gabc")); got != "size,protocol id,filter count,filter ids,payload" {
		t.Errorf("behind a pipe: %s", got)
	}
	if got := names([]byte("GET / HTTP/1.1")); got != "" {
		t.Errorf("no frame: %s", got)
	}
}
