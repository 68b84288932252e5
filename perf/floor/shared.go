package floor

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// sharedBuffer is what each side of a connection with many callers reads through, and about what a server
// collects before it writes in the midst of a burst.
const sharedBuffer = 64 << 10

// sender is how frames leave a connection that several goroutines write to.
type sender interface {
	send(frame []byte, yield bool) error
	fail(err error)
}

// serveSingly answers each frame with a write of its own, however many were read at once.
func serveSingly(b body) func(net.Conn) { return serveRaw(b, sharedBuffer) }

// serveInline runs the handlers in the goroutine that reads. The replies of all requests that one read
// brought leave in one write.
func serveInline(b body) func(net.Conn) {
	return func(conn net.Conn) {
		in := newFrameReader(conn, sharedBuffer)
		var out []byte
		for {
			frame, err := in.next()
			if err != nil {
				return
			}
			out, err = appendReply(out, b, frame)
			if err != nil {
				return
			}
			if in.whole() && len(out) < sharedBuffer {
				continue
			}
			if _, err := conn.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
	}
}

// buffers are passed from the reader to the handlers' goroutines and back.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// serveGoroutines starts a goroutine for each request, and combines what they write.
func serveGoroutines(b body) func(net.Conn) {
	return func(conn net.Conn) {
		in := newFrameReader(conn, sharedBuffer)
		out := &combiner{conn: conn}
		var handlers sync.WaitGroup
		defer handlers.Wait()
		for {
			frame, err := in.next()
			if err != nil {
				return
			}
			request := buffers.Get().(*[]byte)
			*request = append((*request)[:0], frame...)
			handlers.Add(1)
			go func() {
				defer handlers.Done()
				reply := buffers.Get().(*[]byte)
				frame, err := appendReply((*reply)[:0], b, *request)
				if err == nil {
					err = out.send(frame, true)
					*reply = frame
				}
				if err != nil {
					conn.Close()
				}
				buffers.Put(request)
				buffers.Put(reply)
			}()
		}
	}
}

// sharedClient is a connection with many callers and one reader.
type sharedClient struct {
	conn   net.Conn
	out    sender
	body   body
	flying atomic.Int64 // calls under way

	mu      sync.RWMutex // guards callers, and that none joins after the end
	callers []*waiting
	ended   error

	reader sync.WaitGroup
}

// waiting is a caller and the reply that it waits for.
type waiting struct {
	reply []byte
	done  chan error // holds at most the result of the one call under way
}

func dialShared(addr string, b body, newSender func(net.Conn) sender) (harness.Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &sharedClient{conn: conn, out: newSender(conn), body: b}
	c.reader.Go(c.read)
	return c, nil
}

// Close ends the connection and the calls under way.
func (c *sharedClient) Close() error {
	err := c.conn.Close()
	c.reader.Wait()
	return err
}

// Caller gives the calls of one more worker.
func (c *sharedClient) Caller(worker int) (func() error, error) { return c.join(worker, 0) }

// Sleeper gives the calls of one more worker, marked as the slow ones.
func (c *sharedClient) Sleeper(worker int) (func() error, error) { return c.join(worker, slowMark) }

func (c *sharedClient) join(worker int, mark uint64) (func() error, error) {
	calls := c.body.caller(worker)
	mine := &waiting{done: make(chan error, 1)}
	c.mu.Lock()
	number := uint64(len(c.callers)) | mark
	c.callers = append(c.callers, mine)
	ended := c.ended
	c.mu.Unlock()
	if ended != nil {
		return nil, ended
	}
	var out []byte
	return func() error {
		var err error
		out, err = calls.request(beginFrame(out[:0], number))
		if err != nil {
			return err
		}
		alone := c.flying.Add(1) == 1
		defer c.flying.Add(-1)
		if err := c.out.send(endFrame(out, 0), !alone); err != nil {
			return err
		}
		if err := <-mine.done; err != nil {
			return err
		}
		return calls.check(mine.reply)
	}, nil
}

// read hands each reply to its caller, and the end of the connection to all of them.
func (c *sharedClient) read() {
	in := newFrameReader(c.conn, sharedBuffer)
	for {
		frame, err := in.next()
		if err == nil {
			err = c.deliver(frame)
		}
		if err != nil {
			c.end(err)
			return
		}
	}
}

func (c *sharedClient) deliver(frame []byte) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	number := callerOf(frame) &^ slowMark
	if number >= uint64(len(c.callers)) {
		return fmt.Errorf("floor: a reply to caller %d, of %d", number, len(c.callers))
	}
	to := c.callers[number]
	if len(to.done) > 0 {
		return fmt.Errorf("floor: a second reply to caller %d", number)
	}
	to.reply = append(to.reply[:0], frame[headSize:]...)
	to.done <- nil
	return nil
}

func (c *sharedClient) end(err error) {
	c.conn.Close()
	c.out.fail(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = err
	for _, to := range c.callers {
		select {
		case to.done <- err:
		default:
		}
	}
}
