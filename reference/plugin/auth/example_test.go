package auth_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/auth"
)

// dial makes a connection between two peers, with the handshakes of both
// sides; programs use Listen and Dial.
func dial(server *tp.Peer, client auth.Config) (tp.Session, *tp.Rerror) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go server.ServeListener(lis)
	return tp.NewPeer(tp.PeerConfig{}, auth.New(client)).Dial(lis.Addr().String())
}

// A shared secret that never crosses the wire.
func Example() {
	alice := []byte("32 bytes of a random generator..")
	server := tp.NewPeer(tp.PeerConfig{}, auth.New(auth.Config{
		Verifier: auth.VerifyHMAC(auth.StaticSecrets(map[string][]byte{"alice": alice})),
	}))
	defer server.Close()
	server.PullRouter.RegFunc("/greet", func(ctx tp.PullCtx, _ *[]byte) (string, *tp.Rerror) {
		id, _ := auth.From(ctx)
		return "Hello, " + id.Name, nil
	})

	sess, rerr := dial(server, auth.Config{Credential: auth.HMAC("alice", alice)})
	if rerr != nil {
		fmt.Println(rerr)
		return
	}
	defer sess.Peer().Close()
	var greeting string
	sess.Pull("/greet", nil, &greeting)
	fmt.Println(greeting)

	_, rerr = dial(server, auth.Config{Credential: auth.HMAC("mallory", []byte("a guess, of enough bytes"))})
	fmt.Println(rerr)
	// Output:
	// Hello, alice
	// {"code":401,"message":"Unauthorized","detail":"the name is unknown or the proof is wrong"}
}

// A method of one's own: signatures, so that the server keeps no secret.
func ExampleVerifyFunc() {
	public, private, _ := ed25519.GenerateKey(nil)
	server := tp.NewPeer(tp.PeerConfig{}, auth.New(auth.Config{
		Verifier: auth.VerifyFunc("ed25519", func(name string, proof []byte, c auth.Challenge) (auth.Identity, error) {
			if name != "alice" || !ed25519.Verify(public, c.Bytes(), proof) {
				return auth.Identity{}, errors.New("not alice")
			}
			return auth.Identity{Name: name, Data: []string{"read", "write"}}, nil
		}),
	}))
	defer server.Close()
	server.PullRouter.RegFunc("/rights", func(ctx tp.PullCtx, _ *[]byte) (any, *tp.Rerror) {
		id, _ := auth.From(ctx)
		return id.Data, nil
	})

	sess, rerr := dial(server, auth.Config{
		Credential: auth.CredentialFunc("ed25519", "alice", func(c auth.Challenge) ([]byte, error) {
			return ed25519.Sign(private, c.Bytes()), nil
		}),
	})
	if rerr != nil {
		fmt.Println(rerr)
		return
	}
	defer sess.Peer().Close()
	var rights []string
	sess.Pull("/rights", nil, &rights)
	fmt.Println(rights)
	// Output: [read write]
}
