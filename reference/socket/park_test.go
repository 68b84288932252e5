package socket

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

var _ interface {
	Readiness
	ReadNotifier
} = (*tptest.Conn)(nil)

// woken reads a packet, or what ended reading, each time ready is called.
type woken struct {
	c *Conn

	mu    sync.Mutex // guards what follows
	calls int
	seqs  []uint64
	errs  []error
	at    []time.Time
}

func (w *woken) ready() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	w.at = append(w.at, time.Now())
	go func() {
		var p packet.Packet
		err := w.c.ReadPacket(&p)
		w.mu.Lock()
		defer w.mu.Unlock()
		if err != nil {
			w.errs = append(w.errs, err)
			return
		}
		w.seqs = append(w.seqs, p.Seq())
	}()
}

type parkRig struct {
	pk   Parker
	c    *Conn
	peer *tptest.Conn
}

// parkCase parks a connection and does something to it.
type parkCase struct {
	name  string
	idle  time.Duration
	do    func(t *testing.T, r *parkRig)
	calls int           // of ready
	seqs  int           // packets that are read then
	want  error         // of ReadPacket
	after time.Duration // when ready is called, or may not have been
}

func runParkCases(t *testing.T, tests []parkCase) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := tptest.Pipe()
				r := &parkRig{c: NewConn(a, nil, Options{ReadTimeout: test.idle}), peer: b}
				w := &woken{c: r.c}
				start := time.Now()
				if !r.pk.Park(r.c, w.ready) || r.pk.Parked() != 1 {
					t.Fatal("not parked")
				}
				synctest.Wait()
				w.mu.Lock()
				calls := w.calls
				w.mu.Unlock()
				if calls != 0 {
					t.Fatal("woken by nothing")
				}
				test.do(t, r)
				if test.after > 0 {
					time.Sleep(test.after - time.Since(start))
				}
				synctest.Wait()
				var err error
				if len(w.errs) > 0 {
					err = w.errs[0]
				}
				if w.calls != test.calls || len(w.seqs) != test.seqs || !(errors.Is(err, test.want) || test.want == errReadFailed && errors.As(err, new(*ReadError))) {
					t.Errorf("%d calls, %d packets, error %v", w.calls, len(w.seqs), err)
				}
				if test.calls > 0 && w.at[0].Sub(start) != test.after {
					t.Errorf("woken after %v", w.at[0].Sub(start))
				}
				r.c.Close()
				b.Close()
				synctest.Wait()
				if w.calls > 1 || r.pk.Parked() != 0 || len(r.pk.due) != 0 {
					t.Errorf("%d calls, %d parked, %d due", w.calls, r.pk.Parked(), len(r.pk.due))
				}
			})
		})
	}
}

// errReadFailed stands for any *ReadError.
var errReadFailed = errors.New("any ReadError")

func TestParker_Wakes(t *testing.T) {
	runParkCases(t, []parkCase{
		{"by bytes", 0, func(t *testing.T, r *parkRig) { r.peer.Write(frameOf(t, 1, 10)) }, 1, 1, nil, 0},
		{"by the end", 0, func(t *testing.T, r *parkRig) { r.peer.Close() }, 1, 0, io.EOF, 0},
		{"by a reset", 0, func(t *testing.T, r *parkRig) { r.peer.Abort() }, 1, 0, errReadFailed, 0},
		{"by Close of the Parker", 0, func(t *testing.T, r *parkRig) { r.pk.Close(); r.peer.Close() }, 1, 0, io.EOF, 0},
		{"by bytes that come later", 0, func(t *testing.T, r *parkRig) {
			r.peer.Out().Delay(time.Hour)
			r.peer.Write(frameOf(t, 1, 10))
		}, 1, 1, nil, time.Hour},
		{"by Unpark", 0, func(t *testing.T, r *parkRig) {
			if !r.pk.Unpark(r.c) || r.pk.Unpark(r.c) || r.pk.Parked() != 0 {
				t.Error("Unpark must give it back once")
			}
			r.peer.Write(frameOf(t, 1, 10))
		}, 0, 0, nil, 0},
	})
}

func TestParker_Refuses(t *testing.T) {
	tptest.CheckLeaks(t)
	never := func() { t.Error("ready was called") }
	framed := func(nc net.Conn) *Conn { return NewConn(nc, nil, Options{}) }
	tests := []struct {
		name string
		make func(pk *Parker, nc, peer *tptest.Conn) *Conn
	}{
		{"a plain Proto", func(_ *Parker, nc, _ *tptest.Conn) *Conn { return NewConn(nc, plainFast, Options{}) }},
		{"another kind of connection", func(_ *Parker, nc, _ *tptest.Conn) *Conn { return framed(struct{ net.Conn }{nc}) }},
		{"Readiness alone", func(_ *Parker, nc, _ *tptest.Conn) *Conn {
			return framed(struct {
				net.Conn
				Readiness
			}{nc, nc})
		}},
		{"closed", func(_ *Parker, nc, _ *tptest.Conn) *Conn { c := framed(nc); c.Close(); return c }},
		{"a closed Parker", func(pk *Parker, nc, _ *tptest.Conn) *Conn { pk.Close(); return framed(nc) }},
		{"at the end", func(_ *Parker, nc, peer *tptest.Conn) *Conn {
			c := framed(nc)
			peer.Close()
			c.ReadPacket(new(packet.Packet))
			return c
		}},
		{"buffered bytes", func(_ *Parker, nc, peer *tptest.Conn) *Conn {
			c := framed(nc)
			peer.Write(append(frameOf(t, 1, 1), 0))
			c.ReadPacket(new(packet.Packet))
			return c
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var pk Parker
			nc, peer := tptest.Pipe()
			c := test.make(&pk, nc, peer)
			if pk.Park(c, never) || pk.Parked() != 0 || pk.Unpark(c) {
				t.Error("parked")
			}
			c.Close()
			peer.Close()
		})
	}
}
