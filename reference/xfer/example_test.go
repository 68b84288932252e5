package xfer_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

func Example() {
	var pipe xfer.XferPipe
	if err := pipe.Append('g'); err != nil {
		panic(err)
	}
	sent, err := pipe.OnPack(make([]byte, 10_000))
	fmt.Println(len(sent) < 100, err)

	got, err := pipe.OnUnpackLimit(sent, 10_000)
	fmt.Println(len(got), err)

	_, err = pipe.OnUnpackLimit(sent, 9_999)
	fmt.Println(errors.Is(err, xfer.ErrExceedLimit))
	// Output:
	// true <nil>
	// 10000 <nil>
	// true
}

// reverse is a filter of one's own. Its output is as long as its input, so it
// needs no xfer.Bounded.
type reverse struct{}

func (reverse) Id() byte                          { return 'R' }
func (reverse) OnPack(b []byte) ([]byte, error)   { return reversed(b), nil }
func (reverse) OnUnpack(b []byte) ([]byte, error) { return reversed(b), nil }

func reversed(b []byte) []byte {
	out := bytes.Clone(b) // the input must stay as it is
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

func ExampleRegistry() {
	mine := xfer.NewRegistry(xfer.Default())
	mine.Reg(reverse{})

	var pipe xfer.XferPipe
	if err := pipe.AppendFromRegistry(mine, 'R'); err != nil {
		panic(err)
	}
	sent, err := pipe.OnPack([]byte("abc"))
	fmt.Printf("%s %v\n", sent, err)
	// Output: cba <nil>
}
