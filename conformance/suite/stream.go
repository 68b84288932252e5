package suite

import (
	"errors"
	"io"
	"slices"
	"sync"
)

// errReader and errWriter are what broken streams report; a Proto has to pass them on.
var (
	errReader = errors.New("conformance: the reader failed")
	errWriter = errors.New("conformance: the writer failed")
	// errPast is what a reader answers when it is asked for more though a whole packet is there.
	errPast = errors.New("conformance: read on although the packet was complete")
)

// stream is an in-memory io.ReadWriter with manners that can be set before its use. The two halves are
// separate: what is written is kept, never read back. Safe for concurrent use.
type stream struct {
	in    []byte                      // what there is to read
	chunk func(left int) int          // bytes the next Read gives at most; nil: all that fit
	end   error                       // what Read answers after in; nil: io.EOF
	joint bool                        // the last bytes come together with end
	idle  bool                        // every other Read gives 0 bytes and no error
	write func(p []byte) (int, error) // replaces the taking of a Write; nil: takes all

	mu     sync.Mutex // guards all below, and in
	pos    int
	reads  int
	writes [][]byte

	toldWrites, toldRead int // how much of both is in the trace already
}

func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	end := s.end
	if end == nil {
		end = io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	left := len(s.in) - s.pos
	if left == 0 {
		return 0, end
	}
	if s.idle && s.reads%2 == 1 {
		return 0, nil
	}
	n := min(left, len(p))
	if s.chunk != nil {
		n = min(n, max(1, s.chunk(left)))
	}
	copy(p, s.in[s.pos:s.pos+n])
	s.pos += n
	if s.joint && s.pos == len(s.in) {
		return n, end
	}
	return n, nil
}

func (s *stream) Write(p []byte) (int, error) {
	n, err := len(p), error(nil)
	if s.write != nil {
		n, err = s.write(p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes = append(s.writes, slices.Clone(p))
	return n, err
}

// consumed gives how many bytes were read so far.
func (s *stream) consumed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pos
}

// calls gives the writes so far, each as it was given.
func (s *stream) calls() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.writes)
}

// written gives all bytes that writes brought, in order.
func (s *stream) written() []byte {
	return slices.Concat(s.calls()...)
}

// oneByte makes a reader give single bytes.
func oneByte(int) int { return 1 }
