package harness

import (
	"io"
	"sync"
)

// sharedWriter lets several processes, and the controller's own program, write to one place.
type sharedWriter struct {
	mu sync.Mutex // guards w
	w  io.Writer
}

func (s *sharedWriter) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(b)
}

// NewSharedWriter gives a writer that many goroutines may use. A file stays what it is: processes write to it
// themselves.
func NewSharedWriter(w io.Writer) io.Writer {
	if _, ok := w.(interface{ Fd() uintptr }); ok {
		return w
	}
	return &sharedWriter{w: w}
}
