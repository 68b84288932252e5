package judge

import (
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// gate makes settings of a whole process pass for those of one packet: calls with one and the same environment
// run side by side, a call with another one waits until none is left inside. So concurrent cases stay
// concurrent, for their packets share an environment.
type gate struct {
	mu     sync.Mutex // guards all below
	free   *sync.Cond // signalled when the last call has left
	inside int
	env    *packet.Env
	apply  func(*packet.Env) // called with mu held and nobody inside
}

func newGate(apply func(*packet.Env)) *gate {
	g := &gate{apply: apply}
	g.free = sync.NewCond(&g.mu)
	return g
}

// enter waits until env can be the environment of the process, and makes it that.
func (g *gate) enter(env *packet.Env) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.inside > 0 && g.env != env {
		g.free.Wait()
	}
	if g.inside == 0 {
		g.env = env
		g.apply(env)
	}
	g.inside++
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside--; g.inside == 0 {
		g.free.Broadcast()
	}
}

// current gives the environment of the calls inside.
func (g *gate) current() *packet.Env {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.env
}
