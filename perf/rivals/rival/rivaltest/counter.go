package rivaltest

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// counter stands between clients and a server, and counts the connections.
type counter struct {
	listener net.Listener
	server   string
	accepted atomic.Int64
	arrived  chan struct{} // has one value for each connection
	running  sync.WaitGroup
}

func newCounter(server string) (*counter, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &counter{listener: listener, server: server, arrived: make(chan struct{}, 1000)}
	c.running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			c.accepted.Add(1)
			c.arrived <- struct{}{}
			c.running.Go(func() { c.forward(conn) })
		}
	})
	return c, nil
}

func (c *counter) addr() string { return c.listener.Addr().String() }

// close ends it when the connections have ended.
func (c *counter) close() {
	c.listener.Close()
	c.running.Wait()
}

func (c *counter) forward(conn net.Conn) {
	defer conn.Close()
	to, err := net.Dial("tcp", c.server)
	if err != nil {
		return
	}
	defer to.Close()
	back := make(chan struct{})
	go func() {
		defer close(back)
		io.Copy(conn, to)
		conn.Close()
	}()
	io.Copy(to, conn)
	to.Close()
	<-back
}
