package socket

import (
	"net"
	"sync"
	"sync/atomic"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
)

const (
	// tailMax is how far frames are gathered in one buffer, bytes. What one
	// system call moves in this size hides the call's own cost.
	tailMax = 64 << 10
	// copyMax is the largest frame that is copied to the queue's tail; a larger
	// one is handed over with its buffer.
	copyMax = 16 << 10
	// packReserve is the room kept for a packet whose size is not known yet
	// because a plain Proto packs it, bytes.
	packReserve = 4 << 10
)

// Ticket says where in the stream of written bytes a frame lies. The zero Ticket
// belongs to no frame.
type Ticket struct{ start, end uint64 }

// writer gathers frames and flushes them. Three positions in the stream order
// everything: flushed <= taken <= accepted. Bytes before flushed are with the
// kernel; those up to taken are in the batch of whoever flushes; those up to
// accepted wait in the queue.
type writer struct {
	try     tryWriter // nil: every write may block
	nc      net.Conn
	max     int
	timeout atomic.Int64

	// mu guards what follows. It is held for moves of memory only: never while
	// a packet is encoded, in a system call, or in a callback.
	mu       sync.Mutex
	active   bool // somebody flushes; only that goroutine touches fl
	writing  bool // a write is under way: bytes up to taken may have left
	sealed   bool // CloseWrite was called: no more packets
	closed   bool
	frames   int32 // how many are not wholly flushed; the newest ends at accepted
	message  int32 // longest message, where each frame must be one; 0: a stream
	accepted uint64
	taken    uint64
	flushed  uint64
	queue    []*bufpool.Buffer
	err      error // set once: no more writing
	onErr    func(error)
	rare     *writerRare // see has and more

	fl flusher
}

// writerRare is what few writers need, guarded by the writer's mu.
type writerRare struct {
	reserved int    // room promised to plain Protos that pack now
	packing  int    // how many those are
	packs    uint64 // how many there were so far
	packed   chan struct{}
	ends     []uint64      // where each frame ends that is not wholly flushed, ascending, but for the newest
	waiters  []*roomWaiter // in order of arrival
	flushers []flushWaiter
	// tryQueued and tryTaken are the bytes of TryWritePacket in the queue and
	// in the batch; they have a bound of their own.
	tryQueued, tryTaken int
}

// noWriterRare is what a writer without any has. It is only read.
var noWriterRare writerRare

// has gives what the writer has of the rare things, to read.
func (w *writer) has() *writerRare {
	if w.rare == nil {
		return &noWriterRare
	}
	return w.rare
}

// more gives the same to write.
func (w *writer) more() *writerRare {
	if w.rare == nil {
		w.rare = new(writerRare)
	}
	return w.rare
}

// fitsLocked tells whether n more bytes may be accepted now.
func (w *writer) fitsLocked(n int, try bool) bool {
	r := w.has()
	tryHeld := r.tryQueued + r.tryTaken
	if try {
		return tryHeld == 0 || tryHeld+n <= w.max
	}
	held := max(int(w.accepted-w.flushed)-tryHeld, 0) + r.reserved
	return held == 0 || held+n <= w.max
}

// putLocked accepts the frame f, which becomes the writer's.
func (w *writer) putLocked(f *bufpool.Buffer, try bool) Ticket {
	t := w.countLocked(len(f.B), try)
	if w.copyLocked(f.B) {
		bufpool.Put(f)
		return t
	}
	w.queue = append(w.queue, f)
	return t
}

// countLocked moves the positions for a frame of n bytes.
func (w *writer) countLocked(n int, try bool) Ticket {
	t := Ticket{w.accepted, w.accepted + uint64(n)}
	if w.frames++; w.frames > 1 {
		r := w.more()
		r.ends = append(r.ends, w.accepted)
	}
	w.accepted = t.end
	if try {
		w.more().tryQueued += n
	}
	return t
}

// copyLocked appends b to the queue's last buffer, unless b is big, or the
// buffer is full, or there is none.
func (w *writer) copyLocked(b []byte) bool {
	if len(b) > copyMax || len(w.queue) == 0 || w.message > 0 {
		return false
	}
	tail := w.queue[len(w.queue)-1]
	n := len(tail.B) + len(b)
	if n > tailMax {
		return false
	}
	if n > cap(tail.B) {
		// Doubling keeps the copies few; the pool keeps them cheap.
		bigger := bufpool.Get(min(max(n, 2*cap(tail.B)), tailMax))
		bigger.B = append(bigger.B, tail.B...)
		w.queue[len(w.queue)-1] = bigger
		bufpool.Put(tail)
		tail = bigger
	}
	tail.B = append(tail.B, b...)
	return true
}

// settleLocked counts n more bytes as flushed and lets those go on who waited
// for that.
func (w *writer) settleLocked(n int) {
	w.advanceLocked(n)
	w.admitLocked()
	w.wakeFlushersLocked()
}

// advanceLocked counts n more bytes as flushed.
func (w *writer) advanceLocked(n int) {
	w.flushed += uint64(n)
	if w.rare != nil && w.flushed == w.taken {
		w.rare.tryTaken = 0
	}
	if w.flushed == w.accepted {
		w.frames = 0
	}
	if r := w.rare; r != nil && len(r.ends) > 0 {
		done := 0
		for done < len(r.ends) && r.ends[done] <= w.flushed {
			done++
		}
		w.frames = max(w.frames-int32(done), 0)
		if done == len(r.ends) && cap(r.ends) > 256 {
			r.ends = nil // after a burst: an idle connection holds little
		} else if done > 0 {
			r.ends = r.ends[:copy(r.ends, r.ends[done:])]
		}
	}
}

// failLocked ends writing. It gives the callback that the caller owes a call
// after it has unlocked.
func (w *writer) failLocked(err error) func(error) {
	if w.err != nil {
		return nil
	}
	w.err = err
	for _, b := range w.queue {
		bufpool.Put(b)
	}
	w.queue = nil
	w.sendAwayLocked()
	w.wakeFlushersLocked()
	f := w.onErr
	w.onErr = nil
	return f
}

// close marks the writer closed; false when it was before.
func (w *writer) close() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	w.closed = true
	w.failLocked(ErrConnClosed)
	return true
}

func (w *writer) onError(f func(error)) {
	w.mu.Lock()
	err := w.err
	if err == nil {
		w.onErr = f
	}
	w.mu.Unlock()
	if we, ok := err.(*WriteError); ok && f != nil {
		f(we)
	}
}

func (w *writer) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *writer) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

// untouched compares the frame with the first byte that has certainly not left.
//
// req: TP-SESS-023, TP-SESS-029
func (w *writer) untouched(t Ticket) bool {
	if t.end == 0 {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err == nil:
		return false
	case w.writing:
		return t.start >= w.taken
	}
	return t.start >= w.flushed
}

func (w *writer) unflushed() (frames, bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int(w.frames), int(w.accepted - w.flushed)
}
