package suite

import "github.com/henrylee2cn/teleport/conformance/runner"

// trace records what a Proto did to a stream in one call: each Write, and what it read. Other kinds of
// io.ReadWriter are not recorded, and nothing is while memory is measured: the trace would be charged to the Proto.
func (e *endpoint) trace(call string) {
	if e.stream == nil || e.b.measuring.Load() {
		return
	}
	writes, read := e.stream.untold()
	for _, w := range writes {
		e.b.Trace(runner.Received, call+" wrote", w)
	}
	if len(read) > 0 {
		e.b.Trace(runner.Sent, call+" read", read)
	}
}

// untold gives the writes, and the bytes read, since it was last called. Nothing writes to either any more.
func (s *stream) untold() (writes [][]byte, read []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	writes, read = s.writes[s.toldWrites:], s.in[s.toldRead:s.pos]
	s.toldWrites, s.toldRead = len(s.writes), s.pos
	return writes, read
}

// traceFrame records bytes that a Framer took or gave.
func (b *bench) traceFrame(dir runner.Direction, call string, frame []byte) {
	if !b.measuring.Load() {
		b.Trace(dir, call, frame)
	}
}
