package fast_test

import (
	"bytes"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

func Example() {
	var stream bytes.Buffer // a connection
	proto := fast.New(&stream)

	out := packet.NewPacket(
		packet.WithPtype(packet.TypePush),
		packet.WithUri("/push/test?tag=from home-test"),
		packet.WithBodyCodec('s'),
		packet.WithBody("hi"),
	)
	if err := proto.Pack(out); err != nil {
		panic(err)
	}
	fmt.Printf("%d bytes: %x...\n", out.Size(), stream.Bytes()[:16])

	var in packet.Packet
	if err := proto.Unpack(&in); err != nil {
		panic(err)
	}
	var body string
	err := in.Bind(&body)
	fmt.Println(packet.TypeText(in.Ptype()), in.Uri(), body, err)

	fmt.Println(proto.Unpack(&in))
	// Output:
	// 55 bytes: 00000037660000000000000000000300...
	// PUSH /push/test?tag=from home-test hi <nil>
	// EOF
}

func ExampleProto_FrameLen() {
	framer := fast.New(nil).(packet.Framer)
	frame, err := framer.AppendFrame(nil, packet.NewPacket(packet.WithUri("/a")))
	fmt.Println(len(frame), err)

	for _, have := range []int{3, 5, 6, 26} {
		n, err := framer.FrameLen(nil, frame[:have])
		fmt.Println(have, "bytes:", n, err)
	}
	_, err = framer.FrameLen(nil, []byte{0, 0, 0, 3})
	fmt.Println(err)
	// Output:
	// 26 <nil>
	// 3 bytes: 0 <nil>
	// 5 bytes: 0 <nil>
	// 6 bytes: 26 <nil>
	// 26 bytes: 26 <nil>
	// packet: unpack: length at byte 0 of the frame: the size field says 3, the least is 6
}
