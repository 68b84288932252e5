package tp

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

const (
	// slowHandler is the mean time from which a handler has a goroutine of its
	// own: below it starting one costs a good part of what the handler does.
	slowHandler = 50 * time.Microsecond
	// shortHandler is the mean time at which it comes back to the reader.
	shortHandler = slowHandler / 2
	// paceOutlier is how many times the mean one call counts at most: a goroutine
	// that lost its processor for a while looks slow too.
	paceOutlier = 4
	// paceEvery is how many calls that the reader runs there are to a measured one.
	paceEvery = 16 // chosen at random, for calls may come in a rhythm
)

// pace says whether a handler is short enough to be run by the goroutine that
// reads: by its running mean, or because the user has said so.
type pace struct {
	mode paceMode     // written at registration
	mean atomic.Int64 // nanoseconds; 0: not known
	slow atomic.Bool
}

func (p *pace) short() bool {
	switch p.mode {
	case paceInline:
		return true
	case paceBlocking:
		return false
	}
	return !p.slow.Load()
}

// unknown says that nothing is known of the handler.
func (p *pace) unknown() bool { return p.mode == paceMeasured && p.mean.Load() == 0 }

// due says that a call is to be measured: one that the reader runs is not always.
func (p *pace) due() bool {
	return p.mode == paceMeasured && (p.mean.Load() == 0 || rand.Uint32()%paceEvery == 0)
}

// note counts a call that took d. Two at once may lose one: it is a mean.
func (p *pace) note(d time.Duration) {
	mean := time.Duration(p.mean.Load())
	if mean == 0 {
		mean = max(d, 1)
	} else {
		mean += (min(d, max(paceOutlier*mean, shortHandler)) - mean) / 8
	}
	p.mean.Store(int64(mean))
	switch slow := p.slow.Load(); {
	case !slow && mean > slowHandler:
		p.slow.Store(true)
	case slow && mean < shortHandler:
		p.slow.Store(false)
	}
}

// overstayed counts a call that was inside for longer than the bound, before it
// has ended: those behind it need not try.
func (p *pace) overstayed() {
	if p.mode == paceMeasured {
		p.mean.Store(max(p.mean.Load(), int64(2*slowHandler)))
		p.slow.Store(true)
	}
}

// paceMode is how a handler is run. As a plugin it sets that of what it is
// registered with.
type paceMode uint8

const (
	paceMeasured paceMode = iota
	paceInline
	paceBlocking
)

// Blocking says that handlers wait: for other services, for locks, for time. Each
// of their calls has a goroutine of its own from the beginning; without it the
// peer finds out by itself. It is given where plugins are: with a handler, a
// controller, a group, or the peer. The one closest to the handler counts.
func Blocking() Plugin { return paceBlocking }

// Inline says that handlers are short, whatever their running mean says: the
// goroutine that reads runs them. One that takes longer than
// PeerConfig.MaxInlineTime all the same holds up its session for that long, each
// time. It is given as Blocking is.
func Inline() Plugin { return paceInline }

// Name returns the name of the option.
func (m paceMode) Name() string {
	return [...]string{"Measured", "Inline", "Blocking"}[m]
}

// PostReg does nothing: it makes the option one for every place that has handlers.
func (m paceMode) PostReg(*Handler) *Rerror { return nil }

// modeOf is the option closest to the handlers whose plugins these are.
func modeOf(plugins *pluginContainer) (mode paceMode) {
	for _, p := range plugins.chain() {
		if m, ok := p.(paceMode); ok {
			mode = m
		}
	}
	return mode
}
