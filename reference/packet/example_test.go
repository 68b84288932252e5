package packet_test

import (
	"fmt"

	"github.com/henrylee2cn/teleport/reference/packet"
)

func Example() {
	p := packet.GetPacket(
		packet.WithPtype(packet.TypePush),
		packet.WithUri("/push/test?tag=a"),
		packet.WithSetMeta("trace", "4 2"),
		packet.WithBodyCodec('j'),
		packet.WithBody(map[string]int{"n": 1}),
	)
	defer packet.PutPacket(p)

	body, err := p.MarshalBody()
	fmt.Println(packet.TypeText(p.Ptype()), p.Uri(), p.Meta(), string(body), err)
	// Output: PUSH /push/test?tag=a trace=4%202 {"n":1} <nil>
}

func ExamplePacket_Bind() {
	p := packet.NewPacket(packet.WithBodyCodec('j'))
	p.SetRawBody([]byte(`{"n":1}`), 18) // what a Proto's Unpack does

	var args struct{ N int }
	fmt.Println(p.Bind(&args), args.N)

	var wrong int
	err := p.Bind(&wrong)
	fmt.Println(packet.ClassOf(err))
	// Output:
	// <nil> 1
	// body
}

func ExampleMeta() {
	var m packet.Meta
	m.Parse("k=1&k=2&plus=a+b")
	m.Set("k", "9")
	m.Add("empty", "")
	m.VisitAll(func(key, value []byte) { fmt.Printf("%s=%q\n", key, value) })
	fmt.Println(&m)
	// Output:
	// k="9"
	// k="2"
	// plus="a b"
	// empty=""
	// k=9&k=2&plus=a%20b&empty
}

func ExampleEnv() {
	env := &packet.Env{Limits: packet.Limits{MaxPacket: 64 << 10}}
	p := packet.NewPacket(packet.WithEnv(env))
	fmt.Println(p.Env().Limit().MaxPacket, p.Env().Limit().MaxMetaPairs)
	// Output: 65536 1024
}
