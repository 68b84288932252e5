package attack

import "context"

// Subject is what is attacked. It is used from one goroutine at a time.
type Subject interface {
	// Name is the name of the target, for reports.
	Name() string
	// Try runs one input, which it must neither change nor keep.
	Try(ctx context.Context, data []byte) Outcome
	// Close frees what the subject holds. It is not called for a subject that hangs.
	Close() error
}

// Outcome is what came of one input.
type Outcome struct {
	// Shape is the signature of the outcome: verdict, class, stage, shape of the packets. An input whose shape was not
	// seen before is kept and changed further.
	Shape string
	// Fault is what is wrong, nil where nothing is.
	Fault *Fault
	// Err, where set, says that the attack cannot go on.
	Err error
}

// Kind is a kind of fault.
type Kind string

// The kinds.
const (
	KindWrong   Kind = "wrong"   // another answer than the standard's
	KindPanic   Kind = "panic"   // the code panicked, or the process of the testee ended
	KindHang    Kind = "hang"    // no answer in time
	KindGarbage Kind = "garbage" // an answer that is none by the contract
)

// Fault is something wrong with the outcome of one input.
type Fault struct {
	Kind Kind
	// Detail says what was expected and what came, for people.
	Detail string
	// Cause tells faults apart: two inputs with the same cause are one crasher. See Key.
	Cause string
}

// Key is the kind and the cause with numbers and quoted text left out.
func (f *Fault) Key() string {
	cause := f.Cause
	if cause == "" {
		cause = f.Detail
	}
	return string(f.Kind) + ": " + normal(cause)
}

// normal keeps the words of the first line of a message: quoted text goes, runs of hex digits and numbers become one #.
func normal(s string) string {
	const most = 100
	var out []byte
	quoted := false
	for i := 0; i < len(s) && len(out) < most && s[i] != '\n'; i++ {
		c := s[i]
		switch {
		case c == '"' && (i == 0 || s[i-1] != '\\'):
			quoted = !quoted
		case quoted:
		case c >= '0' && c <= '9':
			if len(out) == 0 || out[len(out)-1] != '#' {
				out = append(out, '#')
			}
		case c == ' ' && len(out) > 0 && out[len(out)-1] == '#' && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
