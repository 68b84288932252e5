package tptest

import (
	"testing"

	"go.uber.org/goleak"
)

// CheckLeaks fails the test if, when it ends, goroutines are left that were not
// there when CheckLeaks was called. It waits a moment for those that are about
// to end. Call it first, so that it looks last. A synctest bubble does not need
// it: the bubble itself fails when goroutines are left in it.
func CheckLeaks(t testing.TB, options ...goleak.Option) {
	t.Helper()
	options = append(options, goleak.IgnoreCurrent())
	t.Cleanup(func() {
		if !t.Failed() { // a failed test may well have left early
			goleak.VerifyNone(t, options...)
		}
	})
}

// CheckLeaksMain is for TestMain: it runs the tests of a package and fails if
// goroutines are left at the end. It does not return.
func CheckLeaksMain(m *testing.M, options ...goleak.Option) { goleak.VerifyTestMain(m, options...) }
