package properties_test

import (
	"fmt"

	"github.com/henrylee2cn/teleport/fuzz/properties"
)

// A Proto of one's own (a packet is a line of JSON), and the same with one thing broken. In a test, one line does it:
// properties.Proto(t, newLines).
func ExampleCheck() {
	for _, pf := range []struct {
		name  string
		fault string
	}{{"lines", ""}, {"lines that end quietly", "end"}} {
		results, err := properties.Check(linesWith(false, pf.fault), properties.WithTests(50), properties.WithSeed(1))
		if err != nil {
			fmt.Println(err)
			return
		}
		broken := 0
		for _, r := range results {
			if !r.OK() {
				broken++
				fmt.Println(pf.name, "break the law:", r.Law)
			}
		}
		fmt.Println(pf.name, "keep all others:", broken < len(results))
	}
	// Output:
	// lines keep all others: true
	// lines that end quietly break the law: cut
	// lines that end quietly keep all others: true
}
