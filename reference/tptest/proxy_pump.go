package tptest

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// proxied is one connection through a Proxy: ends[0] was accepted, ends[1] dialled.
type proxied struct {
	p       *Proxy
	number  uint64
	ends    [2]net.Conn
	hole    atomic.Bool
	running atomic.Int32
	once    sync.Once
	done    chan struct{} // closed by close
}

// close ends both sides, once, and tells whether this call did. fault, which may
// be nil, counts it before anybody can see it.
func (c *proxied) close(reset bool, fault *atomic.Uint64) (first bool) {
	c.once.Do(func() {
		first = true
		if fault != nil {
			fault.Add(1)
		}
		close(c.done)
		for _, nc := range c.ends {
			if tc, ok := nc.(*net.TCPConn); ok && reset {
				tc.SetLinger(0)
			}
			nc.Close()
		}
		c.p.mu.Lock()
		delete(c.p.conns, c)
		c.p.mu.Unlock()
	})
	return first
}

// cut is close as a fault, counted.
func (c *proxied) cut(reset bool) bool {
	if reset {
		return c.close(true, &c.p.resets)
	}
	return c.close(false, &c.p.cuts)
}

// pump passes on what comes from ends[from]. Owner: the Proxy; end: the end of
// the stream, a cut, or Close.
func (c *proxied) pump(from int) {
	defer c.p.wg.Done()
	defer func() {
		if c.running.Add(-1) == 0 {
			c.close(false, nil)
		}
	}()
	src, dst := c.ends[from], c.ends[1-from]
	seed := c.p.faults.Load().Seed
	rng := rand.New(rand.NewPCG(seed, c.number<<1|uint64(from)))
	buf := make([]byte, 16<<10)
	for c.waitHeld() {
		n, err := src.Read(buf)
		if !c.pass(rng, from, dst, buf[:n]) {
			return
		}
		if err == nil {
			continue
		}
		switch half, ok := dst.(interface{ CloseWrite() error }); {
		case c.hole.Load(): // the other side is not told
		case err == io.EOF && ok:
			half.CloseWrite()
		default:
			c.close(err != io.EOF, nil)
		}
		return
	}
}

// waitHeld waits while the proxy holds; false when the connection is over.
func (c *proxied) waitHeld() bool {
	held := c.p.held.Load()
	if held == nil {
		return true
	}
	select {
	case <-*held:
		return true
	case <-c.done:
		return false
	}
}

// pass writes b to dst, piece by piece, with what faults are due; false ends the pump.
func (c *proxied) pass(rng *rand.Rand, from int, dst net.Conn, b []byte) bool {
	p := c.p
	for len(b) > 0 {
		f := p.faults.Load()
		n := len(b)
		if f.MaxWrite > 0 {
			if n = min(n, 1+rng.IntN(f.MaxWrite)); n < len(b) {
				p.pieces.Add(1)
			}
		}
		due := func(every int) bool { return every > 0 && rng.Float64()*float64(every) < float64(n) }
		switch {
		case c.hole.Load():
		case due(f.CutEvery), due(f.ResetEvery):
			reset := f.CutEvery <= 0 || f.ResetEvery > 0 && rng.IntN(f.CutEvery+f.ResetEvery) < f.CutEvery
			k := rng.IntN(n)
			written, _ := dst.Write(b[:k])
			p.bytes[from].Add(uint64(written))
			p.extra.Add(uint64(len(b) - written))
			c.cut(reset)
			return false
		case due(f.HoleEvery):
			if c.hole.CompareAndSwap(false, true) {
				p.holes.Add(1)
			}
		case due(f.StallEvery):
			p.stalls.Add(1)
			if !c.sleep(f.Stall) {
				return false
			}
		case due(f.DelayEvery):
			p.delays.Add(1)
			if !c.sleep(f.Delay) {
				return false
			}
		}
		if c.hole.Load() {
			p.swallowed.Add(uint64(len(b)))
			return true
		}
		if !c.waitHeld() {
			return false
		}
		k, err := dst.Write(b[:n])
		p.bytes[from].Add(uint64(k))
		if err != nil {
			p.extra.Add(uint64(len(b) - k))
			c.close(true, nil)
			return false
		}
		b = b[n:]
	}
	return true
}

// sleep waits d, or for the end of the connection: then it is false.
func (c *proxied) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.done:
		return false
	}
}
