package conformance_test

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// A pattern picks cases: here the ones about the order of a pipe's filters.
func ExampleOnly() {
	for _, c := range conformance.Select("proto/pipe-order-*") {
		fmt.Println(c.ID, c.Level, c.Requirements)
	}
	// Output:
	// proto/pipe-order-pack MUST [TP-XFER-002 TP-PROTO-018]
	// proto/pipe-order-unpack MUST [TP-XFER-003 TP-PROTO-018]
}

// careless writes the size field apart from the rest.
type careless struct {
	packet.Proto
	w io.Writer
}

func (c careless) Pack(p *packet.Packet) error {
	var one oneWrite
	if err := fast.New(&one).Pack(p); err != nil {
		return err
	}
	for _, part := range [][]byte{one[:4], one[4:]} {
		if _, err := c.w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

type oneWrite []byte

func (o *oneWrite) Read([]byte) (int, error)    { return 0, io.EOF }
func (o *oneWrite) Write(p []byte) (int, error) { *o = append(*o, p...); return len(p), nil }

// What a fault looks like: the case, the clause it breaks, and what happened.
func ExampleReport_failures() {
	pf := func(rw io.ReadWriter) packet.Proto { return careless{fast.New(rw), rw} }
	r := conformance.CheckProto(context.Background(), pf, conformance.Only("proto/write-once"))
	for _, f := range r.Failures() {
		fmt.Fprint(os.Stdout, report.Failure(f))
	}
	// Output:
	// FAIL  proto/write-once  MUST
	//   proves: Pack writes exactly once, and that write is a whole frame
	//   [TP-PROTO-003] Pack MUST write exactly once for a packet, and that write is the whole frame.
	//   [TP-FRAME-016] A sender MUST write a frame as one contiguous run of bytes, with no byte of another frame inside it.
	//     after 1 packets there were 2 writes, expected one a packet
}
