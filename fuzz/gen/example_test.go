package gen_test

import (
	"bytes"
	"fmt"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"

	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// A property of one's own: the uri survives. Beside it one that does not hold, and what is left of the packet that
// breaks it.
func ExamplePackets() {
	through := func(in gen.Packet) gen.Packet {
		var stream bytes.Buffer
		x, out := fast.New(&stream), packet.NewPacket()
		if x.Pack(in.New(nil)) != nil || x.Unpack(out) != nil {
			return gen.Packet{}
		}
		return gen.Read(out)
	}
	packets := gen.Packets(gen.Profile{MaxBody: 1000})
	parameters := gopter.DefaultTestParametersWithSeed(1)

	r := prop.ForAll(func(in gen.Packet) bool { return through(in).Uri == in.Uri }, packets).Check(parameters)
	fmt.Println("the uri survives:", r.Passed())
	r = prop.ForAll(func(in gen.Packet) bool { return len(through(in).Uri) <= 3 }, packets).Check(parameters)
	fmt.Println("uris are short:", r.Passed(), r.Args[0].Arg)
	// Output:
	// the uri survives: true
	// uris are short: false {seq 0, ptype 0, uri "aaaa", codec 0}
}
