package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// pair is the two processes of a run.
type pair struct {
	server, client *process
	addrs          []string
}

func (p *pair) end() {
	if p.client != nil {
		p.client.end()
	}
	if p.server != nil {
		p.server.end()
	}
}

// connsPerAddress is how many connections go to one address: a port of this side's is needed for each.
const connsPerAddress = 15000

// open starts both processes, and the server in one of them.
func (c *Controller) open(ctx context.Context, cell Cell) (*pair, error) {
	s := c.known[cell.System]
	p := &pair{}
	serving := s.program
	if c.Remote != "" {
		serving = Program{Control: c.Remote}
	}
	var err error
	if p.server, err = serving.start(ctx, c.stderr()); err != nil {
		return p, err
	}
	if p.client, err = s.program.start(ctx, c.stderr()); err != nil {
		return p, err
	}
	k, err := cell.Mode.Connections(cell.Clients)
	if err != nil {
		return p, err
	}
	listen, addresses := "127.0.0.1:0", 1
	if n := (k + connsPerAddress - 1) / connsPerAddress; n > 1 || c.Remote != "" {
		listen, addresses = "0.0.0.0:0", n
	}
	a, err := p.server.ask(command{Do: "serve", Cell: cell, Addr: listen}, nil)
	if err != nil {
		return p, err
	}
	_, port, err := net.SplitHostPort(a.Addr)
	if err != nil {
		return p, fmt.Errorf("the server's address %q: %w", a.Addr, err)
	}
	if c.Remote != "" {
		host, _, err := net.SplitHostPort(c.Remote)
		if err != nil {
			return p, err
		}
		p.addrs = []string{net.JoinHostPort(host, port)}
		return p, nil
	}
	for i := range addresses {
		p.addrs = append(p.addrs, net.JoinHostPort(fmt.Sprintf("127.0.0.%d", i+1), port))
	}
	return p, nil
}

// measure runs a cell once.
func (c *Controller) measure(ctx context.Context, cell Cell, run *Run) error {
	p, err := c.open(ctx, cell)
	defer p.end()
	if err != nil {
		return err
	}
	var base snapshot
	if cell.Workload == Idle {
		if base, err = p.base(cell); err != nil {
			return err
		}
	}
	if _, err := p.client.ask(command{Do: "dial", Cell: cell, Addrs: p.addrs}, nil); err != nil {
		return err
	}
	before, err := p.server.snapshot("collect")
	if err != nil {
		return err
	}
	stop, err := c.profile(p, cell, run.Round)
	if err != nil {
		return err
	}
	a, err := p.client.ask(command{Do: "run"}, c.calls)
	if err != nil {
		return err
	}
	garbage := ""
	if cell.Workload == Idle {
		garbage = "release"
	}
	after, err := p.server.snapshot(garbage)
	if err != nil {
		return err
	}
	if err := stop(); err != nil {
		return err
	}
	run.fill(a.Result, before, after)
	switch cell.Workload {
	case Idle:
		run.Idle = idleRun(cell, base, after, run.Calls)
		_, err := p.client.ask(command{Do: "verify"}, nil)
		return err
	case Push:
		return p.confirm(run)
	}
	return nil
}

func (c *Controller) calls(n int64) {
	if c.Progress != nil {
		c.Progress.Calls(n)
	}
}

func (p *process) snapshot(garbage string) (snapshot, error) {
	a, err := p.ask(command{Do: "snapshot", Garbage: garbage}, nil)
	if err != nil {
		return snapshot{}, err
	}
	if a.Snapshot == nil {
		return snapshot{}, errors.New("snapshot: the worker answered without one")
	}
	return *a.Snapshot, nil
}

// fill takes over what the client found, and what the server used meanwhile.
func (r *Run) fill(found *result, before, after snapshot) {
	r.Started, r.Seconds = found.Started, found.Seconds
	r.Calls, r.Errors, r.Fault = found.Calls, found.Errors, found.Fault
	r.Latency, r.Slow, r.Series = found.Latency, found.Slow, found.Series
	if r.Seconds > 0 {
		r.TPS = float64(r.Calls) / r.Seconds
	}
	calls := r.Calls
	if r.Slow != nil {
		calls += r.Slow.Calls
	}
	r.Server = usage(before, after, calls)
	r.Client = usage(found.Before, found.After, calls)
}

// base is the server's memory with its code warm and no connection of the cell's.
func (p *pair) base(cell Cell) (snapshot, error) {
	first := cell
	first.Workload, first.Mode, first.Clients, first.Calls, first.Warm = Closed, "conn", 1, 1, 10
	for _, c := range []command{{Do: "dial", Cell: first, Addrs: p.addrs[:1]}, {Do: "close"}} {
		if _, err := p.client.ask(c, nil); err != nil {
			return snapshot{}, err
		}
	}
	time.Sleep(100 * time.Millisecond) // the server notices the end
	return p.server.snapshot("release")
}

func idleRun(cell Cell, base, after snapshot, served int64) *IdleRun {
	n := float64(cell.Clients)
	return &IdleRun{
		Connections:  cell.Clients,
		RSSPerConn:   float64(after.RSS-base.RSS) / n,
		HeapPerConn:  float64(after.Heap-base.Heap) / n,
		StackPerConn: float64(after.Stack-base.Stack) / n,
		Goroutines:   float64(after.Goroutines-base.Goroutines) / n,
		Served:       served,
	}
}

// confirm waits until the receiver has handled every push: the replies behind them prove that all were read, not that
// their handlers have run.
func (p *pair) confirm(run *Run) error {
	var got int64
	for range 100 {
		a, err := p.server.ask(command{Do: "pushes"}, nil)
		if err != nil {
			return err
		}
		if got = a.Pushes; got >= run.Calls {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if got != run.Calls {
		return fmt.Errorf("%d pushes were sent, and %d arrived", run.Calls, got)
	}
	return nil
}

// profile begins the profiles that are wanted, and returns what ends them.
func (c *Controller) profile(p *pair, cell Cell, round int) (stop func() error, err error) {
	var ends []func() error
	stop = func() error {
		var errs []error
		for _, end := range ends {
			errs = append(errs, end())
		}
		return errors.Join(errs...)
	}
	if c.Profiles == nil {
		return stop, nil
	}
	for role, w := range map[string]*process{"server": p.server, "client": p.client} {
		for _, kind := range []string{"cpu", "mem"} {
			path := c.Profiles(kind, role, cell, round)
			if path == "" {
				continue
			}
			toggle := func() error {
				_, err := w.ask(command{Do: "profile", Profile: kind, Path: path}, nil)
				return err
			}
			if err := toggle(); err != nil {
				return stop, err
			}
			ends = append(ends, toggle)
		}
	}
	return stop, nil
}
