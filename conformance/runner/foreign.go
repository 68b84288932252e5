package runner

import "fmt"

// Crashf ends the case with the verdict panic: code under test that runs elsewhere, as in a process of its own,
// crashed. Where it runs in this process, Call notices by itself.
func (t *T) Crashf(format string, args ...any) {
	t.mu.Lock()
	if t.panicked == "" {
		t.panicked = fmt.Sprintf(format, args...)
	}
	t.mu.Unlock()
	t.stop()
}

// Hangf ends the case with the verdict hang: code under test that runs elsewhere did not answer in time, and was
// stopped. Nothing is left running here.
func (t *T) Hangf(format string, args ...any) {
	t.mu.Lock()
	if t.hung == "" {
		t.hung = fmt.Sprintf(format, args...)
	}
	t.mu.Unlock()
	t.stop()
}
