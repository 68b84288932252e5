package pb_test

import (
	"bytes"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
)

func Example() {
	var stream bytes.Buffer // a connection
	proto := pb.New(&stream)

	out := packet.NewPacket(packet.WithSeq(1), packet.WithPtype(packet.TypePush), packet.WithUri("/a"),
		packet.WithBodyCodec('s'), packet.WithBody("hi"))
	if err := proto.Pack(out); err != nil {
		panic(err)
	}
	fmt.Printf("% x\n", stream.Bytes())

	in := packet.NewPacket()
	if err := proto.Unpack(in); err != nil {
		panic(err)
	}
	fmt.Println(in.Uri(), string(in.RawBody()))
	// Output:
	// 00 00 00 14 70 00 08 01 10 03 1a 02 2f 61 28 73 32 02 68 69
	// /a hi
}
