package runner_test

import (
	"context"
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

func ExampleRun() {
	cases := []runner.Case{{
		ID: "demo/sorted", Requirements: []string{"TP-META-001"}, Title: "the order is kept",
		Run: func(_ context.Context, t *runner.T) { t.Errorf("expected %q, got %q", "a b", "b a") },
	}, {
		ID: "demo/crash", Requirements: []string{"TP-META-011"}, Title: "nothing crashes",
		Run: func(_ context.Context, t *runner.T) {
			t.Call("the code under test", func() { panic("out of range") })
		},
	}}
	r := runner.Run(context.Background(), cases, runner.Options{Target: "a demo"})
	for _, result := range r.Results {
		fmt.Println(result.Case, result.Verdict)
	}
	fmt.Println("conforms:", r.OK())
	// Output:
	// demo/crash panic
	// demo/sorted fail
	// conforms: false
}
