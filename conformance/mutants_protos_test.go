package conformance_test

import (
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"slices"
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

var fastNew packet.ProtoFunc = fast.New

// good is what every mutant wraps.
type good interface {
	packet.Proto
	packet.Framer
}

// mutant is a good Proto with one thing broken: a nil function is not.
type mutant struct {
	good
	rw     io.ReadWriter
	pack   func(m *mutant, p *packet.Packet) error
	unpack func(m *mutant, p *packet.Packet) error

	mu   sync.Mutex // guards what a mutant keeps between calls
	buf  []byte
	env  *packet.Env
	last *packet.Packet
}

func (m *mutant) Pack(p *packet.Packet) error {
	if m.pack == nil {
		return m.good.Pack(p)
	}
	return m.pack(m, p)
}

func (m *mutant) Unpack(p *packet.Packet) error {
	if m.unpack == nil {
		return m.good.Unpack(p)
	}
	return m.unpack(m, p)
}

func newMutant(rw io.ReadWriter) *mutant { return &mutant{good: fast.New(rw).(good), rw: rw} }

func packer(f func(m *mutant, p *packet.Packet) error) packet.ProtoFunc {
	return func(rw io.ReadWriter) packet.Proto { m := newMutant(rw); m.pack = f; return m }
}

func unpacker(f func(m *mutant, p *packet.Packet) error) packet.ProtoFunc {
	return func(rw io.ReadWriter) packet.Proto { m := newMutant(rw); m.unpack = f; return m }
}

var twoWrites = packer(func(m *mutant, p *packet.Packet) error {
	frame, err := m.AppendFrame(nil, p)
	if err == nil {
		_, err = m.rw.Write(frame[:4])
	}
	if err == nil {
		_, err = m.rw.Write(frame[4:])
	}
	return err
})

var sizeOff = packer(func(m *mutant, p *packet.Packet) error {
	err := m.good.Pack(p)
	p.SetSize(p.Size() - 1)
	return err
})

var swallowedEOF = unpacker(func(m *mutant, p *packet.Packet) error {
	err := m.good.Unpack(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
})

// frameSize reads the size field.
func frameSize(r io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	frame := make([]byte, min(max(binary.BigEndian.Uint32(head), 4), 1<<20))
	copy(frame, head)
	return frame, nil
}

var shortRead = unpacker(func(m *mutant, p *packet.Packet) error {
	frame, err := frameSize(m.rw)
	if err != nil {
		return err
	}
	_, _ = m.rw.Read(frame[4:]) // once, and whatever it gave is taken
	p.Reset()
	return m.ParseFrame(frame, p)
})

var aliasedBody = unpacker(func(m *mutant, p *packet.Packet) error {
	frame, err := frameSize(m.rw)
	if err == nil {
		_, err = io.ReadFull(m.rw, frame[4:])
	}
	if err != nil {
		return err
	}
	m.buf = append(m.buf[:0], frame...)
	return m.ParseFrame(m.buf, p) // and no Detach
})

var staleMeta = unpacker(func(m *mutant, p *packet.Packet) error {
	var old packet.Meta
	p.Meta().CopyTo(&old)
	err := m.good.Unpack(p)
	if p.Meta().Len() == 0 {
		old.CopyTo(p.Meta())
	}
	return err
})

var lateLimit = unpacker(func(m *mutant, p *packet.Packet) error {
	env := p.Env()
	wide := env.Limit()
	limit := wide.MaxPacket
	wide.MaxPacket = 1 << 30
	p.SetEnv(&packet.Env{Limits: wide, Codecs: env.CodecRegistry(), Filters: env.FilterRegistry()})
	err := m.good.Unpack(p)
	p.SetEnv(env)
	if err == nil && p.Size() > limit {
		return packet.FrameError(packet.ClassLimit, 0, packet.ErrExceedPacketSizeLimit)
	}
	return err
})

// reversed turns the pipe of p around.
func reversed(p *packet.Packet) {
	ids := p.XferPipe().Ids()
	slices.Reverse(ids)
	p.XferPipe().Reset()
	if err := p.XferPipe().AppendFromRegistry(p.Env().FilterRegistry(), ids...); err != nil {
		panic(err)
	}
}

func turnIds(frame []byte) { slices.Reverse(frame[6 : 6+int(frame[5])]) }

var reversedPipe packet.ProtoFunc = func(rw io.ReadWriter) packet.Proto {
	m := newMutant(rw)
	m.pack = func(m *mutant, p *packet.Packet) error {
		reversed(p)
		frame, err := m.AppendFrame(nil, p)
		reversed(p)
		if err == nil {
			turnIds(frame)
			_, err = m.rw.Write(frame)
		}
		return err
	}
	m.unpack = func(m *mutant, p *packet.Packet) error {
		frame, err := frameSize(m.rw)
		if err == nil {
			_, err = io.ReadFull(m.rw, frame[4:])
		}
		if err != nil {
			return err
		}
		turnIds(frame)
		if err = m.ParseFrame(frame, p); err == nil {
			p.Detach()
			reversed(p)
		}
		return err
	}
	return m
}

// passing is a filter that does nothing.
type passing byte

func (f passing) Id() byte                          { return byte(f) }
func (passing) OnPack(src []byte) ([]byte, error)   { return src, nil }
func (passing) OnUnpack(src []byte) ([]byte, error) { return src, nil }

var anyFilter = unpacker(func(m *mutant, p *packet.Packet) error {
	env := p.Env()
	all := xfer.NewRegistry(env.FilterRegistry())
	for id := 1; id < 256; id++ {
		_ = all.Add(passing(id)) // refused where one is registered
	}
	p.SetEnv(&packet.Env{Limits: env.Limit(), Codecs: env.CodecRegistry(), Filters: all})
	err := m.good.Unpack(p)
	p.SetEnv(env)
	if packet.ClassOf(err) == packet.ClassFilterUnknown || packet.ClassOf(err) == packet.ClassHeader {
		return nil
	}
	return err
})

var panicky = unpacker(func(m *mutant, p *packet.Packet) error {
	err := m.good.Unpack(p)
	if packet.ClassOf(err) == packet.ClassVersion {
		panic("unexpected protocol id")
	}
	return err
})

var quitter = unpacker(func(m *mutant, p *packet.Packet) error {
	err := m.good.Unpack(p)
	if packet.ClassOf(err) == packet.ClassVersion {
		runtime.Goexit()
	}
	return err
})

var hanging = unpacker(func(m *mutant, p *packet.Packet) error {
	err := m.good.Unpack(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		select {}
	}
	return err
})

// mixing shares a frame between goroutines under a lock: no data race, and wrong all the same.
var mixing = packer(func(m *mutant, p *packet.Packet) error {
	frame, err := m.AppendFrame(nil, p)
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.buf = frame
	m.mu.Unlock()
	runtime.Gosched()
	m.mu.Lock()
	frame = m.buf
	m.mu.Unlock()
	_, err = m.rw.Write(frame)
	return err
})

var writesFirst = packer(func(m *mutant, p *packet.Packet) error {
	frame, err := m.AppendFrame(nil, p)
	if err != nil {
		_, _ = m.rw.Write([]byte{0, 0, 0, 24, 'f', 0})
		return err
	}
	_, err = m.rw.Write(frame)
	return err
})

var retries = packer(func(m *mutant, p *packet.Packet) error {
	frame, err := m.AppendFrame(nil, p)
	for range 3 {
		var n int
		if err == nil {
			n, err = m.rw.Write(frame)
		}
		if err != nil || n == len(frame) {
			return err
		}
		frame = frame[n:]
	}
	return io.ErrShortWrite
})

var ignoresShort = packer(func(m *mutant, p *packet.Packet) error {
	frame, err := m.AppendFrame(nil, p)
	if err == nil {
		_, err = m.rw.Write(frame)
	}
	return err
})
