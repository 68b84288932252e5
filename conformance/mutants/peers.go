package mutants

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// naive is the name of the clean peer.
const naive = "naive peer"

// silence is the time limit for a peer whose fault is that something does not come.
const silence = 2 * time.Second

// peers gives the broken peers.
func peers() []Mutant {
	return slices.Concat(peerReplies(), peerCounters(), peerCallbacks(), peerRouting(), peerBodies(), peerErrors(), peerErrorReading(),
		peerFrames(), peerSessions(), peerLoad(), peerPipes(), peerDeadlines(), peerService(), peerDialers())
}

// peerBases gives the clean peers.
func peerBases() []Base {
	return []Base{{Name: naive, Peer: startNaive(nil)}, {Name: dialing, Peer: startDialing(4, true)}}
}

// startNaive starts naive peers with one change; nil changes nothing.
func startNaive(change func(p *naivePeer)) PeerFunc {
	return func() (func(context.Context) (net.Conn, error), func()) {
		p := newNaivePeer()
		if change != nil {
			change(p)
		}
		p.running.Go(p.keepTimers)
		return p.dial, p.stop
	}
}

// broken makes a mutant of the naive peer. requirements are separated by spaces.
func broken(id, fault, requirements, killedBy string, change func(p *naivePeer)) Mutant {
	return Mutant{ID: "peer-" + id, Fault: fault, Requirements: strings.Fields(requirements), KilledBy: "peer/" + killedBy,
		Base: naive, Peer: startNaive(change)}
}

// silent is broken for a fault that shows in silence alone.
func silent(id, fault, requirements, killedBy string, change func(p *naivePeer)) Mutant {
	m := broken(id, fault, requirements, killedBy, change)
	m.Timeout = silence
	return m
}

// slowly gives more time to a killer that has much to do before the silence.
func slowly(m Mutant) Mutant {
	m.Timeout = 6 * silence
	return m
}

// altered changes each REPLY before it is sent.
func altered(f func(r *request, reply *oracle.Packet)) func(p *naivePeer) {
	return func(p *naivePeer) {
		p.alter = func(r *request, reply oracle.Packet) []oracle.Packet {
			f(r, &reply)
			return []oracle.Packet{reply}
		}
	}
}

// rerouted replaces the handler of a PULL.
func rerouted(path string, f route) func(p *naivePeer) {
	return func(p *naivePeer) { p.pulls["/conformance/"+path] = f }
}

// repushed replaces the handler of a PUSH.
func repushed(path string, f route) func(p *naivePeer) {
	return func(p *naivePeer) { p.pushes["/conformance/"+path] = f }
}

// failed tells whether a REPLY carries an error.
func failed(reply *oracle.Packet) bool {
	_, bad := oracle.ReplyErrorOf(reply.Meta)
	return bad
}

// end ends the session from a handler.
func (r *request) end() { r.s.closeLocked() }
