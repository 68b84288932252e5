package tptest_test

import (
	"context"
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/reference/tptest"
)

// A connection that breaks after three bytes, as seen from both ends.
func ExampleNewNetwork() {
	n := tptest.NewNetwork()
	l, _ := n.Listen("server:1")
	n.OnDial(func(client, server *tptest.Conn) { client.Out().CutAfter(3, nil) })

	client, _ := n.Dial(context.Background(), "server:1")
	server, _ := l.Accept()

	wrote, err := client.Write([]byte("hello"))
	fmt.Println(wrote, err)
	got, err := io.ReadAll(server)
	fmt.Printf("%s %v\n", got, err)
	// Output:
	// 3 write mem client:1->server:1: tptest: the connection was cut
	// hel <nil>
}
