package runner

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// maxFindings bounds how many findings of one case are kept: the first ones tell the story.
const maxFindings = 6

// T is what a running case reports through. All methods may be called from any goroutine of the case.
type T struct {
	options   Options
	abandoned int

	mu       sync.Mutex // guards all below
	findings []string
	dropped  int
	harness  []string
	panicked string
	hung     string // Hangf's; the case has ended all the same
	skipped  string
	stopped  bool           // the case left on purpose, through Fatalf, Skipf, Harnessf or a caught panic
	inside   map[string]int // what of the code under test is being called right now, and how often
	entered  []string       // the same in order of entry, for the report of a hang
	trace    []TraceEntry
	untraced int // entries that a full trace left out
	diffs    []Diff
	group    sync.WaitGroup // goroutines of Go
}

func newT(o Options, abandoned int) *T {
	return &T{options: o, abandoned: abandoned, inside: map[string]int{}}
}

// Long reports whether heavy cases should use their full counts (TELEPORT_LONG=1).
func (t *T) Long() bool { return t.options.Long }

// Without gives the features the run goes without, for cases that can do with less. Read only.
func (t *T) Without() []Feature { return t.options.Without }

// Abandoned gives how many earlier cases hang and still run in the background, so that a case that measures
// the process can decline to.
func (t *T) Abandoned() int { return t.abandoned }

// Errorf records a finding: the implementation broke the clause. The case goes on.
func (t *T) Errorf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.findings) == maxFindings {
		t.dropped++
		return
	}
	t.findings = append(t.findings, fmt.Sprintf(format, args...))
}

// Fatalf records a finding and ends the calling goroutine of the case.
func (t *T) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	t.stop()
}

// Skipf ends the case as skipped, unless something was found already.
func (t *T) Skipf(format string, args ...any) {
	t.mu.Lock()
	t.skipped = fmt.Sprintf(format, args...)
	t.mu.Unlock()
	t.stop()
}

// Harnessf ends the case with harness-error: the judge could not do its work, whatever the accused did.
func (t *T) Harnessf(format string, args ...any) {
	t.mu.Lock()
	t.harness = append(t.harness, fmt.Sprintf(format, args...))
	t.mu.Unlock()
	t.stop()
}

// Failed reports whether something was found so far.
func (t *T) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.findings) > 0 || t.panicked != ""
}

func (t *T) stop() {
	t.mu.Lock()
	t.stopped = true
	t.mu.Unlock()
	runtime.Goexit()
}

// Call runs f, which calls the code under test. A panic in f, or an end of the goroutine by runtime.Goexit,
// becomes the verdict `panic` and ends the calling goroutine; a time-out while f runs becomes `hang`. what
// names the call in the report.
func (t *T) Call(what string, f func()) {
	t.mu.Lock()
	t.inside[what]++
	t.entered = append(t.entered, what)
	t.mu.Unlock()
	done := false
	defer func() {
		var v any
		var stack []byte
		if !done {
			if v = recover(); v != nil {
				stack = debug.Stack()
			}
		}
		t.left(what)
		if done {
			return
		}
		t.mu.Lock()
		if v != nil && t.panicked == "" {
			t.panicked = fmt.Sprintf("%s panicked: %v\n%s", what, v, trim(stack))
		}
		if v == nil && !t.stopped { // not one of our own callbacks inside f that gave up
			t.panicked = what + " ended its goroutine (runtime.Goexit)"
		}
		t.stopped = true
		t.mu.Unlock()
		if v != nil {
			runtime.Goexit()
		}
	}()
	f()
	done = true
}

func (t *T) left(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inside[what]--
	for i := len(t.entered) - 1; i >= 0; i-- {
		if t.entered[i] == what {
			t.entered = append(t.entered[:i], t.entered[i+1:]...)
			return
		}
	}
}

// Go runs f in a goroutine of the case. A panic in f outside Call is a harness error. Wait waits for it.
func (t *T) Go(f func()) {
	t.group.Go(func() {
		defer t.caught()
		f()
	})
}

// Wait waits until all goroutines of Go have ended. When one of them stopped the case, so does Wait.
func (t *T) Wait() {
	t.group.Wait()
	t.mu.Lock()
	stopped := t.stopped
	t.mu.Unlock()
	if stopped {
		runtime.Goexit()
	}
}

// caught turns a panic of the judge's own code into a harness error.
func (t *T) caught() {
	if v := recover(); v != nil {
		stack := trim(debug.Stack())
		t.mu.Lock()
		t.harness = append(t.harness, fmt.Sprintf("the case itself panicked: %v\n%s", v, stack))
		t.mu.Unlock()
	}
}

// verdict sums up a case that has ended.
func (t *T) verdict(completed bool) (Verdict, string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.panicked != "":
		return Panic, t.panicked
	case t.hung != "":
		return Hang, t.hung
	case len(t.harness) > 0:
		return HarnessError, strings.Join(t.harness, "\n")
	case len(t.findings) > 0:
		detail := strings.Join(t.findings, "\n")
		if t.dropped > 0 {
			detail += fmt.Sprintf("\n(and %d more findings)", t.dropped)
		}
		return Fail, detail
	case t.skipped != "":
		return Skipped, t.skipped
	case !completed:
		return HarnessError, "the case ended its goroutine without a verdict"
	}
	return Pass, ""
}

// hanging sums up a case that did not end in time: hang only when the code under test had control.
func (t *T) hanging(limit string) (Verdict, string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.entered) == 0 {
		return HarnessError, "the case itself did not end within " + limit
	}
	calls := make([]string, 0, len(t.entered))
	for _, what := range t.entered {
		if len(calls) == 0 || calls[len(calls)-1] != what {
			calls = append(calls, what)
		}
	}
	return Hang, fmt.Sprintf("did not return within %s: %s", limit, strings.Join(calls, ", "))
}

// trim cuts a stack to what is worth reading: the frames from the panic on, a dozen of them.
func trim(stack []byte) string {
	lines := strings.Split(strings.TrimSpace(string(stack)), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "panic(") && i+2 < len(lines) {
			lines = lines[i+2:]
			break
		}
	}
	if len(lines) > 12 {
		lines = append(lines[:12], "...")
	}
	return strings.Join(lines, "\n")
}
