package json_test

import (
	"bytes"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/json"
)

func Example() {
	var stream bytes.Buffer // a connection
	proto := json.New(&stream)

	out := packet.NewPacket(packet.WithSeq(7), packet.WithPtype(packet.TypePull), packet.WithUri("/echo"),
		packet.WithAddMeta("k", "v"), packet.WithBodyCodec('j'), packet.WithBody(map[string]int{"a": 1}))
	if err := proto.Pack(out); err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", stream.Bytes()[6:])

	in := packet.NewPacket()
	if err := proto.Unpack(in); err != nil {
		panic(err)
	}
	fmt.Println(in.Uri(), in.Meta(), string(in.RawBody()))
	// Output:
	// {"seq":"7","ptype":1,"uri":"/echo","meta":"k=v","body_codec":106,"body":"{\"a\":1}"}
	// /echo k=v {"a":1}
}
