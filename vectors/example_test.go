package vectors_test

import (
	"fmt"

	"github.com/henrylee2cn/teleport/vectors"
)

func Example() {
	c, err := vectors.ByID("frame-proto-0001")
	if err != nil {
		panic(err)
	}
	fmt.Println(c.Comment)
	fmt.Printf("a decoder must answer: %s, stage %s, offset %d\n", c.Error, c.Stage, *c.Offset)
	// Output:
	// The protocol id is 0, not 102.
	// a decoder must answer: version, stage frame, offset 4
}
