package attack

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// The defaults of Options.
const (
	DefaultHang     = 10 * time.Second
	DefaultStop     = 10
	DefaultMinimise = 2000
	DefaultMaxInput = 16 << 10
)

// maxCorpus bounds the inputs that are kept; past it, new ones replace old ones.
const maxCorpus = 4096

// Options says what to attack, with what, and for how long. Open is needed.
type Options struct {
	// Open gives the subject of one worker. It is called once a worker, before the attack begins.
	Open func() (Subject, error)
	// Seeds are the inputs to begin with. They are run first, unchanged, and must not be changed meanwhile.
	Seeds [][]byte
	// Dictionary are the tokens that the mutator puts in, besides its own.
	Dictionary [][]byte
	// MaxInput is the most bytes of an input; 0: DefaultMaxInput.
	MaxInput int
	// Seed makes the changes repeatable: with one worker, the same seed tries the same inputs in the same order.
	Seed uint64
	// Workers is how many inputs run at once; 0: one.
	Workers int
	// Time and Tries end the attack, whichever is first; 0: no limit by it. The context ends it as well.
	Time  time.Duration
	Tries int64
	// Hang is the time after which an input counts as hanging, and the attack ends: its goroutine cannot be stopped.
	// 0: DefaultHang; below 0: no watchdog, where the subject has its own.
	Hang time.Duration
	// Stop is the number of crashers after which to stop; 0: DefaultStop.
	Stop int
	// Minimise is the most tries for making one crasher smaller; 0: DefaultMinimise, below 0: none.
	Minimise int
	// Tick, where set, is told the figures every Every (0: a second). It must not block.
	Tick  func(Stats)
	Every time.Duration
	// Found, where set, is told of each crasher as it is found, one call at a time.
	Found func(Crasher)
	// Trying, where set, is told every input just before it runs, from the goroutine that runs it.
	Trying func(worker int, data []byte)
}

// Stats are the figures of an attack. A subject that is a testee is slow: PerSecond is then well below 1,000.
type Stats struct {
	Execs     int64 // inputs run, those for confirming and minimising included
	New       int   // inputs of which something new came
	Crashers  int   // different faults
	Elapsed   time.Duration
	PerSecond float64
}

// Crasher is an input with which something is wrong.
type Crasher struct {
	Target string
	Fault  Fault
	// Data is the input, made smaller as far as the same cause stays; Found is how many bytes it had when it was found.
	Data  []byte
	Found int
	// Flaky is true where the fault did not come again when the same input was run once more, alone.
	Flaky bool
}

// Result is what came of an attack.
type Result struct {
	Stats
	Crashers []Crasher
	// Corpus are the inputs of which something new came, the seeds among them, in the order in which they were found.
	Corpus [][]byte
	// Hung is true where an input hangs: its goroutine is still running.
	Hung bool
}

// Run attacks until the time or the tries are over, the context ends, enough crashers were found, or something hangs.
// The error says that a subject could not be opened or could not go on; the result then holds what was found before.
func Run(ctx context.Context, o Options) (*Result, error) {
	e := newEngine(o)
	for range e.o.Workers {
		s, err := o.Open()
		if err != nil {
			return e.result(), errors.Join(err, e.close())
		}
		e.workers = append(e.workers, &worker{subject: s})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.Time > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, o.Time)
		defer stop()
	}
	e.cancel = cancel
	var wg sync.WaitGroup
	for i, w := range e.workers {
		wg.Go(func() { e.work(ctx, i, w) })
	}
	over := make(chan struct{})
	go func() { // ends with the workers, or stays with one that hangs
		wg.Wait()
		close(over)
	}()
	if e.watch(over) {
		e.mu.Lock()
		err := e.err
		e.mu.Unlock()
		return e.result(), err
	}
	return e.result(), errors.Join(e.err, e.close())
}

// engine is one attack.
type engine struct {
	o       Options
	started time.Time
	workers []*worker
	cancel  context.CancelFunc

	// alone is held for reading while an input runs, and for writing while a fault is confirmed and made smaller: what
	// targets measure of the whole process (memory) is then of one input.
	alone sync.RWMutex
	execs atomic.Int64
	seeds atomic.Int64 // the next seed

	mu       sync.Mutex // guards below
	corpus   [][]byte
	shapes   map[string]bool
	news     int
	known    map[string]bool
	crashers []Crasher
	hung     bool
	err      error
}

// worker runs inputs one at a time.
type worker struct {
	subject Subject
	running atomic.Pointer[attempt]
}

// attempt is an input that is running.
type attempt struct {
	data  []byte
	since time.Time
}

func newEngine(o Options) *engine {
	o.Workers = max(o.Workers, 1)
	if o.MaxInput == 0 {
		o.MaxInput = DefaultMaxInput
	}
	if o.Hang == 0 {
		o.Hang = DefaultHang
	}
	if o.Stop == 0 {
		o.Stop = DefaultStop
	}
	if o.Minimise == 0 {
		o.Minimise = DefaultMinimise
	}
	if o.Every == 0 {
		o.Every = time.Second
	}
	return &engine{o: o, started: time.Now(), shapes: map[string]bool{}, known: map[string]bool{}}
}

