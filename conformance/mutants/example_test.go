package mutants_test

import (
	"context"
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/mutants"
)

func ExampleRun() {
	var some []mutants.Mutant
	for _, m := range mutants.All() {
		if m.ID == "proto-two-writes" || m.ID == "proto-meta-plus-kept" {
			some = append(some, m)
		}
	}
	outcomes := mutants.Run(context.Background(), some, mutants.Options{})
	for _, o := range outcomes {
		fmt.Printf("%s (%s): %s by %s\n", o.Mutant.ID, o.Mutant.Fault, o.Fate, o.Mutant.KilledBy)
	}
	fmt.Println(mutants.Count(outcomes))
	// Output:
	// proto-meta-plus-kept (keeps a plus as it is): killed by wire/meta-recorded-decode-0033
	// proto-two-writes (writes a frame in two pieces): killed by proto/write-once
	// 2 mutants (2 proto): 2 killed; 3 requirements falsified
}
