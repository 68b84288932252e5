package tp

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// logLines is a slog.Handler that keeps "LEVEL text" of every record.
type logLines struct {
	mu    sync.Mutex
	lines []string
}

func (l *logLines) Enabled(context.Context, slog.Level) bool { return true }
func (l *logLines) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logLines) WithGroup(string) slog.Handler            { return l }
func (l *logLines) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, r.Level.String()+" "+r.Message)
	return nil
}

func (l *logLines) with(part string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, s := range l.lines {
		if strings.Contains(s, part) {
			out = append(out, s)
		}
	}
	return out
}

// captureLog keeps the log of one test; quiet throws it away.
func captureLog(t testing.TB) *logLines {
	l := new(logLines)
	SetLogger(slog.New(l))
	t.Cleanup(func() { SetLogger(nil) })
	return l
}

func quiet(t testing.TB) {
	SetLogger(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { SetLogger(nil) })
}

func TestLog_EachFunctionHasItsLevel(t *testing.T) {
	lines := captureLog(t)
	for name, f := range map[string]func(string, ...any){
		"ERROR+8": Printf, "ERROR+4": Criticalf, "ERROR": Errorf, "WARN": Warnf,
		"INFO+2": Noticef, "INFO": Infof, "DEBUG": Debugf, "DEBUG-4": Tracef,
	} {
		f("text of %s;", name)
		if got := lines.with("text of " + name + ";"); len(got) != 1 || got[0] != name+" text of "+name+";" {
			t.Errorf("%s logged %q", name, got)
		}
	}
}

func TestLog_DefaultLine(t *testing.T) {
	var buf bytes.Buffer
	SetLogger(slog.New(&lineHandler{out: &buf, level: LevelTrace}))
	t.Cleanup(func() { SetLogger(nil) })
	Warnf("hello %d", 7)
	want := `^\[\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{3}\] \[WARN\] hello 7 <log_test\.go:\d+>\n$`
	if !regexp.MustCompile(want).MatchString(buf.String()) {
		t.Errorf("line is %q, want the form %s", buf.String(), want)
	}
	buf.Reset()
	Logger().With("a", "1").WithGroup("g").Info("m", "b", "x y")
	if !strings.Contains(buf.String(), `m a="1" g.b="x y" <`) {
		t.Errorf("attributes are lost: %q", buf.String())
	}
}

func TestSetRawlogLevel_ByName(t *testing.T) {
	old := GetRawlogLevel()
	t.Cleanup(func() { SetRawlogLevel(old) })
	if old != "TRACE" {
		t.Errorf("default level %s, want TRACE", old)
	}
	if err := SetRawlogLevel("warning"); err != nil || GetRawlogLevel() != "WARNING" {
		t.Errorf("got %v, level %s", err, GetRawlogLevel())
	}
	if logEnabled(LevelNotice) || !logEnabled(LevelWarning) || !logEnabled(LevelPrint) {
		t.Error("the level has no effect")
	}
	if err := SetRawlogLevel("loud"); err == nil || GetRawlogLevel() != "WARNING" {
		t.Errorf("a wrong name gives %v", err)
	}
	if err := SetRawlogLevel("OFF"); err != nil || logEnabled(LevelPrint) {
		t.Errorf("OFF does not switch off: %v", err)
	}
}

func TestFatalf_GoesThroughTheExitFunction(t *testing.T) {
	lines := captureLog(t)
	code := -1
	SetExitFunc(func(c int) { code = c })
	t.Cleanup(func() { SetExitFunc(nil) })
	Fatalf("cannot %s", "go on")
	if code != 1 || len(lines.with("ERROR+4 cannot go on")) != 1 {
		t.Errorf("exit code %d, log %q", code, lines.lines)
	}
}

func TestPanicf_LogsAndPanics(t *testing.T) {
	lines := captureLog(t)
	defer func() {
		if r := recover(); r != "bad 1" || len(lines.with("bad 1")) != 1 {
			t.Errorf("panicked with %v, logged %q", r, lines.lines)
		}
	}()
	Panicf("bad %d", 1)
	t.Error("did not panic")
}

func TestLogText_EscapesWhatIsNotPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"/a b?世界": "/a b?世界", "a\nb": `a\nb`, "\x1b[2J": `\x1b[2J`, "\xff": `\xff`, "\u2028\u0085": `\u2028\u0085`,
		"\ufffd": "\ufffd", `back\slash`: `back\slash`,
	} {
		if got := logText(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

func BenchmarkLogOff(b *testing.B) {
	SetLogger(slog.New(&lineHandler{out: io.Discard, level: levelOff}))
	b.Cleanup(func() { SetLogger(nil) })
	for b.Loop() {
		logCall(&runlogConfig{}, callLog{kind: logPullHandle, uri: "/a"})
	}
}
