package socket_test

import (
	"context"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Packets over a connection, without sessions.
func ExampleNewConn() {
	near, far := tptest.Pipe() // any net.Conn

	c := socket.NewConn(near, nil, socket.Options{})
	p := socket.GetPacket(socket.WithPtype(packet.TypePush), socket.WithUri("/hello"),
		socket.WithBodyCodec('j'), socket.WithBody("world"))
	if _, err := c.WritePacket(context.Background(), p); err != nil {
		fmt.Println(err)
	}
	socket.PutPacket(p)
	c.Flush(context.Background()) // before Close: acceptance is not delivery
	c.Close()

	d := socket.NewConn(far, nil, socket.Options{})
	defer d.Close()
	in := socket.NewPacket()
	for {
		if err := d.ReadPacket(in); err != nil {
			fmt.Println(err)
			return
		}
		var s string
		err := in.Bind(&s) // before the next ReadPacket: the raw body is lent
		fmt.Println(in.Uri(), s, err)
	}
	// Output:
	// /hello world <nil>
	// EOF
}

// After a failed flush a Ticket tells which packets may be sent again.
func ExampleConn_Untouched() {
	near, _ := tptest.Pipe()
	near.Out().CutAfter(10, nil) // the connection dies inside the first frame

	c := socket.NewConn(near, nil, socket.Options{})
	defer c.Close()
	torn, err := c.WritePacket(context.Background(), socket.NewPacket(socket.WithUri("/first")))
	fmt.Println("first:", err != nil, c.Untouched(torn))
	late, err := c.WritePacket(context.Background(), socket.NewPacket(socket.WithUri("/second")))
	fmt.Println("second:", err != nil, c.Untouched(late))
	// Output:
	// first: true false
	// second: true true
}
