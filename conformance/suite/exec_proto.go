package suite

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// execProto is a packet.Proto whose packets a testee reads and writes. What Go code asks of a Proto beside the
// bytes is done here, and not judged: cases about that need FeatureGoAPI.
type execProto struct {
	a    *asker
	rw   io.ReadWriter
	have []byte // read and not yet a packet
	end  error  // what the reader ended with
}

func (x *Exec) proto(rw io.ReadWriter) packet.Proto { return &execProto{a: x.asker(), rw: rw} }

// Version gives the name of the Proto that the testee is asked for. The id is not known before a frame is seen.
func (e *execProto) Version() (byte, string) { return 0, e.a.proto }

// Pack has the testee encode the packet, and writes that once.
func (e *execProto) Pack(p *packet.Packet) error {
	body, err := p.MarshalBody()
	if err != nil {
		return err
	}
	q := testee.Packet{Seq: strconv.FormatUint(p.Seq(), 10), Ptype: int(p.Ptype()), Uri: testee.Bytes(p.Uri()),
		Meta: []testee.Pair{}, BodyCodec: int(p.BodyCodec()), Pipe: []int{}, Body: body}
	for _, kv := range pairs(p.Meta()) {
		q.Meta = append(q.Meta, testee.Pair{Key: testee.Bytes(kv.key), Value: testee.Bytes(kv.value)})
	}
	for _, id := range p.XferPipe().Ids() {
		q.Pipe = append(q.Pipe, int(id))
	}
	r, wire := e.a.encode(q, nil, p.Env().Limit())
	if r.Status == testee.StatusRejected {
		return refusal(packet.OpPack, r.Class, r.Stage, r.Offset, 0, r.Message)
	}
	if n, err := e.rw.Write(wire); err != nil || n < len(wire) {
		return errors.Join(err, io.ErrShortWrite)
	}
	p.SetSize(uint32(len(wire)))
	return nil
}

// Unpack has the testee decode what has been read, reading on as long as it needs more bytes.
func (e *execProto) Unpack(p *packet.Packet) error {
	p.ResetForUnpack()
	need := 1
	for {
		for len(e.have) < need && e.end == nil {
			e.read()
		}
		if e.end != nil && e.end != io.EOF && len(e.have) < need {
			return e.end
		}
		r := e.a.decode([][]byte{e.have}, e.end == io.EOF, 1, p.Env().Limit())
		switch {
		case len(r.Packets) > 1:
			e.a.t.Harnessf("the testee breaks the contract: it gave %d packets where at most one was asked for", len(r.Packets))
		case len(r.Packets) == 1:
			return e.take(p, &r.Packets[0])
		case r.Status == testee.StatusRejected:
			return refusal(packet.OpUnpack, r.Class, r.Stage, r.Offset, 0, r.Message)
		case e.end == io.EOF && len(e.have) > 0:
			return fmt.Errorf("the testee takes a stream that ends behind %d bytes and no packet for a clean end", len(e.have))
		case e.end == io.EOF:
			return io.EOF
		}
		need = max(len(e.have)+1, min(r.Need, len(e.have)+1<<20))
	}
}

// read takes what the reader gives.
func (e *execProto) read() {
	buf := make([]byte, 64<<10)
	n, err := e.rw.Read(buf)
	e.have = append(e.have, buf[:n]...)
	if err != nil {
		e.end = err
	}
}

// take makes the testee's packet the content of p, and its bytes read.
func (e *execProto) take(p *packet.Packet, q *testee.Packet) error {
	if q.Size > len(e.have) {
		return fmt.Errorf("the testee gives a packet the size %d, and there are %d bytes", q.Size, len(e.have))
	}
	e.have = append([]byte{}, e.have[q.Size:]...)
	return fillFrom(p, q)
}

// fillFrom makes a packet of a testee's. The filters of the pipe are of no use but for their ids.
func fillFrom(p *packet.Packet, q *testee.Packet) error {
	seq, err := parseSeq(q.Seq)
	if err != nil {
		return fmt.Errorf("the testee gives the seq %q, expected a decimal number below 2^64", q.Seq)
	}
	p.SetSeq(seq)
	p.SetPtype(byte(q.Ptype))
	p.SetUri(string(q.Uri))
	p.SetBodyCodec(byte(q.BodyCodec))
	p.SetSize(uint32(q.Size))
	for _, kv := range q.Meta {
		p.Meta().Add(string(kv.Key), string(kv.Value))
	}
	for _, id := range q.Pipe {
		if err := p.XferPipe().AppendFilter(named(id)); err != nil {
			return fmt.Errorf("the testee gives a pipe that cannot be: %w", err)
		}
	}
	return p.UnmarshalNewBody(q.Body)
}

// named is a filter of which only the id is known.
type named byte

func (n named) Id() byte                            { return byte(n) }
func (n named) OnPack(src []byte) ([]byte, error)   { return nil, errors.ErrUnsupported }
func (n named) OnUnpack(src []byte) ([]byte, error) { return nil, errors.ErrUnsupported }

// refusal is a testee's rejection as the error that a Proto would give. Where it names no offset, that is otherwise.
func refusal(op, class, stage string, offset *int64, otherwise int64, message string) error {
	e := &packet.Error{Class: packet.Class(class), Stage: packet.Stage(stage), Op: op, Offset: otherwise}
	if offset != nil {
		e.Offset = *offset
	}
	said := errors.New("the testee says: " + message)
	switch e.Class {
	case packet.ClassShort:
		e.Err = fmt.Errorf("%w; %w", io.ErrUnexpectedEOF, said)
	case packet.ClassLimit:
		e.Err = fmt.Errorf("%w; %w", packet.ErrExceedPacketSizeLimit, said)
	default:
		e.Err = said
	}
	return e
}