func (e *engine) close() (err error) {
	for _, w := range e.workers {
		err = errors.Join(err, w.subject.Close())
	}
	return err
}

// watch waits for the workers, tells the figures, and looks for an input that hangs; true where one does.
func (e *engine) watch(over <-chan struct{}) bool {
	step := e.o.Every
	if e.o.Hang > 0 {
		step = min(step, max(e.o.Hang/4, time.Millisecond))
	}
	tick := time.NewTicker(step)
	defer tick.Stop()
	told := e.started
	for {
		select {
		case <-over:
			return false
		case now := <-tick.C:
			if e.o.Tick != nil && now.Sub(told)+step/2 >= e.o.Every {
				told = now
				e.o.Tick(e.stats())
			}
			for _, w := range e.workers {
				if a := w.running.Load(); a != nil && e.o.Hang > 0 && now.Sub(a.since) > e.o.Hang {
					e.hang(w, a)
					return true
				}
			}
		}
	}
}

// hang keeps an input that does not end, and ends the attack.
func (e *engine) hang(w *worker, a *attempt) {
	c := Crasher{Target: w.subject.Name(), Data: slices.Clone(a.data), Found: len(a.data),
		Fault: Fault{Kind: KindHang, Detail: "no verdict after " + e.o.Hang.String(), Cause: "no verdict"}}
	e.cancel()
	e.mu.Lock()
	e.hung = true
	e.crashers = append(e.crashers, c)
	e.mu.Unlock()
	if e.o.Found != nil {
		e.o.Found(c)
	}
}

// work runs inputs until the attack is over.
func (e *engine) work(ctx context.Context, number int, w *worker) {
	rng := rand.New(rand.NewPCG(e.o.Seed, uint64(number)))
	m := &Mutator{Rand: rng, Dictionary: e.o.Dictionary, Max: e.o.MaxInput}
	for ctx.Err() == nil {
		if n := e.execs.Add(1); e.o.Tries > 0 && n > e.o.Tries {
			e.execs.Add(-1)
			return
		}
		data := e.next(m)
		e.alone.RLock()
		out := e.try(ctx, number, w, data)
		e.alone.RUnlock()
		if ctx.Err() != nil && (out.Fault != nil || out.Err != nil) {
			return // what an ending attack breaks is no finding
		}
		if out.Err != nil {
			e.stop(out.Err)
			return
		}
		e.keep(out.Shape, data)
		if out.Fault != nil {
			e.found(ctx, number, w, data, *out.Fault)
		}
	}
}

// try runs one input under the watchdog's eye.
func (e *engine) try(ctx context.Context, number int, w *worker, data []byte) Outcome {
	if e.o.Trying != nil {
		e.o.Trying(number, data)
	}
	w.running.Store(&attempt{data, time.Now()})
	out := w.subject.Try(ctx, data)
	w.running.Store(nil)
	return out
}

// next gives the next seed, and when all have been run, a change of something kept.
func (e *engine) next(m *Mutator) []byte {
	if n := e.seeds.Add(1); n <= int64(len(e.o.Seeds)) {
		seed := e.o.Seeds[n-1]
		return seed[:min(len(seed), e.o.MaxInput)]
	}
	e.mu.Lock()
	parent, other := e.pick(m.Rand), e.pick(m.Rand)
	e.mu.Unlock()
	return m.Mutate(parent, other)
}

// pick gives something kept, the newest more often. The caller holds mu.
func (e *engine) pick(rng *rand.Rand) []byte {
	n := len(e.corpus)
	switch {
	case n == 0:
		return nil
	case n > 16 && rng.IntN(3) == 0:
		return e.corpus[n-1-rng.IntN(n/8+1)]
	}
	return e.corpus[rng.IntN(n)]
}

// keep keeps an input whose shape is new.
func (e *engine) keep(shape string, data []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.shapes[shape] {
		return
	}
	e.shapes[shape] = true
	e.news++
	data = slices.Clone(data)
	if len(e.corpus) < maxCorpus {
		e.corpus = append(e.corpus, data)
	} else {
		e.corpus[e.news%maxCorpus] = data
	}
}

// stop ends the attack with an error.
func (e *engine) stop(err error) {
	e.mu.Lock()
	e.err = errors.Join(e.err, err)
	e.mu.Unlock()
	e.cancel()
}

func (e *engine) stats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := Stats{Execs: e.execs.Load(), New: e.news, Crashers: len(e.crashers), Elapsed: time.Since(e.started)}
	s.PerSecond = float64(s.Execs) / max(s.Elapsed.Seconds(), 1e-9)
	return s
}

func (e *engine) result() *Result {
	s := e.stats()
	e.mu.Lock()
	defer e.mu.Unlock()
	return &Result{Stats: s, Crashers: slices.Clone(e.crashers), Corpus: slices.Clone(e.corpus), Hung: e.hung}
}
