package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"slices"

	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

// A frame of net/rpc with this codec: the length of what follows, the number of the call, then the method and an
// error text with a length each, and the message. Big-endian. Each leaves with one write.
const (
	netrpcHead = 4 + 8 + 2 + 2
	netrpcMax  = 1 << 20
)

// NetrpcReply stands for the message that the server changed.
type NetrpcReply struct{ m *rival.Msg }

// netrpcFrames is what the codecs of both sides share. net/rpc reads in one goroutine, and writes under a lock.
type netrpcFrames struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	body []byte // of the frame whose head was read; valid until the next one
}

func newNetrpcFrames(conn net.Conn) netrpcFrames {
	return netrpcFrames{conn: conn, in: bufio.NewReader(conn)}
}

func (f *netrpcFrames) write(seq uint64, method, fault string, m *rival.Msg) error {
	out := binary.BigEndian.AppendUint64(append(f.out[:0], 0, 0, 0, 0), seq)
	out = append(binary.BigEndian.AppendUint16(out, uint16(len(method))), method...)
	out = append(binary.BigEndian.AppendUint16(out, uint16(len(fault))), fault...)
	if m != nil {
		var err error
		if out, err = rival.Append(out, m); err != nil {
			return err
		}
	}
	f.out = out
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	_, err := f.conn.Write(out)
	return err
}

func (f *netrpcFrames) read() (seq uint64, method, fault string, err error) {
	var head [4]byte
	if _, err := io.ReadFull(f.in, head[:]); err != nil {
		return 0, "", "", err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < netrpcHead-4 || n > netrpcMax {
		return 0, "", "", fmt.Errorf("net/rpc: a frame of %d bytes", n)
	}
	f.body = slices.Grow(f.body[:0], int(n))[:n]
	if _, err := io.ReadFull(f.in, f.body); err != nil {
		return 0, "", "", err
	}
	seq = binary.BigEndian.Uint64(f.body)
	rest := f.body[8:]
	if method, rest, err = netrpcText(rest); err != nil {
		return 0, "", "", err
	}
	if fault, rest, err = netrpcText(rest); err != nil {
		return 0, "", "", err
	}
	f.body = rest
	return seq, method, fault, nil
}

func netrpcText(b []byte) (string, []byte, error) {
	if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
		return "", nil, io.ErrUnexpectedEOF
	}
	n := int(binary.BigEndian.Uint16(b))
	if string(b[2:2+n]) == netrpcMethod {
		return netrpcMethod, b[2+n:], nil // without memory of its own
	}
	return string(b[2 : 2+n]), b[2+n:], nil
}

func (f *netrpcFrames) decode(v any) error {
	if v == nil {
		return nil // net/rpc throws the body away
	}
	m, err := rival.As(v)
	if err != nil {
		return err
	}
	return m.UnmarshalVT(f.body)
}

func (f *netrpcFrames) Close() error { return f.conn.Close() }

type netrpcServer struct{ netrpcFrames }

func newNetrpcServer(conn net.Conn) rpc.ServerCodec { return &netrpcServer{newNetrpcFrames(conn)} }

func (s *netrpcServer) ReadRequestHeader(r *rpc.Request) (err error) {
	r.Seq, r.ServiceMethod, _, err = s.read()
	return err
}

func (s *netrpcServer) ReadRequestBody(v any) error { return s.decode(v) }

func (s *netrpcServer) WriteResponse(r *rpc.Response, v any) error {
	var m *rival.Msg
	if reply, ok := v.(*NetrpcReply); ok && r.Error == "" {
		m = reply.m
	}
	return s.write(r.Seq, "", r.Error, m)
}

type netrpcClient struct{ netrpcFrames }

func newNetrpcClient(conn net.Conn) rpc.ClientCodec { return &netrpcClient{newNetrpcFrames(conn)} }

func (c *netrpcClient) WriteRequest(r *rpc.Request, v any) error {
	m, err := rival.As(v)
	if err != nil {
		return err
	}
	return c.write(r.Seq, r.ServiceMethod, "", m)
}

func (c *netrpcClient) ReadResponseHeader(r *rpc.Response) (err error) {
	r.Seq, _, r.Error, err = c.read()
	return err
}

func (c *netrpcClient) ReadResponseBody(v any) error { return c.decode(v) }
