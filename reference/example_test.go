package tp_test

import (
	"fmt"
	"net"
	"strings"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// connect makes two peers and a connection between them; programs use Listen
// and Dial.
func connect(server, client *tp.Peer) tp.Session {
	a, b := net.Pipe()
	server.ServeConn(a)
	sess, err := client.ServeConn(b)
	if err != nil {
		panic(err)
	}
	return sess
}

// Arith is a controller: its methods serve the pulls of /arith/...
type Arith struct{ tp.PullCtx }

// Div serves /arith/div.
func (a *Arith) Div(args *[2]int) (int, *tp.Rerror) {
	if args[1] == 0 {
		return 0, tp.NewRerror(1001, "division by zero", fmt.Sprintf("of %d", args[0]))
	}
	return args[0] / args[1], nil
}

func Example() {
	server, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	server.PullRouter.Reg(new(Arith))

	sess := connect(server, client)
	var quotient int
	rerr := sess.Pull("/arith/div", [2]int{42, 6}, &quotient, socket.WithXferPipe('g')).Rerror()
	fmt.Println(quotient, rerr == nil)
	fmt.Println(sess.Pull("/arith/div", [2]int{1, 0}, &quotient).Rerror())
	fmt.Println(sess.Pull("/nowhere", nil, nil).Rerror().Code == tp.CodeNotFound)
	// Output:
	// 7 true
	// {"code":1001,"message":"division by zero","detail":"of 1"}
	// true
}

func ExampleHandlePull() {
	server, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	type question struct{ Name string }
	tp.HandlePull(server.PullRouter, "/greet", func(ctx tp.PullCtx, q *question) (string, *tp.Rerror) {
		ctx.SetMeta("lang", string(ctx.GetMeta("lang")))
		return "Hello, " + q.Name, nil
	})

	var answer string
	cmd := connect(server, client).Pull("/greet", question{"Ann"}, &answer, socket.WithSetMeta("lang", "en"))
	fmt.Println(answer, cmd.Rerror() == nil)
	fmt.Println(cmd.InputMeta())
	// Output:
	// Hello, Ann true
	// lang=en
}

// Both ends make calls: here the server's handler asks the client back.
func ExampleSession_Pull() {
	server, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	server.PullRouter.RegFunc("/shout", func(ctx tp.PullCtx, args *string) (string, *tp.Rerror) {
		var name string
		if rerr := ctx.Session().Pull("/name", nil, &name).Rerror(); rerr != nil {
			return "", rerr
		}
		return strings.ToUpper(*args + " " + name), nil
	})
	client.PullRouter.RegFunc("/name", func(*struct{}) (string, *tp.Rerror) { return "ann", nil })

	var answer string
	connect(server, client).Pull("/shout", "hello", &answer)
	fmt.Println(answer)
	// Output: HELLO ANN
}

// alias is a plugin: it serves old uris under new ones.
type alias map[string]string

func (a alias) Name() string { return "alias" }

func (a alias) PostReadPullHeader(ctx tp.ReadCtx) *tp.Rerror {
	if to, ok := a[ctx.Path()]; ok {
		ctx.Input().SetUri(to)
	}
	return nil
}

func ExamplePlugin() {
	server, client := tp.NewPeer(tp.PeerConfig{}, alias{"/old": "/arith/div"}), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	server.PullRouter.Reg(new(Arith))

	quotient, rerr := tp.Pull[[2]int, int](connect(server, client), "/old", [2]int{9, 3})
	fmt.Println(quotient, rerr == nil)
	// Output: 3 true
}

func ExampleRouter_SetUnknown() {
	server, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	server.PullRouter.Group("v1").SetUnknown(func(ctx tp.UnknownPullCtx) (any, *tp.Rerror) {
		var v any
		if _, err := ctx.Bind(&v); err != nil {
			return nil, tp.NewRerror(1001, "bind error", err.Error())
		}
		return fmt.Sprint(ctx.Path(), " got ", v), nil
	})

	var answer string
	connect(server, client).Pull("/v1/anything", []int{1, 2}, &answer)
	fmt.Println(answer)
	// Output: /v1/anything got [1 2]
}

func ExampleRerror_ToError() {
	find := func(rerr *tp.Rerror) error { return rerr.ToError() }
	fmt.Println(find(nil) == nil)
	fmt.Println(find(tp.NewRerror(tp.CodeNotFound, tp.CodeText(tp.CodeNotFound), "")))
	// Output:
	// true
	// {"code":404,"message":"Not Found"}
}
