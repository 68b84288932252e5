// Package socket puts packets on connections: a net.Conn, a Proto, a writer
// that gathers frames and a reader that keeps no memory while nothing comes.
//
// Most programs use package tp and never see this one, but for the packet
// settings (WithXferPipe, WithSetMeta, ...) that go into a Pull or a Push.
// Whoever builds on bare packets begins here:
//
//	c := socket.NewConn(nc, nil, socket.Options{}) // nil: the default Proto
//	go read(c)                                     // one goroutine at a time in ReadPacket
//	t, err := c.WritePacket(ctx, p)                // any number of goroutines
//
// # Writing
//
// A frame is first accepted, then flushed. WritePacket encodes the packet into
// one pooled buffer, without a lock, and puts it into the queue. Whoever finds
// nobody flushing becomes the flusher and gives everything queued to the
// connection at once; all others return right after acceptance. When the
// kernel takes no more, or when the flusher's own frame is long gone and others
// keep on writing, a goroutine of the Conn goes on in its place, so that
// no caller waits for a peer that does not read. The queue is bounded by
// Options.MaxQueued; a writer that finds it full waits for room, in order of
// arrival and for as long as its context lasts. TryWritePacket is for the
// reader: it never waits. HoldPacket gathers several packets for one Release.
//
// A flush that fails ends the connection for writing, for nobody can tell
// where a torn frame should go on. The Conn then knows the first byte of the
// stream that was not given to the kernel: Untouched tells for a Ticket
// whether anything of its frame can have left, Unflushed how much was lost.
//
// # Reading
//
// Where the Proto is a packet.Framer, as all built-in ones are, the Conn owns
// the buffers: any goroutine may go on reading where another has stopped
// (WaitPacket, Interrupt), and a Parker may wait for many idle connections in
// place of their goroutines. The Conn reads what is there, hands out frame after frame, grows its
// buffer only as bytes arrive, and gives it back before it waits. On TCP and
// unix connections, and on those that implement Readiness, the buffer is taken
// only once there is something to read. Any other Proto reads through a
// dedicated bufio.Reader.
//
// A clean end is io.EOF itself; an end inside a frame is a *packet.Error of
// class short; what is wrong with a frame is a *packet.Error too, and after it
// the stream is not looked at again.
//
// # The names of v3
//
// Socket, SocketHub, NewSocket, GetPacket, the With settings and the process
// settings (SetKeepAlive, SetReadBuffer, SetReadLimit, SetDefaultProtoFunc) are
// those of Teleport v3.
package socket
