package vectorgen_test

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/vectorgen"
	"github.com/henrylee2cn/teleport/vectors"
)

// All that an [vectorgen.Implementation] has to pass is vectorgen.Check(vectorgen.Options{Others: ...}); this is one case of it.
func ExampleJudge() {
	c, err := vectors.ByID("gzip-bomb-0001")
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Comment)
	fmt.Println("oracle:", vectorgen.Judge(&c, vectorgen.Oracle(), nil))
	// Output:
	// 32 MiB against the default limit of 4 MiB.
	// oracle: <nil>
}
