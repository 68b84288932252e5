package floor

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Bodies of bytes move as a user of []byte would have it: the receiver copies each into fresh memory, which is
// its own, and a frame leaves from where it lies, with one system call for head and body.

func serveBytes(w work) func(net.Conn) {
	return func(conn net.Conn) {
		in := bufio.NewReaderSize(conn, rawBuffer)
		var out bytesWriter
		for {
			caller, body, err := readBytes(in)
			if err != nil {
				return
			}
			w.do(false)
			if err := out.write(conn, caller, body); err != nil {
				return
			}
		}
	}
}

// readBytes reads a frame whose body it puts into memory of its own.
func readBytes(in *bufio.Reader) (caller uint64, body []byte, err error) {
	head, err := in.Peek(headSize)
	if err != nil {
		return 0, nil, err
	}
	n, err := frameSize(head)
	if err != nil {
		return 0, nil, err
	}
	caller = callerOf(head)
	in.Discard(headSize)
	body = make([]byte, n-headSize)
	_, err = io.ReadFull(in, body) // what the buffer does not hold is read straight into body
	return caller, body, err
}

// bytesWriter writes a head and a body without copying the body.
type bytesWriter struct {
	head    [headSize]byte
	parts   [2][]byte
	buffers net.Buffers
}

func (w *bytesWriter) write(conn net.Conn, caller uint64, body []byte) error {
	binary.BigEndian.PutUint32(w.head[:], uint32(headSize-lengthSize+len(body)))
	binary.BigEndian.PutUint64(w.head[lengthSize:], caller)
	w.parts = [2][]byte{w.head[:], body}
	w.buffers = w.parts[:]
	_, err := w.buffers.WriteTo(conn)
	w.parts[1] = nil
	return err
}

// bytesClient is a connection with one call at a time.
type bytesClient struct {
	conn net.Conn
	in   *bufio.Reader
	out  bytesWriter
	size int
}

func dialBytes(addr string, size int) (harness.Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &bytesClient{conn: conn, in: bufio.NewReaderSize(conn, rawBuffer), size: size}, nil
}

func (c *bytesClient) Close() error { return c.conn.Close() }

func (c *bytesClient) Caller(worker int) (func() error, error) {
	calls := newStamped(worker, c.size)
	return func() error {
		if err := c.out.write(c.conn, uint64(worker), calls.next()); err != nil {
			return err
		}
		_, reply, err := readBytes(c.in)
		if err != nil {
			return err
		}
		return calls.check(reply)
	}, nil
}
