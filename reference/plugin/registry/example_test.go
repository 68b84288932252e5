package registry_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/registry"
)

// A server publishes its routes in a file, a client finds it there.
func Example() {
	tp.SetLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer tp.SetLogger(nil)
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "registry")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	reg := registry.NewFile(filepath.Join(dir, "services.json"), registry.FileOptions{})

	// The server.
	pub := registry.NewPublisher(reg, registry.PublisherOptions{})
	server := tp.NewPeer(tp.PeerConfig{}, pub)
	server.PullRouter.RegFunc("/sum", func(args *[2]int) (int, *tp.Rerror) { return args[0] + args[1], nil })
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	if lis, err = pub.Listener(ctx, lis); err != nil {
		panic(err)
	}
	served := make(chan error)
	go func() { served <- server.ServeListener(lis) }()

	// The client.
	client := tp.NewPeer(tp.PeerConfig{})
	d := registry.NewDialer(reg, client, registry.DialerOptions{})
	var sum int
	fmt.Println(d.Pull(ctx, "/sum", [2]int{1, 2}, &sum), sum)
	d.Close()
	client.Close()

	// The server ends, and is not listed any more.
	server.Close()
	fmt.Println(<-served == tp.ErrListenClosed)
	list, err := registry.Lookup(ctx, reg, "/sum")
	fmt.Println(len(list), err)
	// Output:
	// <nil> 3
	// true
	// 0 <nil>
}

func ExampleLookup() {
	reg := registry.NewStatic(
		registry.Entry{Service: "/sum", Addr: "10.0.0.7:9090"},
		registry.Entry{Service: "/sum", Addr: "10.0.0.6:9090"},
	)
	list, err := registry.Lookup(context.Background(), reg, "/sum")
	fmt.Println(list, err)
	// Output: [{/sum 10.0.0.6:9090} {/sum 10.0.0.7:9090}] <nil>
}

// Watch gives the list as it is, then each change.
func ExampleRegistry() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	reg := registry.NewStatic()
	for list, err := range reg.Watch(ctx, "/sum") {
		fmt.Println(len(list), err)
		if len(list) > 0 {
			break
		}
		if _, err := reg.Register(ctx, registry.Entry{Service: "/sum", Addr: "10.0.0.7:9090"}); err != nil {
			panic(err)
		}
	}
	// Output:
	// 0 <nil>
	// 1 <nil>
}
