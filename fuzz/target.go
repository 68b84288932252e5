package fuzz

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
)

// MaxInput is the most bytes of one input that a target looks at; longer ones are passed over. It keeps a fuzzer from
// spending its time on long inputs: everything that the targets' own limits allow fits into less.
const MaxInput = 16 << 10

// Reporter is where a target says what is wrong. *testing.T is one.
//
// Fatalf must not return: it ends the goroutine, as that of *testing.T does, or panics.
type Reporter interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Target is one thing to attack, with the oracle that judges it. It is safe for concurrent use.
type Target struct {
	// Name is the name of the target, such as DecodeFast. Its native fuzz test is FuzzDecodeFast.
	Name string
	// About says in one line what is attacked and what it is held against.
	About string
	// Seeds gives inputs to begin with, in memory of their own, always the same ones in the same order.
	Seeds func() [][]byte
	// Run judges one input and reports what is wrong; it never changes data. Inputs over MaxInput are passed over.
	Run func(t Reporter, data []byte)
}

// Targets gives every target, in the order of the names of the documentation.
func Targets() []Target {
	out := allTargets()
	for i := range out {
		run := out[i].Run
		out[i].Run = func(t Reporter, data []byte) {
			t.Helper()
			if len(data) <= MaxInput {
				run(t, data)
			}
		}
	}
	return out
}

// ByName gives the target with that name; ok is false where there is none.
func ByName(name string) (target Target, ok bool) {
	for _, t := range Targets() {
		if t.Name == name {
			return t, true
		}
	}
	return Target{}, false
}

// Fuzz seeds f with the target's seeds and fuzzes.
//
//	func FuzzDecodeFast(f *testing.F) { target.Fuzz(f) }
func (t Target) Fuzz(f *testing.F) {
	f.Helper()
	for _, seed := range t.Seeds() {
		if len(seed) <= MaxInput {
			f.Add(seed)
		}
	}
	f.Fuzz(func(tt *testing.T, data []byte) { t.Run(tt, data) })
}

// Finding is what a target found wrong with one input.
type Finding struct {
	// Target is the name of the target.
	Target string
	// Reports are the messages, in order.
	Reports []string
	// Panic is what the code under attack panicked with, nil where it did not; Stack is where.
	Panic any
	Stack string
}

// Error gives all of it.
func (e *Finding) Error() string {
	s := e.Target + ":"
	for _, r := range e.Reports {
		s += " " + r
	}
	if e.Panic != nil {
		s += fmt.Sprintf(" panic: %v\n%s", e.Panic, e.Stack)
	}
	return s
}

// Check judges one input without package testing's help: nil, or a *Finding. A panic of the code under attack is a
// finding, too.
func (t Target) Check(data []byte) error {
	c := &collector{target: t.Name}
	done := make(chan struct{})
	go func() { // ends with Run; Fatalf ends it earlier
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				c.panic, c.stack = v, string(debug.Stack())
			}
		}()
		t.Run(c, data)
	}()
	<-done
	if len(c.reports) == 0 && c.panic == nil {
		return nil
	}
	return &Finding{Target: c.target, Reports: c.reports, Panic: c.panic, Stack: c.stack}
}

// collector keeps what is reported. Only the goroutine of Check writes to it.
type collector struct {
	target  string
	reports []string
	panic   any
	stack   string
}

func (*collector) Helper()             {}
func (*collector) Logf(string, ...any) {}
func (c *collector) Errorf(format string, args ...any) {
	c.reports = append(c.reports, fmt.Sprintf(format, args...))
}
func (c *collector) Fatalf(format string, args ...any) {
	c.Errorf(format, args...)
	runtime.Goexit()
}
