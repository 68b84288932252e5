package codec_test

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/reference/codec"
)

// upper is a codec of one's own: strings that travel in upper case.
type upper struct{}

func (upper) Id() byte     { return 'U' }
func (upper) Name() string { return "upper" }

func (upper) Marshal(v any) ([]byte, error) {
	s, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("upper: cannot encode %T", v)
	}
	return []byte(strings.ToUpper(s)), nil
}

func (upper) Unmarshal(data []byte, v any) error {
	s, ok := v.(*string)
	if !ok {
		return fmt.Errorf("upper: cannot decode into %T", v)
	}
	*s = strings.ToLower(string(data))
	return nil
}

func Example() {
	c, err := codec.GetByName("json")
	if err != nil {
		panic(err)
	}
	b, err := c.Marshal(map[string]string{"q": "a&b"})
	fmt.Println(string(b), err)
	// Output: {"q":"a\u0026b"} <nil>
}

func ExampleRegistry() {
	// A registry of a peer's own, over the one of the process.
	mine := codec.NewRegistry(codec.Default())
	mine.Reg(upper{})

	c, _ := mine.Get('U')
	b, _ := c.Marshal("hi")
	fmt.Println(string(b))

	_, err := codec.Get('U')
	fmt.Println(err)
	// Output:
	// HI
	// codec: no codec with id 85 is registered
}
