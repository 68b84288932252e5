package tp

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"

	"github.com/henrylee2cn/teleport/fuzz/machines"
)

// The table of pending calls does what a list does: it gives each call out once, in order, keeps to its bound,
// and wakes whoever waits for room or for its emptiness, and nobody else.
func TestPendingTable_AsItsModel(t *testing.T) { machines.Check(t, 40, pendingTables) }

var pendingTables = &commands.ProtoCommands{
	InitialStateGen: func(p *gopter.GenParameters) *gopter.GenResult {
		m := pendingModel{max: p.Rng.Intn(4)}
		if p.NextBool() {
			m.next = math.MaxUint64 - 2 // 0 follows soon: the order must survive that
		}
		return gopter.NewGenResult(m, gopter.NoShrinker)
	},
	NewSystemUnderTestFunc: func(s commands.State) commands.SystemUnderTest {
		return &pendingRig{max: s.(pendingModel).max, next: s.(pendingModel).next}
	},
	GenCommandFunc: func(commands.State) gopter.Gen {
		return func(p *gopter.GenParameters) *gopter.GenResult {
			s := &pendingStep{pendingSteps[p.Rng.Intn(len(pendingSteps))], p.Rng.Intn(6)}
			return gopter.NewGenResult(commands.Command(s), gopter.NoShrinker)
		}
	},
}

// pendingSteps has what is done more often more than once.
var pendingSteps = []string{"add", "add", "add", "add", "add", "take", "take", "take", "drained", "drained", "take-all", "take-all-for-good", "close-empty"}

// pendingModel is the table as a list. It is a value.
type pendingModel struct {
	max    int
	next   uint64   // the seq of the next call
	calls  []uint64 // by launch
	closed bool
	rooms  []bool // of each who waits for room: was woken
	drains []bool // of each who waits until no call is left: was woken
	want   pendingSeen
}

func (m pendingModel) String() string { return fmt.Sprintf("max %d, first seq %d", m.max, m.next) }

// pendingSeen is what shows after a step.
type pendingSeen struct {
	Outcome       string
	Len           int
	Rooms, Drains string
}

// without takes calls out and wakes whom that concerns.
func (m pendingModel) without(i, j int) pendingModel {
	if i == j {
		return m
	}
	m.calls = slices.Delete(slices.Clone(m.calls), i, j)
	m.rooms = slices.Repeat([]bool{true}, len(m.rooms))
	if len(m.calls) == 0 {
		m.drains = slices.Repeat([]bool{true}, len(m.drains))
	}
	return m
}

func (m pendingModel) step(what string, n int) (pendingModel, string) {
	switch what {
	case "add":
		seq := m.next
		m.next++
		switch {
		case m.closed:
			return m, "closed"
		case m.max > 0 && len(m.calls) == m.max:
			m.rooms = append(slices.Clone(m.rooms), false)
			return m, "full"
		}
		m.calls = append(slices.Clone(m.calls), seq)
		return m, "added"
	case "take":
		if n < len(m.calls) {
			return m.without(n, n+1), fmt.Sprint(m.calls[n])
		}
		return m, "none"
	case "drained":
		m.drains = append(slices.Clone(m.drains), len(m.calls) == 0)
		return m, "asked"
	case "close-empty":
		m.closed = m.closed || len(m.calls) == 0
		return m, fmt.Sprint(m.closed)
	case "take-all-for-good":
		m.closed = true
	}
	return m.without(0, len(m.calls)), fmt.Sprint(m.calls)
}

// pendingStep is one command; n says which call it takes, or that it takes one that is not there.
type pendingStep struct {
	what string
	n    int
}

func (s *pendingStep) String() string                   { return fmt.Sprintf("%s(%d)", s.what, s.n) }
func (s *pendingStep) PreCondition(commands.State) bool { return true }

func (s *pendingStep) NextState(state commands.State) commands.State {
	m, outcome := state.(pendingModel).step(s.what, s.n)
	m.want = pendingSeen{Outcome: outcome, Len: len(m.calls), Rooms: fmt.Sprint(m.rooms), Drains: fmt.Sprint(m.drains)}
	return m
}

func (s *pendingStep) Run(rig commands.SystemUnderTest) commands.Result {
	r := rig.(*pendingRig)
	outcome := r.do(s)
	return pendingSeen{Outcome: outcome, Len: r.table.len(), Rooms: woken(r.rooms), Drains: woken(r.drains)}
}

func (s *pendingStep) PostCondition(state commands.State, got commands.Result) *gopter.PropResult {
	return machines.Same(state.(pendingModel).want, got)
}

// pendingRig is a table and all who wait at it.
type pendingRig struct {
	max    int
	table  pendingTable
	next   uint64
	in     []uint64 // added and not taken, by launch
	rooms  []<-chan struct{}
	drains []<-chan struct{}
}

func (r *pendingRig) do(s *pendingStep) string {
	switch s.what {
	case "add":
		cmd := &call{seq: r.next}
		r.next++
		ok, room := r.table.add(cmd, r.max)
		switch {
		case ok:
			r.in = append(r.in, cmd.seq)
			return "added"
		case room == nil:
			return "closed"
		}
		r.rooms = append(r.rooms, room)
		return "full"
	case "take":
		seq := r.next + uint64(s.n) // of no call
		if s.n < len(r.in) {
			seq = r.in[s.n]
			r.in = slices.Delete(r.in, s.n, s.n+1)
		}
		cmd := r.table.take(seq)
		if cmd == nil {
			return "none"
		}
		return fmt.Sprint(cmd.seq)
	case "drained":
		r.drains = append(r.drains, r.table.drained())
		return "asked"
	case "close-empty":
		return fmt.Sprint(r.table.closeEmpty())
	}
	r.in = nil
	seqs := []uint64{}
	for _, cmd := range r.table.takeAll(s.what == "take-all-for-good") {
		seqs = append(seqs, cmd.seq)
	}
	return fmt.Sprint(seqs)
}

func woken(waiters []<-chan struct{}) string {
	var out []bool
	for _, w := range waiters {
		out = append(out, isClosed(w))
	}
	return fmt.Sprint(out)
}
