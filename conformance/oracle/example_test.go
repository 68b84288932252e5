package oracle_test

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

func ExampleDecode() {
	frame := oracle.Frame(nil, oracle.Payload(7, oracle.Pull, []byte("/echo"), nil, 's', []byte("hey!")))
	p, n, _ := oracle.Decode(frame, oracle.Limits{})
	fmt.Printf("%d bytes: seq %d, uri %s, body %s\n", n, p.Seq, p.Uri, p.Body)

	_, _, err := oracle.Decode(frame[:20], oracle.Limits{})
	fmt.Println(err)
	// Output:
	// 33 bytes: seq 7, uri /echo, body hey!
	// short at byte 20 of the frame: the stream ends inside a frame, after 20 of its bytes
}
