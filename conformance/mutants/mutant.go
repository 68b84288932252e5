package mutants

import (
	"cmp"
	"context"
	"net"
	"slices"
	"time"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/conformance/vectorgen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Kind says what a mutant is, and so which part of the suite judges it.
type Kind string

// The kinds.
const (
	// KindProto is a broken Proto, judged by CheckProto: cases `proto/...` and `wire/...`.
	KindProto Kind = "proto"
	// KindPeer is a broken live peer, judged by CheckPeer: cases `peer/...`.
	KindPeer Kind = "peer"
	// KindImplementation is a broken encoder and decoder, judged by the golden vectors alone, where the
	// suite cannot see the fault through a Proto: killers are `vectors/<vector id>`.
	KindImplementation Kind = "implementation"
)

// PeerFunc starts a fresh peer. dial opens a connection to it and may be called any number of times, from
// several goroutines; stop ends the peer and gives back all that it holds, and is called once.
type PeerFunc func() (dial func(context.Context) (net.Conn, error), stop func())

// Mutant is one fault on a clean base. Exactly one of Proto, Peer and Implementation is set. Mutants are
// values: they may be run any number of times.
type Mutant struct {
	// ID is the mutant's name for ever: `proto-<what>`, `peer-<what>`.
	ID string
	// Fault says in one line what is broken: "writes a frame in two pieces".
	Fault string
	// Requirements are the ids (TP-<AREA>-NNN) that the fault breaks. The killing case lists each of them.
	Requirements []string
	// KilledBy is the id of the case that has to see the fault, `vectors/<vector id>` for an Implementation.
	KilledBy string
	// Verdict is what the killer gives: Fail; Panic or Hang only where the fault is a crash or a hang.
	// The zero value counts as Fail.
	Verdict runner.Verdict
	// Timeout is the time limit of a case that judges the mutant, for a fault that shows in silence alone: the
	// case waits as long. 0 means the case's own. A clean base is never judged under it.
	Timeout time.Duration
	// Base names the clean base that the fault was put on; see Bases.
	Base string

	// Proto makes the broken Proto.
	Proto packet.ProtoFunc
	// Peer starts the broken peer.
	Peer PeerFunc
	// Implementation is the broken encoder and decoder.
	Implementation vectorgen.Implementation
}

// Base is a clean thing that mutants are made of: it has to pass everything that judges it. Exactly one of
// Proto, Peer and Implementation is set.
type Base struct {
	// Name is what Mutant.Base says.
	Name           string
	Proto          packet.ProtoFunc
	Peer           PeerFunc
	Implementation vectorgen.Implementation
}

// Kind tells which of its functions a mutant has.
func (m Mutant) Kind() Kind { return kindOf(m.Proto, m.Peer) }

// Kind tells which of its functions a base has.
func (b Base) Kind() Kind { return kindOf(b.Proto, b.Peer) }

func kindOf(proto packet.ProtoFunc, peer PeerFunc) Kind {
	switch {
	case proto != nil:
		return KindProto
	case peer != nil:
		return KindPeer
	}
	return KindImplementation
}

// Want gives the verdict that the killer has to give.
func (m Mutant) Want() runner.Verdict { return cmp.Or(m.Verdict, runner.Fail) }

// All gives every mutant, sorted by id. The slice is the caller's.
func All() []Mutant {
	out := slices.Concat(protos(), implementations(), peers())
	slices.SortFunc(out, func(a, b Mutant) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Bases gives the clean bases: the suite has to find nothing wrong with any of them.
func Bases() []Base { return slices.Concat(protoBases(), peerBases()) }
