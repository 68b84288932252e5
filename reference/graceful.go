package tp

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"
)

// peerSet is the set of the process's peers that are not closed.
type peerSet struct {
	mu    sync.Mutex // guards peers
	peers map[*Peer]struct{}
}

var livePeers peerSet

func (ps *peerSet) add(p *Peer) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.peers == nil {
		ps.peers = make(map[*Peer]struct{})
	}
	ps.peers[p] = struct{}{}
}

func (ps *peerSet) remove(p *Peer) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.peers, p)
}

func (ps *peerSet) all() []*Peer {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	list := make([]*Peer, 0, len(ps.peers))
	for p := range ps.peers {
		list = append(list, p)
	}
	return list
}

// minShutdown is the least time that a shutdown is given.
const minShutdown = 15 * time.Second

// shutdownPlan is what SetShutdown sets.
type shutdownPlan struct {
	timeout       time.Duration // negative: none
	firstSweep    func() error
	beforeExiting func() error
}

var shutdown = struct {
	mu   sync.Mutex // guards plan
	plan shutdownPlan
}{plan: shutdownPlan{timeout: minShutdown}}

// SetShutdown says how Shutdown goes: the time it has (negative: as long as it
// takes; less than 15 s: 15 s), what runs before the peers are closed, and what
// runs after. Either function may be nil.
func SetShutdown(timeout time.Duration, firstSweep, beforeExiting func() error) {
	shutdown.mu.Lock()
	defer shutdown.mu.Unlock()
	shutdown.plan = shutdownPlan{atLeast(timeout), firstSweep, beforeExiting}
}

func atLeast(timeout time.Duration) time.Duration {
	if timeout >= 0 && timeout < minShutdown {
		return minShutdown
	}
	return timeout
}

// ErrShutdownTimeout says that the time ran out before all was closed.
var ErrShutdownTimeout = errors.New("teleport: [shutdown-timeout] not everything was closed in time")

// Shutdown runs the first sweep, closes all peers of the process gracefully and
// at the same time, and runs what was set for the end. It does not end the
// process: GraceSignal does. A timeout given here replaces the one that was
// set. The error joins what went wrong on the way. Inside a handler Shutdown
// only begins the closing.
func Shutdown(timeout ...time.Duration) error {
	shutdown.mu.Lock()
	plan := shutdown.plan
	shutdown.mu.Unlock()
	if len(timeout) > 0 {
		plan.timeout = atLeast(timeout[0])
	}
	Infof("shutting down process...")
	notifyStopping()
	processEnd.enter()
	done := make(chan error, 1)
	go plan.run(done)
	if onEngineGoroutine() {
		return nil
	}
	expired, stop := after(plan.timeout)
	defer stop()
	var err error
	select {
	case err = <-done:
	case <-expired:
		err = ErrShutdownTimeout
	}
	if err != nil {
		Errorf("process are shutted down, but not gracefully! %s", err)
		return err
	}
	Infof("process are shutted down gracefully!")
	return nil
}

// run does the shutdown. Owner: Shutdown; end: when all peers are closed.
func (plan shutdownPlan) run(done chan<- error) {
	defer processEnd.leave()
	var errs []error
	sweep := func(what string, f func() error) {
		if f == nil {
			return
		}
		if rerr := guard(what, func() *Rerror {
			if err := f(); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", what, err))
			}
			return nil
		}); rerr != nil {
			errs = append(errs, rerr)
		}
	}
	sweep("first sweep", plan.firstSweep)
	peers := livePeers.all()
	for _, p := range peers {
		errs = append(errs, p.beginClose())
	}
	for _, p := range peers {
		errs = append(errs, p.Close())
	}
	sweep("before exiting", plan.beforeExiting)
	done <- errors.Join(errs...)
}

// ErrRebootNotSupported is what Reboot returns where a listening socket cannot
// be handed to another process: on Windows.
var ErrRebootNotSupported = fmt.Errorf("teleport: reboot is not supported on this system: %w", errors.ErrUnsupported)

// Reboot replaces the process without losing a connection or a call: it starts
// the program anew, hands the listeners of all peers over to it, waits until it
// serves them (see Ready; at most a minute), and then does what Shutdown does:
// clients are asked to go, and what redials finds the new process. Sessions are
// not handed over. When the new process cannot be started, or is not ready in
// time, nothing has changed, and the error says why; the new process is ended.
//
// Like Shutdown it does not end the process: Listen returns, and GraceSignal
// exits. What the peers listen on is found again by network and address, so the
// new process listens as this one did: Listen, or NewListener and ServeListener.
// Listeners that are no sockets of the system's cannot be handed over.
func Reboot(timeout ...time.Duration) error {
	if err := handOver(); err != nil {
		Errorf("%s", err)
		return err
	}
	return Shutdown(timeout...)
}

// GraceSignal waits for SIGINT or SIGTERM, then shuts down gracefully and ends
// the process with status 0, or 1 where that failed (see SetExitFunc, with
// which it returns). SIGUSR2 asks for a Reboot; where that fails the process goes
// on. Run it on a goroutine of its own. A process that was started by a Reboot
// and only dials is ready (see Ready) with it.
func GraceSignal() {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, graceSignals...)
	defer signal.Stop(ch)
	readyWithoutListeners()
	graceLoop(ch)
}

// graceLoop does what the signals ask for, until one has ended the process.
func graceLoop(signals <-chan os.Signal) {
	for sig := range signals {
		if isRebootSignal(sig) {
			if err := handOver(); err != nil {
				Errorf("%s", err)
				continue
			}
		}
		code := 0
		processEnd.enter() // a Listen that main ends with waits for the exit
		if err := Shutdown(); err != nil {
			code = 1
		}
		exitProcess(code)
		processEnd.leave()
		return
	}
}
