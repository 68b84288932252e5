package tptest

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// ProxyFaults says what a Proxy does to what passes through it. Each "Every" is
// the mean number of bytes, of one direction of one connection, between two
// faults of that kind; 0 means none. The zero value passes everything on.
type ProxyFaults struct {
	// Seed begins the sequence of choices. Together with what passes, and when,
	// it decides where the faults are; the system's own timing is not under it.
	Seed uint64
	// CutEvery closes both connections after a part of what was read: an orderly
	// end in the middle of a frame, as a proxy makes that is stopped.
	CutEvery int
	// ResetEvery is CutEvery with a reset in place of the orderly end.
	ResetEvery int
	// HoleEvery makes a black hole of the connection: what comes is swallowed,
	// either way, and nobody is told, as when a cable is pulled.
	HoleEvery int
	// StallEvery stops one direction for Stall: nothing is read or written.
	StallEvery int
	Stall      time.Duration
	// DelayEvery passes something on Delay later, and all that follows it.
	DelayEvery int
	Delay      time.Duration
	// MaxWrite makes writes of 1 to MaxWrite bytes, each by chance. 0: what was read.
	MaxWrite int
}

// ProxyStats counts what a Proxy has done.
type ProxyStats struct {
	Accepted, Refused                    uint64 // connections
	Cuts, Resets, Holes, Stalls, Delays  uint64 // faults by chance and by Cut and Reset
	Pieces                               uint64 // writes that were smaller than what was read
	BytesUp, BytesDown, Swallowed, Extra uint64 // to the target, from it, lost in holes, lost by cuts
}

// Faults is the number of faults, pieces aside.
func (s ProxyStats) Faults() uint64 { return s.Cuts + s.Resets + s.Holes + s.Stalls + s.Delays }

// String lists the counts.
func (s ProxyStats) String() string {
	return fmt.Sprintf("%d connections, %d refused; %d cuts, %d resets, %d holes, %d stalls, %d delays, %d small writes; %d bytes up, %d down, %d swallowed, %d cut off",
		s.Accepted, s.Refused, s.Cuts, s.Resets, s.Holes, s.Stalls, s.Delays, s.Pieces, s.BytesUp, s.BytesDown, s.Swallowed, s.Extra)
}

// Proxy stands between peers on real TCP connections and injects faults. For
// virtual time see Network. Its methods are safe for concurrent use.
type Proxy struct {
	lis    net.Listener
	target string
	faults atomic.Pointer[ProxyFaults]
	held   atomic.Pointer[chan struct{}] // closed by Release; nil: nothing is held
	ctx    context.Context               // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup // goroutines

	mu    sync.Mutex // guards what follows
	conns map[*proxied]struct{}
	ended bool
	seq   uint64

	accepted, refused, cuts, resets, holes, stalls, delays, pieces, swallowed, extra atomic.Uint64
	bytes                                                                            [2]atomic.Uint64
}

// ListenProxy listens on a free port of the loopback interface and passes each
// connection on to the TCP address target. Close ends it.
func ListenProxy(target string, faults ProxyFaults) (*Proxy, error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{lis: lis, target: target, conns: make(map[*proxied]struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.SetFaults(faults)
	p.wg.Add(1)
	go p.accept()
	return p, nil
}

// Addr is what to dial in place of the target.
func (p *Proxy) Addr() string { return p.lis.Addr().String() }

// SetFaults changes the faults from the next bytes on, for all connections.
func (p *Proxy) SetFaults(f ProxyFaults) { p.faults.Store(&f) }

// Hold stops all connections, new ones too, until Release: nothing is read,
// nothing written, nobody told.
func (p *Proxy) Hold() {
	held := make(chan struct{})
	p.held.CompareAndSwap(nil, &held)
}

// Release ends Hold.
func (p *Proxy) Release() {
	if held := p.held.Swap(nil); held != nil {
		close(*held)
	}
}

// Cut closes all connections and returns how many; new ones are let through.
func (p *Proxy) Cut() int { return p.cutAll(false) }

// Reset is Cut with a reset.
func (p *Proxy) Reset() int { return p.cutAll(true) }

func (p *Proxy) cutAll(reset bool) (n int) {
	for _, c := range p.list() {
		if c.cut(reset) {
			n++
		}
	}
	return n
}

func (p *Proxy) list() []*proxied {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*proxied, 0, len(p.conns))
	for c := range p.conns {
		all = append(all, c)
	}
	return all
}

// Conns is the number of connections that the proxy holds open.
func (p *Proxy) Conns() int { return len(p.list()) }

// Stats gives the counts so far.
func (p *Proxy) Stats() ProxyStats {
	return ProxyStats{
		Accepted: p.accepted.Load(), Refused: p.refused.Load(),
		Cuts: p.cuts.Load(), Resets: p.resets.Load(), Holes: p.holes.Load(), Stalls: p.stalls.Load(), Delays: p.delays.Load(),
		Pieces: p.pieces.Load(), BytesUp: p.bytes[0].Load(), BytesDown: p.bytes[1].Load(), Swallowed: p.swallowed.Load(), Extra: p.extra.Load(),
	}
}

// Close stops listening, closes all connections and waits for its goroutines.
func (p *Proxy) Close() error {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	err := p.lis.Close()
	p.cancel()
	for _, c := range p.list() {
		c.close(false, nil)
	}
	p.wg.Wait()
	return err
}

func (p *Proxy) accept() {
	defer p.wg.Done()
	for {
		nc, err := p.lis.Accept()
		if err != nil {
			return // closed
		}
		p.wg.Add(1)
		go p.connect(nc)
	}
}

// connect dials the target and starts the passing on.
func (p *Proxy) connect(nc net.Conn) {
	defer p.wg.Done()
	var d net.Dialer
	to, err := d.DialContext(p.ctx, "tcp", p.target)
	if err != nil {
		p.refused.Add(1)
		nc.Close()
		return
	}
	c := &proxied{p: p, ends: [2]net.Conn{nc, to}, done: make(chan struct{})}
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		c.close(false, nil)
		return
	}
	p.conns[c] = struct{}{}
	p.seq++
	c.number = p.seq
	p.mu.Unlock()
	p.accepted.Add(1)
	c.running.Store(2)
	p.wg.Add(2)
	go c.pump(0)
	go c.pump(1)
}
