package systems

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// socketClient is a connection without a peer. Its first caller reads its replies itself; with a second one a
// goroutine reads, and matches replies and calls by their seq.
type socketClient struct {
	setup setup
	conn  *socket.Conn

	callers atomic.Pointer[[]*socketCaller] // copied to grow: the matcher looks into it for each reply

	mu   sync.Mutex    // one Caller after the other
	done chan struct{} // closed when the matching has ended; nil: nobody matches
	err  error         // why it ended; written by the one who matches
}

// socketCaller is one caller; its index in the client's callers is the seq of its packets.
type socketCaller struct {
	c        *socketClient
	x        exchange
	out, in  *packet.Packet
	seq      uint64
	replied  chan error // from the matcher
	settings []packet.PacketSetting
}

func (c *socketClient) Close() error {
	err := c.conn.Close()
	c.mu.Lock()
	done := c.done
	c.mu.Unlock()
	if done != nil {
		<-done
	}
	return err
}

func (c *socketClient) Caller(worker int) (func() error, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var callers []*socketCaller
	if p := c.callers.Load(); p != nil {
		callers = *p
	}
	k := &socketCaller{
		c: c, x: c.setup.exchange(worker), out: packet.GetPacket(), in: packet.GetPacket(),
		seq: uint64(len(callers)), replied: make(chan error, 1),
	}
	k.settings = append([]packet.PacketSetting{
		packet.WithPtype(packet.TypePull), packet.WithSeq(k.seq), packet.WithUri("/bench/echo"),
		packet.WithBodyCodec(c.setup.codec.Id()),
	}, c.setup.settings...)
	callers = append(callers, k) // what was there before stays what it is
	c.callers.Store(&callers)
	if len(callers) == 2 {
		c.done = make(chan struct{})
		go c.match()
	}
	return k.call, nil
}

func (k *socketCaller) call() error {
	k.out.Reset(k.settings...)
	k.out.SetBody(k.x.request())
	if _, err := k.c.conn.WritePacket(context.Background(), k.out); err != nil {
		return err
	}
	if k.c.done == nil {
		if err := k.c.conn.ReadPacket(k.in); err != nil {
			return err
		}
		if err := k.take(k.in); err != nil {
			return err
		}
		return k.x.check()
	}
	if err := <-k.replied; err != nil {
		return err
	}
	return k.x.check()
}

// take decodes the reply.
func (k *socketCaller) take(in *packet.Packet) error {
	if in.Ptype() != packet.TypeReply || in.Seq() != k.seq {
		return fmt.Errorf("got a packet of type %d with seq %d in place of the reply to %d", in.Ptype(), in.Seq(), k.seq)
	}
	return in.Bind(k.x.reply())
}

// match reads the replies of all callers, and tells those who wait of the end.
func (c *socketClient) match() {
	defer func() {
		for _, k := range *c.callers.Load() {
			select {
			case k.replied <- c.err:
			default: // its reply is there
			}
		}
		close(c.done)
	}()
	in := packet.GetPacket()
	for {
		in.ResetForUnpack()
		if err := c.conn.ReadPacket(in); err != nil {
			c.err = err
			return
		}
		k, err := c.caller(in.Seq())
		if err != nil {
			c.err = errors.Join(err, c.conn.Close())
			return
		}
		k.replied <- k.take(in)
	}
}

func (c *socketClient) caller(seq uint64) (*socketCaller, error) {
	callers := *c.callers.Load()
	if seq >= uint64(len(callers)) {
		return nil, fmt.Errorf("a reply to %d, which nobody has sent", seq)
	}
	return callers[seq], nil
}
