package floor

import (
	"net"
	"sync"
)

// server accepts connections and runs serve on each until the connection ends.
type server struct {
	listener net.Listener
	serve    func(net.Conn)

	mu     sync.Mutex // guards what follows
	conns  map[net.Conn]struct{}
	closed bool

	running sync.WaitGroup // the accepting goroutine and one for each connection
}

func listen(addr string, serve func(net.Conn)) (*server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &server{listener: listener, serve: serve, conns: make(map[net.Conn]struct{})}
	s.running.Go(s.accept)
	return s, nil
}

// Addr is the address that it listens on.
func (s *server) Addr() string { return s.listener.Addr().String() }

// Close stops listening, ends every connection, and waits for their goroutines.
func (s *server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
	return err
}

func (s *server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		if !s.enter(conn) {
			conn.Close()
			return
		}
		// Not running.Go: its closure would keep a second stack frame under every idle connection.
		s.running.Add(1)
		go s.run(conn)
	}
}

func (s *server) enter(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.conns[conn] = struct{}{}
	return true
}

func (s *server) run(conn net.Conn) {
	s.serve(conn)
	conn.Close()
	s.mu.Lock()
	delete(s.conns, conn)
	s.mu.Unlock()
	s.running.Done()
}
