package tp

import (
	"io"
	"net"
	"testing"

	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// TestDown_BothFindersOfAnEndAgree has the reader and a failed write find the end of one link, as they may at the
// same time: the pending calls are taken by either, and each must know that the session redials.
func TestDown_BothFindersOfAnEndAgree(t *testing.T) {
	for _, c := range []struct {
		name   string
		redial *dialer
		again  bool
	}{
		{"a session that redials", new(dialer), true},
		{"a session that does not", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := NewPeer(PeerConfig{})
			defer p.Close()
			s := newSession(p)
			s.redial = c.redial
			near, far := net.Pipe()
			defer far.Close()
			l := s.newLink(near, fast.New)
			defer l.conn.Close()
			if !s.up(l) {
				t.Fatal("a fresh link was not taken")
			}
			if again := s.down(l, io.EOF); again != c.again {
				t.Errorf("the first finder was told %v, expected %v", again, c.again)
			}
			if again := s.down(l, io.ErrClosedPipe); again != c.again {
				t.Errorf("the second finder was told %v, expected %v", again, c.again)
			}
		})
	}
}
