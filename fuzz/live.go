package fuzz

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// patience is how long a target waits for what must come. It is never waited for where nothing is wrong.
const patience = 20 * time.Second

// quiet turns the default logger off: what hostile bytes make a peer log is no news to a fuzzer. A logger that was given
// to tp.SetLogger stays as it is.
var quiet = sync.OnceFunc(func() { _ = tp.SetRawlogLevel("OFF") }) // the name is one of the list

// within waits for the channel to be closed.
func within(t Reporter, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
		return
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		t.Fatalf("%s did not happen in %v", what, patience)
	}
}

// closePeer closes a peer, whose connections must have been closed.
func closePeer(t Reporter, p *tp.Peer) {
	t.Helper()
	closed := make(chan struct{})
	go func() { // ends with Close
		defer close(closed)
		_ = p.Close() // there are no listeners to report anything
	}()
	within(t, "the end of the peer", closed)
}

// labelled counts runs, for their goroutines' label.
var labelled atomic.Uint64

// noneLeft runs f and wants the goroutines that began in it to end. They carry a label, so runs may go on side by side.
func noneLeft(t Reporter, f func()) {
	t.Helper()
	const key = "teleport-fuzz-run"
	id := strconv.FormatUint(labelled.Add(1), 10)
	before := runtime.NumGoroutine()
	pprof.Do(context.Background(), pprof.Labels(key, id), func(context.Context) { f() })
	end := time.Now().Add(patience)
	for turn := 0; runtime.NumGoroutine() > before; turn++ {
		if turn < 100 {
			runtime.Gosched()
			continue
		}
		var stacks bytes.Buffer
		err := pprof.Lookup("goroutine").WriteTo(&stacks, 1)
		if mark := `"` + key + `":"` + id + `"`; err == nil && !bytes.Contains(stacks.Bytes(), []byte(mark)) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("goroutines are left:\n%s", stacks.String())
		}
		time.Sleep(time.Millisecond)
	}
}

// talker is the other side of a live peer, by hand: it writes bytes and keeps the packets that come.
type talker struct {
	conn  *tptest.Conn
	ended chan struct{} // closed when nothing more comes

	mu      sync.Mutex // guards what follows
	err     error      // why it ended
	replies map[uint64][]*packet.Packet
	count   int      // of replies
	pulls   []uint64 // seqs of the peer's own PULLs that were not answered yet
	odd     *packet.Packet
	news    chan struct{} // closed at the next packet
}

// talk begins to read from the connection.
func talk(conn *tptest.Conn, env *packet.Env) *talker {
	x := &talker{conn: conn, ended: make(chan struct{}), news: make(chan struct{}), replies: map[uint64][]*packet.Packet{}}
	go x.read(env) // ends with the connection
	return x
}

func (x *talker) read(env *packet.Env) {
	defer close(x.ended)
	proto := fast.New(x.conn)
	for {
		p := packet.NewPacket(packet.WithEnv(env))
		err := proto.Unpack(p)
		x.mu.Lock()
		switch {
		case err != nil:
			x.err = err
		case p.Ptype() == packet.TypeReply:
			x.replies[p.Seq()] = append(x.replies[p.Seq()], p)
			x.count++
		case p.Ptype() == packet.TypePull:
			x.pulls = append(x.pulls, p.Seq())
		case p.Ptype() != packet.TypePush:
			x.odd = p
		}
		close(x.news)
		x.news = make(chan struct{})
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// until waits until ok says so; ok runs under the lock. It gives false when the connection ended and ok still says no.
func (x *talker) until(t Reporter, what string, ok func() bool) bool {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		x.mu.Lock()
		yes, news := ok(), x.news
		x.mu.Unlock()
		if yes {
			return true
		}
		select {
		case <-news:
		case <-x.ended:
			x.mu.Lock()
			defer x.mu.Unlock()
			return ok()
		case <-timer.C:
			t.Fatalf("%s did not come in %v", what, patience)
		}
	}
}

// answered sends a PULL and gives its REPLY; nil when the connection ends first.
func (x *talker) answered(t Reporter, env *packet.Env, seq uint64, settings ...packet.PacketSetting) *packet.Packet {
	t.Helper()
	p := packet.NewPacket(packet.WithEnv(env), packet.WithSeq(seq), packet.WithPtype(packet.TypePull))
	for _, set := range settings {
		set(p)
	}
	if err := fast.New(x.conn).Pack(p); err != nil {
		return nil
	}
	var reply *packet.Packet
	x.until(t, "the REPLY", func() bool {
		if r := x.replies[seq]; len(r) > 0 {
			reply = r[0]
		}
		return reply != nil
	})
	return reply
}

// reason gives why the connection ended.
func (x *talker) reason() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.err == nil {
		return io.ErrNoProgress
	}
	return x.err
}
