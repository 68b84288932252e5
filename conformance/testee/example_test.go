package testee_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/testee"
)

// A testee in Go that has no decoder yet.
func ExampleServe() {
	in := strings.NewReader(`{"type":"hello","contract":1}` + "\n" + `{"type":"case","id":"wire/a-b-0001","run":1,"op":"decode"}` + "\n" + `{"type":"bye"}` + "\n")
	intro := testee.Introduction{Name: "mine", Protos: []string{"fast/1"}, Filters: []int{}}
	err := testee.Serve(in, os.Stdout, intro, func(q testee.Request) testee.Result {
		return testee.Result{Status: testee.StatusUnimplemented, Message: q.Op}
	})
	fmt.Println(err)
	// Output:
	// {"type":"hello","contract":1,"name":"mine","language":"","version":"","protos":["fast/1"],"filters":[]}
	// {"type":"result","id":"wire/a-b-0001","run":1,"status":"unimplemented","message":"decode"}
	// {"type":"bye"}
	// <nil>
}

func ExampleSplit() {
	fmt.Printf("%q\n", first(testee.Split(`node --trace 'my testee.js' a\ b`)))
	// Output: ["node" "--trace" "my testee.js" "a b"]
}

func first(words []string, _ error) []string { return words }
