package systems

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/henrylee2cn/teleport/perf/message"
)

// exchange makes the requests of one caller and checks their replies, one after the other.
type exchange interface {
	// request gives the next arguments.
	request() any
	// reply gives a fresh pointer for the reply to that request.
	reply() any
	// check compares the two.
	check() error
}

func (s setup) exchange(worker int) exchange {
	switch s.body {
	case "bytes":
		return &byteExchange{stamped: newStamped(worker, s.size)}
	case "plain":
		return &textExchange{stamped: newStamped(worker, s.size)}
	}
	return &messageExchange{worker: worker, args: message.New()}
}

type messageExchange struct {
	worker, n int
	args, got *message.BenchmarkMessage
}

func (x *messageExchange) next() *message.BenchmarkMessage {
	x.n++
	message.Stamp(x.args, x.worker, x.n)
	return x.args
}

func (x *messageExchange) request() any { return x.next() }

func (x *messageExchange) reply() any {
	x.got = new(message.BenchmarkMessage)
	return x.got
}

func (x *messageExchange) check() error { return message.Check(x.args, x.got) }

// stamped is a body of bytes that differs from call to call.
type stamped struct {
	body  []byte
	stamp uint64
}

func newStamped(worker, size int) *stamped {
	s := &stamped{body: make([]byte, size), stamp: uint64(worker) << 32}
	for i := range s.body {
		s.body[i] = byte(i * 7)
	}
	return s
}

func (s *stamped) next() []byte {
	s.stamp++
	var stamp [8]byte
	binary.BigEndian.PutUint64(stamp[:], s.stamp)
	copy(s.body, stamp[8-min(8, len(s.body)):])
	return s.body
}

// errOther says that a reply is not what was sent.
func errOther(got, want int) error {
	return fmt.Errorf("the reply of %d bytes is not the request of %d bytes", got, want)
}

type byteExchange struct {
	*stamped
	got []byte
}

func (x *byteExchange) request() any { return x.next() }
func (x *byteExchange) reply() any   { x.got = nil; return &x.got }

func (x *byteExchange) check() error {
	if !bytes.Equal(x.got, x.body) {
		return errOther(len(x.got), len(x.body))
	}
	return nil
}

type textExchange struct {
	*stamped
	args, got string
}

func (x *textExchange) request() any { x.args = string(x.next()); return x.args }
func (x *textExchange) reply() any   { x.got = ""; return &x.got }

func (x *textExchange) check() error {
	if x.got != x.args {
		return errOther(len(x.got), len(x.args))
	}
	return nil
}
