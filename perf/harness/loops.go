package harness

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

var errStuck = errors.New("no call has ended for " + stuckAfter.String() + ": the run is given up")

// closed lets each client call again as soon as its reply is there. Of a mixed cell, the sleepers go on until the
// short calls are done.
func (f *fleet) closed() error {
	var short, all sync.WaitGroup
	for _, l := range f.loops {
		if l.calls >= 0 {
			short.Add(1)
		}
		all.Go(func() {
			<-f.start
			l.closed()
			if l.calls >= 0 {
				short.Done()
			}
		})
	}
	f.rec.start = time.Now()
	if f.slow != nil {
		f.slow.start = f.rec.start
	}
	close(f.start)
	return f.wait(func() {
		short.Wait()
		close(f.over)
		all.Wait()
	})
}

// closed is one client of a closed loop. The clock is read once a call: the end of one is the beginning of the next.
func (l *loop) closed() {
	defer l.lane.close()
	begin := time.Since(l.lane.r.start)
	for n := 0; l.calls < 0 || n < l.calls; n++ {
		if l.calls < 0 {
			select {
			case <-l.f.over:
				return
			default:
			}
		}
		err := l.call()
		end := time.Since(l.lane.r.start)
		if err != nil {
			l.f.fail(err)
			if l.f.failed.Load() >= maxErrors {
				return
			}
			begin = end
			continue
		}
		l.lane.record(end-begin, end)
		begin = end
	}
}

// open sends calls at a fixed rate. One goroutine keeps the time and hands out the intended moments; whichever client
// is free takes the next, late or not, and latency counts from the moment intended (no coordinated omission).
func (f *fleet) open() error {
	if f.cell.Rate <= 0 {
		return errors.New("an open loop needs a rate")
	}
	intended := make(chan time.Duration, 1<<16)
	var all sync.WaitGroup
	for _, l := range f.loops {
		all.Go(func() { l.open(intended) })
	}
	f.rec.start = time.Now()
	stopped := make(chan struct{})
	all.Go(func() { f.pace(intended, stopped) })
	defer close(stopped)
	return f.wait(all.Wait)
}

func (l *loop) open(intended <-chan time.Duration) {
	defer l.lane.close()
	for at := range intended {
		err := l.call()
		end := time.Since(l.lane.r.start)
		if err != nil {
			l.f.fail(err)
			continue
		}
		l.lane.record(end-at, end)
	}
}

// paceStep is how often the pacer wakes: the intended moments in between are handed out together, at most so late.
const paceStep = 50 * time.Microsecond

func (f *fleet) pace(intended chan<- time.Duration, stopped <-chan struct{}) {
	defer close(intended)
	defer precise()()
	gap := float64(time.Second) / f.cell.Rate
	for n := 0; n < f.cell.Calls; {
		now := time.Since(f.rec.start)
		for ; n < f.cell.Calls; n++ {
			at := time.Duration(float64(n) * gap)
			if at > now {
				break
			}
			select {
			case intended <- at:
			case <-stopped:
				return
			}
		}
		if f.failed.Load() >= maxErrors {
			return
		}
		shortSleep(paceStep)
	}
}

// wait runs f until its end, and gives up when no call ends any more.
func (f *fleet) wait(until func()) error {
	done := make(chan struct{})
	go func() { until(); close(done) }()
	last, since := int64(-1), time.Now()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return nil
		case <-tick.C:
		}
		if n := f.rec.count(); n != last {
			last, since = n, time.Now()
		} else if time.Since(since) > stuckAfter {
			return errStuck
		}
	}
}

// confirm makes one call over each connection that has pushed: its reply proves that what was sent before it was read.
func (f *fleet) confirm() error {
	return inParallel(len(f.conns), func(i int) error {
		call, err := f.conns[i].Caller(f.cell.Clients + i)
		if err == nil {
			err = call()
		}
		if err != nil {
			return fmt.Errorf("the call that confirms the pushes: %w", err)
		}
		return nil
	})
}

// idle calls each connection once, for some systems connect only then; afterwards it keeps a few of them busy while
// the others rest.
func (f *fleet) idle() error {
	if err := inParallel(len(f.loops), func(i int) error { return f.loops[i].call() }); err != nil {
		return err
	}
	few := f.loops[:min(len(f.loops), 16)]
	f.rec.start = time.Now()
	deadline := f.rec.start.Add(time.Duration(f.cell.Rest))
	return inParallel(len(few), func(i int) error {
		l := few[i]
		defer l.lane.close()
		for time.Now().Before(deadline) {
			begin := time.Since(f.rec.start)
			if err := l.call(); err != nil {
				f.fail(err)
				return err
			}
			end := time.Since(f.rec.start)
			l.lane.record(end-begin, end)
			time.Sleep(10 * time.Millisecond)
		}
		return nil
	})
}
