package rival

import "github.com/henrylee2cn/teleport/perf/message"

// Client is one connection, as the harness sees it.
type Client struct {
	Invoke func(request, reply *Msg) error
	End    func() error
}

// Caller gives checked calls, each with a reply of its own.
func (c *Client) Caller(worker int) (func() error, error) {
	request, n := message.New(), 0
	return func() error {
		n++
		message.Stamp(request, worker, n)
		reply := new(Msg)
		if err := c.Invoke(request, reply); err != nil {
			return err
		}
		return message.Check(request, reply)
	}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.End() }

// Server is a listening rival.
type Server struct {
	Listens string
	End     func() error
}

// Addr is what clients dial.
func (s *Server) Addr() string { return s.Listens }

// Close ends it.
func (s *Server) Close() error { return s.End() }
