// Command chat is both sides of a conversation: one listens, the other dials, and from then on they
// are equals: each pulls the other's name and pushes what is typed.
//
//	go run ./reference/example/chat/chat -name alice -listen 127.0.0.1:9090
//	go run ./reference/example/chat/chat -name bob -dial 127.0.0.1:9090
package main

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"os"

	tp "github.com/henrylee2cn/teleport/reference"
)

var (
	name   = flag.String("name", "somebody", "who you are")
	listen = flag.String("listen", "", "wait for the other side at this address")
	dial   = flag.String("dial", "", "call the other side at this address")
)

// met is told the session of the other side.
var met = make(chan tp.Session, 1)

// Person answers PULLs about us.
type Person struct{ tp.PullCtx }

// Name serves /person/name.
func (p *Person) Name(*struct{}) (string, *tp.Rerror) {
	select {
	case met <- p.Session(): // whoever asks is the one to talk to
	default:
	}
	return *name, nil
}

// Chat takes what the other side says.
type Chat struct{ tp.PushCtx }

// Say serves the PUSH /chat/say.
func (c *Chat) Say(line *string) {
	who, _ := c.Session().Public().Load("name")
	fmt.Printf("%v: %s\n", who, *line)
}

func main() {
	flag.Parse()
	tp.SetRawlogLevel("ERROR")
	peer := tp.NewPeer(tp.PeerConfig{})
	defer peer.Close()
	peer.PullRouter.Reg(new(Person))
	peer.PushRouter.Reg(new(Chat))

	sess := meet(peer)
	var other string
	if rerr := sess.Pull("/person/name", nil, &other).Rerror(); rerr != nil {
		tp.Fatalf("asking for the name: %v", rerr)
	}
	sess.Public().Store("name", other)
	fmt.Printf("talking to %s\n", other)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if rerr := sess.Push("/chat/say", lines.Text()); rerr != nil {
			tp.Fatalf("%s has gone: %v", other, rerr)
		}
	}
}

// meet gives the session of the other side, whichever of us dialed.
func meet(peer *tp.Peer) tp.Session {
	if *dial != "" {
		sess, rerr := peer.Dial(*dial)
		if rerr != nil {
			tp.Fatalf("%v", rerr)
		}
		return sess
	}
	ln, err := net.Listen("tcp", *listen)
	if err != nil {
		tp.Fatalf("%v", err)
	}
	fmt.Printf("waiting at %s\n", ln.Addr())
	go peer.ServeListener(ln) // until the peer is closed
	return <-met
}
