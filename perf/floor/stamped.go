package floor

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// stamped makes bodies that differ from call to call, in their first bytes, and checks what comes back.
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

func (s *stamped) request(out []byte) ([]byte, error) { return append(out, s.next()...), nil }

func (s *stamped) check(reply []byte) error {
	if !bytes.Equal(reply, s.body) {
		return fmt.Errorf("floor: a reply of %d bytes that is not the request of %d bytes", len(reply), len(s.body))
	}
	return nil
}
