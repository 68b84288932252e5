package socket

import (
	"context"
	"net"
	"sync"

	"github.com/henrylee2cn/teleport/reference/codec"
)

// Socket is v3's view of a connection that carries packets, without sessions:
// whoever reads and writes decides what the packets mean. Where a session is
// wanted, package tp has it.
type Socket interface {
	// Conn's Read and Write move bytes beside the packets: Read gives first what
	// was read and not handed out as a packet.
	net.Conn

	// WritePacket writes p and returns when it is with the kernel. A packet
	// without a codec gets codec 'j'. Safe for concurrent use.
	WritePacket(p *Packet) error
	// ReadPacket reads the next packet into p and decodes the body where p has
	// a NewBodyFunc; else p keeps the raw body as its own. One goroutine at a
	// time.
	ReadPacket(p *Packet) error
	// Public is a map for whatever the user wants to keep with the socket.
	Public() *sync.Map
	// PublicLen is the number of entries in Public.
	PublicLen() int
	// Id is the name that SetId gave, else the address of the other side.
	Id() string
	// SetId names the socket.
	SetId(id string)
	// Reset closes the connection that the socket has and takes nc in its place.
	// Id and Public start anew. Nobody else may use the socket meanwhile.
	Reset(nc net.Conn, protoFunc ...ProtoFunc)
}

// NewSocket makes a Socket of nc, which it owns from then on. The first
// ProtoFunc is used, DefaultProtoFunc where there is none.
func NewSocket(nc net.Conn, protoFunc ...ProtoFunc) Socket {
	s := new(socket)
	s.Reset(nc, protoFunc...)
	return s
}

// GetSocket is NewSocket. In v3 sockets came from a pool; theirs hold channels,
// which must not be shared that way, and Close gives all memory back.
func GetSocket(nc net.Conn, protoFunc ...ProtoFunc) Socket { return NewSocket(nc, protoFunc...) }

type socket struct {
	net.Conn // for the addresses and the deadlines
	c        *Conn
	mu       sync.RWMutex // guards id
	id       string
	public   *sync.Map
}

func (s *socket) Reset(nc net.Conn, protoFunc ...ProtoFunc) {
	if s.c != nil {
		s.c.Close()
	}
	var pf ProtoFunc
	if len(protoFunc) > 0 {
		pf = protoFunc[0]
	}
	s.Conn, s.c, s.public = nc, NewConn(nc, pf, Options{}), new(sync.Map)
	s.SetId("")
}

func (s *socket) WritePacket(p *Packet) error {
	if p.BodyCodec() == codec.NilCodecId {
		p.SetBodyCodec(codec.JSONId)
	}
	t, err := s.c.WritePacket(context.Background(), p)
	if err != nil {
		return err
	}
	return s.c.w.waitPosition(context.Background(), t.end)
}

func (s *socket) ReadPacket(p *Packet) error {
	err := s.c.ReadPacket(p)
	p.Detach()
	return err
}

func (s *socket) Read(b []byte) (int, error) {
	if n := s.c.takeRaw(b); n > 0 || len(b) == 0 {
		return n, nil
	}
	return s.Conn.Read(b)
}

func (s *socket) Write(b []byte) (int, error) {
	t, err := s.c.writeRaw(b)
	if err == nil {
		err = s.c.w.waitPosition(context.Background(), t.end)
	}
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

func (s *socket) Close() error { return s.c.Close() }

func (s *socket) Public() *sync.Map { return s.public }

func (s *socket) PublicLen() (n int) {
	s.public.Range(func(any, any) bool { n++; return true })
	return n
}

func (s *socket) Id() string {
	s.mu.RLock()
	id := s.id
	s.mu.RUnlock()
	if id == "" {
		return addrOf(s.Conn)
	}
	return id
}

func (s *socket) SetId(id string) {
	s.mu.Lock()
	s.id = id
	s.mu.Unlock()
}

// takeRaw gives bytes that were read and not handed out.
func (c *Conn) takeRaw(b []byte) int {
	if c.plain != nil {
		if br := c.plain.br; br != nil && br.Buffered() > 0 {
			n, _ := br.Read(b)
			return n
		}
		return 0
	}
	rd := &c.rd
	if rd.buf == nil {
		return 0
	}
	n := copy(b, rd.buf.B[rd.r:rd.w])
	rd.r += n
	rd.need = 0
	return n
}

// writeRaw has b accepted as it is, as if it were one frame.
func (c *Conn) writeRaw(b []byte) (Ticket, error) {
	return c.w.enqueue(context.Background(), copied(b), waitForRoom)
}
