package floor

import (
	"fmt"
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/message"
)

// body is what the frames of a floor carry.
type body interface {
	// reply handles the request in and appends the reply to out. It keeps nothing of in. slow is the mark of the
	// calls that sleep in a mixed workload.
	reply(out, in []byte, slow bool) ([]byte, error)
	// caller gives the client's side to one worker.
	caller(worker int) exchange
}

// exchange makes the requests of one caller and checks their replies, one after the other.
type exchange interface {
	request(out []byte) ([]byte, error)
	check(reply []byte) error
}

// work is what a handler does besides answering.
type work struct {
	each func() // nil: nothing
	slow func() // of marked calls
}

func newWork(h harness.Handler) work {
	switch h.Name {
	case "compute", "sleep":
		return work{each: h.Work}
	case "mixed":
		h.Name = "sleep"
		return work{slow: h.Work}
	}
	return work{}
}

func (w work) do(slow bool) {
	if w.each != nil {
		w.each()
	}
	if slow && w.slow != nil {
		w.slow()
	}
}

// messages are bodies that hold the benchmark message, decoded and encoded on both sides.
type messages struct{ work work }

func (b messages) reply(out, in []byte, slow bool) ([]byte, error) {
	m := new(message.BenchmarkMessage)
	if err := m.UnmarshalVT(in); err != nil {
		return nil, err
	}
	handle(m)
	b.work.do(slow)
	return appendMessage(out, m)
}

// handle is a variable because no server knows its handlers when it is compiled:
// their argument may be kept, so it is made on the heap.
var handle = message.Handle

func (messages) caller(worker int) exchange { return &stampedMessage{worker: worker, m: message.New()} }

func appendMessage(out []byte, m *message.BenchmarkMessage) ([]byte, error) {
	n := m.SizeVT()
	out = slices.Grow(out, n)
	out = out[:len(out)+n]
	_, err := m.MarshalToSizedBufferVT(out[len(out)-n:])
	return out, err
}

type stampedMessage struct {
	worker, n int
	m         *message.BenchmarkMessage
}

func (s *stampedMessage) request(out []byte) ([]byte, error) {
	s.n++
	message.Stamp(s.m, s.worker, s.n)
	return appendMessage(out, s.m)
}

func (s *stampedMessage) check(reply []byte) error {
	m := new(message.BenchmarkMessage)
	if err := m.UnmarshalVT(reply); err != nil {
		return fmt.Errorf("floor: the reply does not decode: %w", err)
	}
	return message.Check(s.m, m)
}

// echoes are bodies of fixed bytes that come back as they went.
type echoes struct {
	work work
	size int
}

func (b echoes) reply(out, in []byte, slow bool) ([]byte, error) {
	b.work.do(slow)
	return append(out, in...), nil
}

func (b echoes) caller(worker int) exchange { return newStamped(worker, b.size) }
