package tp

import "sync"

// processEnd is entered by who shuts the process down, and waited for by
// Listen: a program whose main ends with Listen, as most do, would end the
// process while handlers still run and the last sweep is not done.
var processEnd endGate

// endGate counts who is inside. The zero value is empty.
type endGate struct {
	mu    sync.Mutex // guards n and empty
	n     int
	empty chan struct{} // closed when n is 0 again
}

func (g *endGate) enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n == 0 {
		g.empty = make(chan struct{})
	}
	g.n++
}

func (g *endGate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.n--; g.n == 0 {
		close(g.empty)
	}
}

// wait waits until nobody is inside.
func (g *endGate) wait() {
	for {
		g.mu.Lock()
		n, empty := g.n, g.empty
		g.mu.Unlock()
		if n == 0 {
			return
		}
		<-empty
	}
}

// awaitEnd waits until what Close began is over: all sessions, and where the
// process is being shut down that too.
//
// req: TP-SESS-025
func (p *Peer) awaitEnd() {
	p.accepting.Wait()
	for _, s := range p.allSessions() {
		<-s.done.wait()
	}
	processEnd.wait()
}
