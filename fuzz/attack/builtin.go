package attack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/fuzz"
)

// Builtin makes a target of package fuzz a subject. Panics of the code under attack are faults; what ends the whole
// process (a stack that overflows, memory that runs out) is not survived.
func Builtin(t fuzz.Target) Subject { return builtin{t} }

type builtin struct{ target fuzz.Target }

func (b builtin) Name() string { return b.target.Name }

func (b builtin) Close() error { return nil }

// Try runs the target. The shape is what the oracle, not the code under attack, says of the input.
func (b builtin) Try(_ context.Context, data []byte) Outcome {
	out := Outcome{Shape: shapeOf(b.target.Name, data)}
	err := b.target.Check(data)
	if err == nil {
		return out
	}
	out.Fault = &Fault{Kind: KindWrong, Detail: err.Error()}
	if f, ok := errors.AsType[*fuzz.Finding](err); ok {
		out.Fault.Detail, out.Fault.Cause = strings.Join(f.Reports, "\n"), strings.Join(f.Reports, " ")
		if f.Panic != nil {
			out.Fault.Kind = KindPanic
			out.Fault.Detail = fmt.Sprintf("panic: %v\n%s", f.Panic, f.Stack)
			out.Fault.Cause = fmt.Sprintf("%v %s", f.Panic, place(f.Stack))
		}
	}
	return out
}

// place is the first function of this module in a stack behind the panic itself, its file and line not counted: they
// would tell one cause from itself after an edit.
func place(stack string) string {
	_, below, ok := strings.Cut(stack, "\npanic(")
	if !ok {
		below = stack
	}
	for line := range strings.Lines(below) {
		if at := strings.Index(line, "henrylee2cn/teleport/"); at == len("github.com/") {
			name, _, _ := strings.Cut(line[at+len("henrylee2cn/teleport/"):], "(0x")
			return "in " + strings.TrimSpace(name)
		}
	}
	return ""
}
