package testee

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// errLong is what readLine gives for a line over the limit.
var errLong = errors.New("a line is longer than the contract allows")

// readLine gives the next line without its line feed. It takes memory for at most max bytes of it. A last line
// without a line feed counts; the end of the stream before any byte is io.EOF.
func readLine(r *bufio.Reader, max int) ([]byte, error) {
	var line []byte
	for {
		piece, err := r.ReadSlice('\n')
		if len(line)+len(piece) > max {
			return append(line, piece...)[:min(max, 400)], fmt.Errorf("%w: %d bytes", errLong, max)
		}
		line = append(line, piece...)
		switch {
		case err == nil:
			return bytes.TrimRight(line, "\r\n"), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && len(line) > 0:
			return line, nil
		default:
			return nil, err
		}
	}
}

// The bounds of what is kept of a testee's standard error.
const (
	tailLines     = 20
	tailLineBytes = 300
)

// tail keeps the last lines written to it, and passes everything on where there is somebody. It is safe for
// concurrent use.
type tail struct {
	to io.Writer // nil: nobody

	mu      sync.Mutex // guards below
	lines   []string
	partial []byte
}

// Write takes what the testee wrote. It fails never: a testee must not be stopped by a full terminal.
func (t *tail) Write(p []byte) (int, error) {
	if t.to != nil {
		_, _ = t.to.Write(p)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		t.partial = append(t.partial, line[:min(len(line), max(0, tailLineBytes-len(t.partial)))]...)
		if whole {
			t.push()
		}
		rest = after
	}
	return len(p), nil
}

// push ends the line in hand. The caller holds mu.
func (t *tail) push() {
	if len(t.lines) == tailLines {
		t.lines = append(t.lines[:0], t.lines[1:]...)
	}
	t.lines = append(t.lines, cut(t.partial))
	t.partial = t.partial[:0]
}

// last gives the lines kept.
func (t *tail) last() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := append([]string{}, t.lines...)
	if len(t.partial) > 0 {
		out = append(out, cut(t.partial))
	}
	return out
}
