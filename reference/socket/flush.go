package socket

import (
	"net"
	"runtime"
	"time"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
)

const (
	// maxRounds is how many batches a caller writes for others after its own
	// frame is flushed.
	maxRounds = 4
	// hotRounds is how many batches of a single frame it takes until the
	// flusher stops to yield.
	hotRounds = 16
	// probeEvery is how often a flusher that does not yield tries it once.
	probeEvery = 32
)

// flusher is the state of whoever flushes; the writer's active flag hands it on.
type flusher struct {
	batch []*bufpool.Buffer // taken from the queue; batch[0] from off on is next
	off   int
	hot   uint8 // > 0: several goroutines write, yielding pays
	cold  uint8
}

// spawn hands the flushing to a goroutine. Its owner is the Conn; it ends when
// the queue is empty or writing has ended, which Close brings about.
func (w *writer) spawn() { go w.flush(0, false, true) }

// flush writes batch after batch until nothing is left. Inline it never blocks
// where the connection can be asked not to: what the kernel does not take, and
// what others add after own is flushed, is left to a goroutine. yields says that
// those who are about to write may go first. The error is what ended writing
// before own was flushed.
func (w *writer) flush(own uint64, inline, yields bool) error {
	if yields && w.fl.hot > 0 {
		runtime.Gosched() // others that are about to write get into this batch
	}
	w.mu.Lock()
	return w.flushLocked(own, inline, yields)
}

// flushLocked is flush without the first yield. It releases the lock.
func (w *writer) flushLocked(own uint64, inline, yields bool) error {
	for round := 1; w.err == nil && w.waitingLocked(); round++ {
		w.takeLocked()
		w.mu.Unlock()
		n, err := w.send(inline)
		if err != nil {
			return w.fail(n, err, own)
		}
		w.fl.consume(n)
		blocked := len(w.fl.batch) > 0
		w.mu.Lock()
		w.writing = false
		w.settleLocked(n)
		switch {
		case w.err != nil || !w.waitingLocked():
		case inline && (blocked || round >= maxRounds && w.flushed >= own):
			w.mu.Unlock()
			w.spawn()
			return nil
		case yields && w.fl.hot > 0:
			w.mu.Unlock()
			runtime.Gosched()
			w.mu.Lock()
		}
	}
	w.fl.drop()
	w.active = false
	err := w.lostLocked(own)
	w.mu.Unlock()
	return err
}

// waitingLocked says that there is something to write.
func (w *writer) waitingLocked() bool { return len(w.fl.batch)+len(w.queue) > 0 }

// lostLocked gives what ended writing before all up to own was flushed.
func (w *writer) lostLocked(own uint64) error {
	if w.flushed < own {
		return w.err
	}
	return nil
}

// takeLocked moves the queue into the batch.
func (w *writer) takeLocked() {
	f := &w.fl
	if len(f.batch) == 0 {
		f.batch, w.queue = w.queue, f.batch
	} else {
		f.batch = append(f.batch, w.queue...)
		clear(w.queue)
		w.queue = w.queue[:0]
	}
	w.taken = w.accepted
	if r := w.rare; r != nil {
		r.tryTaken += r.tryQueued
		r.tryQueued = 0
	}
	w.writing = true
	switch {
	case w.frames > 1:
		f.hot = hotRounds
	case f.hot > 0:
		f.hot--
	default:
		if f.cold++; f.cold >= probeEvery {
			f.cold, f.hot = 0, 1
		}
	}
}

// send writes the batch, or as much of it as goes without blocking. It returns
// the number of bytes that are with the kernel, also when it fails.
func (w *writer) send(inline bool) (n int, err error) {
	f := &w.fl
	if inline && w.try != nil {
		if len(f.batch) == 1 {
			part := f.batch[0].B[f.off:]
			n, err = w.try.tryWrite(part)
			return min(max(n, 0), len(part)), err
		}
		return f.each(w.try.tryWrite, true)
	}
	if d := time.Duration(w.timeout.Load()); d > 0 {
		w.nc.SetWriteDeadline(time.Now().Add(d))
		defer w.nc.SetWriteDeadline(time.Time{})
	}
	if _, ok := w.try.(gatherer); !ok || len(f.batch) == 1 {
		return f.each(w.nc.Write, false)
	}
	vec := make(net.Buffers, len(f.batch)) // for one system call over several buffers
	for i, b := range f.batch {
		vec[i] = b.B[f.from(i):]
	}
	n64, err := vec.WriteTo(w.nc)
	return int(n64), err
}

// each gives the batch's buffers to write, one call each. A short count is the
// end of it: an error, or no more for now.
func (f *flusher) each(write func([]byte) (int, error), partial bool) (n int, err error) {
	for i, b := range f.batch {
		part := b.B[f.from(i):]
		k, err := write(part)
		k = min(max(k, 0), len(part))
		n += k
		if err != nil {
			return n, err
		}
		if k < len(part) {
			if partial {
				return n, nil
			}
			return n, errShortWrite
		}
	}
	return n, nil
}

func (f *flusher) from(i int) int {
	if i == 0 {
		return f.off
	}
	return 0
}

// consume gives back the buffers of n written bytes.
func (f *flusher) consume(n int) {
	i := 0
	for ; i < len(f.batch) && n >= len(f.batch[i].B)-f.off; i++ {
		n -= len(f.batch[i].B) - f.off
		f.off = 0
		bufpool.Put(f.batch[i])
	}
	f.off += n
	rest := copy(f.batch, f.batch[i:])
	clear(f.batch[rest:])
	f.batch = f.batch[:rest]
	if cap(f.batch) > 64 && rest == 0 {
		f.batch = nil // after a burst: an idle connection holds little
	}
}

// drop gives back what will not be written any more.
func (f *flusher) drop() {
	if len(f.batch) == 0 && cap(f.batch) <= 4 {
		return
	}
	for _, b := range f.batch {
		bufpool.Put(b)
	}
	f.off = 0
	clear(f.batch)
	f.batch = f.batch[:0]
	if cap(f.batch) > 4 {
		f.batch = nil // an idle connection holds little
	}
}

// fail ends writing after a flush of which n bytes went out. It returns what
// flush does.
func (w *writer) fail(n int, err error, own uint64) error {
	addr := addrOf(w.nc)
	w.mu.Lock()
	w.writing = false
	w.advanceLocked(n)
	we := &WriteError{Addr: addr, Flushed: w.flushed, Lost: w.accepted - w.flushed, Err: err}
	tell := w.failLocked(we)
	w.fl.drop()
	w.active = false
	err = w.lostLocked(own)
	w.mu.Unlock()
	if tell != nil {
		tell(we)
	}
	return err
}
