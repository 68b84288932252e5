// Package runner runs conformance cases and gives each a verdict.
//
// A [Case] is a function with an id for ever, the requirement ids it tests, a level and the features it
// needs. [Run] selects cases, runs each in a goroutine of its own with a time limit, and collects a
// [Report]. The verdicts are kept apart with care, because they mean different work for different people:
//
//	pass           the implementation under test kept the clause
//	fail           it broke the clause
//	panic          it crashed: a crash is never counted as a rejection
//	hang           it did not come back within the time limit
//	harness-error  the judge itself is at fault: nothing is known about the implementation
//	skipped        the case does not apply, or was left out on request
//
// A case calls the code under test only through [T.Call] (or [T.Go] around it), which is how the runner
// tells a panic of the accused from a fault of the judge.
package runner
