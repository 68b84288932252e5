package floor

import (
	"net"
	"runtime"
	"sync"
)

// combiner writes the frames of many goroutines in few system calls: who finds nobody writing writes all that
// there is, and those that come meanwhile only append.
type combiner struct {
	conn net.Conn

	mu      sync.Mutex // guards what follows; never held over a write
	pending []byte     // accepted and not yet written
	spare   []byte     // the other buffer, while nobody writes from it
	writing bool
	err     error // of the first write that failed, or why the connection was given up
}

// send accepts a frame. With yield the writer lets other goroutines run before it takes what is pending, which
// pays as soon as others are about to append.
func (w *combiner) send(frame []byte, yield bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.pending = append(w.pending, frame...)
	if w.writing {
		return nil
	}
	w.writing = true
	for len(w.pending) > 0 && w.err == nil {
		if yield {
			w.mu.Unlock()
			runtime.Gosched()
			w.mu.Lock()
		}
		out := w.pending
		w.pending = w.spare[:0]
		w.mu.Unlock()
		_, err := w.conn.Write(out)
		w.mu.Lock()
		w.spare = out
		if err != nil && w.err == nil {
			w.err = err
		}
	}
	w.writing = false
	return w.err
}

// fail makes every later send return err.
func (w *combiner) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// oneByOne writes each frame with a system call of its own.
type oneByOne struct {
	conn net.Conn

	mu  sync.Mutex // held over the write: frames must not mix
	err error
}

func (w *oneByOne) send(frame []byte, _ bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		_, w.err = w.conn.Write(frame)
	}
	return w.err
}

func (w *oneByOne) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}
