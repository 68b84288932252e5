package spec_test

import (
	"fmt"

	"github.com/henrylee2cn/teleport/spec"
)

// A report quotes the sentence that an implementation broke.
func ExampleLookup() {
	r, ok := spec.Lookup("TP-FRAME-003")
	if !ok {
		fmt.Println("no such requirement")
		return
	}
	fmt.Println(r.ID, r.Level, r.Chapter)
	fmt.Println(r.Text)
	// Output:
	// TP-FRAME-003 MUST 05-framing.md
	// A receiver MUST reject a size smaller than 6 with class `length` (stage frame, offset 0).
}

// The text has no problems in any released version.
func ExampleCheck() {
	for _, p := range spec.Check() {
		fmt.Println(p.Error())
	}
	// Output:
}
