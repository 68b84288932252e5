package floor

import (
	"net"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// rawBuffer is what each side of a raw connection reads through.
const rawBuffer = 4 << 10

// serveRaw answers the frames of a connection one by one, each reply with one write.
func serveRaw(b body, buffer int) func(net.Conn) {
	return func(conn net.Conn) {
		in := newFrameReader(conn, buffer)
		var out []byte
		for {
			frame, err := in.next()
			if err != nil {
				return
			}
			out, err = appendReply(out[:0], b, frame)
			if err != nil {
				return
			}
			if _, err := conn.Write(out); err != nil {
				return
			}
		}
	}
}

// appendReply handles the request in frame and appends the frame of its reply.
func appendReply(out []byte, b body, frame []byte) ([]byte, error) {
	start := len(out)
	caller := callerOf(frame)
	out = beginFrame(out, caller)
	out, err := b.reply(out, frame[headSize:], caller&slowMark != 0)
	if err != nil {
		return nil, err
	}
	return endFrame(out, start), nil
}

// rawClient is a connection with one call at a time.
type rawClient struct {
	conn net.Conn
	in   *frameReader
	body body
}

func dialRaw(addr string, b body) (harness.Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &rawClient{conn: conn, in: newFrameReader(conn, rawBuffer), body: b}, nil
}

func (c *rawClient) Close() error { return c.conn.Close() }

// Caller gives the calls of the one worker that uses the connection.
func (c *rawClient) Caller(worker int) (func() error, error) {
	calls := c.body.caller(worker)
	var out []byte
	return func() error {
		var err error
		out, err = calls.request(beginFrame(out[:0], uint64(worker)))
		if err != nil {
			return err
		}
		if _, err := c.conn.Write(endFrame(out, 0)); err != nil {
			return err
		}
		frame, err := c.in.next()
		if err != nil {
			return err
		}
		return calls.check(frame[headSize:])
	}, nil
}
