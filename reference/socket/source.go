package socket

import (
	"io"
	"net"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Readiness is what a connection may offer beside net.Conn so that an idle one
// costs no read buffer and a writer never waits for a peer that does not read.
// TCP and unix connections are handled without it; other transports, and the
// in-memory connections of tptest, implement it.
type Readiness interface {
	// WaitRead blocks until a Read would not: bytes are there, the stream has
	// ended, or an error is due. It obeys the read deadline and Close, with the
	// errors that Read would return.
	WaitRead() error
	// TryWrite writes what can be written without blocking and returns how much
	// that was. A short count without an error means: no more for now.
	TryWrite(b []byte) (n int, err error)
}

// source brings bytes into a reader: at least one, or an error.
type source interface{ fill(rd *reader) error }

// tryWriter writes without blocking; a short count means: no more for now.
type tryWriter interface {
	tryWrite(b []byte) (int, error)
}

// gatherer is a tryWriter on whose connection net.Buffers is one system call.
type gatherer interface{ gathers() }

// readinessOf finds the best way to wait for nc. Wrapped connections, whose Read
// and Write may do anything, are taken at their word: only the exact types of
// package net are read past their methods.
func readinessOf(nc net.Conn, env *packet.Env, message bool) (tryWriter, source) {
	if t, s := rawReadiness(nc, env, message); s != nil {
		return t, s
	}
	if r, ok := nc.(Readiness); ok {
		return readyWriter{r}, readySource{nc, r}
	}
	return nil, blockingSource{nc}
}

type readyWriter struct{ r Readiness }

func (x readyWriter) tryWrite(b []byte) (int, error) { return x.r.TryWrite(b) }

// readySource waits without a buffer, then reads what is there.
type readySource struct {
	nc net.Conn
	r  Readiness
}

func (s readySource) fill(rd *reader) error {
	rd.park()
	if err := s.r.WaitRead(); err != nil {
		return err
	}
	return readInto(rd, s.nc, rd.want())
}

// blockingSource waits in Read, with a small buffer.
type blockingSource struct{ nc net.Conn }

func (s blockingSource) fill(rd *reader) error { return readInto(rd, s.nc, waitBuffer) }

// emptyReads is how often a Read may give nothing and no error in a row.
const emptyReads = 100

func readInto(rd *reader, nc net.Conn, size int) error {
	b := rd.space(size)
	for range emptyReads {
		n, err := nc.Read(b)
		if n > 0 {
			rd.got(min(n, len(b)), len(b))
			return nil // an error that came along comes again
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}
