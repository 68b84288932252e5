package harness

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// WorkerMain is the whole of a worker process: a server or a client, told by JSON on standard input what to do, and
// answering by lines of JSON on standard output. A program that holds systems of its own calls it and nothing else.
func WorkerMain(systems []System) {
	raiseFileLimit()
	if err := Work(systems, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "perf worker:", err)
		os.Exit(1)
	}
}

// Work obeys the commands that come from r until its end, and answers to w. Connections and servers that were not
// closed by command are left to the end of the process: thousands of goodbyes would take longer than the run.
func Work(systems []System, r io.Reader, w io.Writer) error {
	k := &worker{systems: systems, out: json.NewEncoder(w)}
	defer k.profile.stop()
	in := json.NewDecoder(bufio.NewReader(r))
	for {
		var c command
		if err := in.Decode(&c); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) {
				return nil
			}
			return err
		}
		a, err := k.do(c)
		if err != nil {
			a.Error = err.Error()
		}
		if err := k.answer(a); err != nil {
			return err
		}
	}
}

// command is what the controller asks of a worker.
type command struct {
	Do    string   `json:"do"` // list, serve, dial, run, verify, snapshot, pushes, profile, close
	Cell  Cell     `json:"cell,omitzero"`
	Addr  string   `json:"addr,omitempty"`  // serve: where to listen
	Addrs []string `json:"addrs,omitempty"` // dial: connections go to them in turn
	// Garbage is what a snapshot does first: "" nothing, "collect" it, or "release" its memory to the system too.
	Garbage string `json:"garbage,omitempty"`
	// Profile is what to collect until the same command comes again: "cpu" or "mem". Path is the file.
	Profile string `json:"profile,omitempty"`
	Path    string `json:"path,omitempty"`
}

// answer is what a worker says. A line with Progress is not the answer yet.
type answer struct {
	Error    string       `json:"error,omitempty"`
	Progress *int64       `json:"progress,omitempty"`
	Systems  []SystemInfo `json:"systems,omitempty"`
	Addr     string       `json:"addr,omitempty"`
	Snapshot *snapshot    `json:"snapshot,omitempty"`
	Pushes   int64        `json:"pushes,omitempty"`
	Result   *result      `json:"result,omitempty"`
}

// SystemInfo is what can be said of a system without its code.
type SystemInfo struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Kind    Kind   `json:"kind"`
	Shares  bool   `json:"shares"`
	// Lacks says why a system cannot run the cell that was asked about.
	Lacks string `json:"lacks,omitempty"`
}

type worker struct {
	systems []System
	mu      sync.Mutex // guards out: progress lines come from another goroutine
	out     *json.Encoder
	server  Server
	fleet   *fleet
	profile profiler
}

func (k *worker) answer(a answer) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.out.Encode(a)
}

func (k *worker) do(c command) (a answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: panic: %v", c.Do, p)
		}
	}()
	switch c.Do {
	case "list":
		a.Systems = infos(k.systems, c.Cell.Options)
	case "serve":
		a.Addr, err = k.serve(c)
	case "dial":
		err = k.dial(c)
	case "run":
		a.Result, err = k.run()
	case "verify":
		err = k.verify()
	case "snapshot":
		s := takeSnapshot(c.Garbage)
		a.Snapshot = &s
	case "pushes":
		a.Pushes, err = k.pushes()
	case "profile":
		err = k.profile.toggle(c.Profile, c.Path)
	case "close":
		err = k.close()
	default:
		err = fmt.Errorf("unknown command %q", c.Do)
	}
	return a, err
}

func infos(systems []System, o Options) []SystemInfo {
	var out []SystemInfo
	for _, s := range systems {
		i := SystemInfo{Name: s.Name, Version: s.Version, Kind: s.Kind, Shares: s.Shares}
		if s.Lacks != nil {
			i.Lacks = s.Lacks(o)
		}
		out = append(out, i)
	}
	return out
}

func (k *worker) system(name string) (System, error) {
	for _, s := range k.systems {
		if s.Name == name {
			return s, nil
		}
	}
	return System{}, fmt.Errorf("no system %q in this program", name)
}

func (k *worker) serve(c command) (string, error) {
	s, err := k.system(c.Cell.System)
	if err != nil {
		return "", err
	}
	if k.server, err = s.Listen(c.Addr, c.Cell.Options); err != nil {
		return "", fmt.Errorf("%s: listen on %s: %w", s.Name, c.Addr, err)
	}
	return k.server.Addr(), nil
}

func (k *worker) dial(c command) error {
	s, err := k.system(c.Cell.System)
	if err != nil {
		return err
	}
	k.fleet, err = newFleet(s, c.Cell, c.Addrs)
	return err
}

func (k *worker) run() (*result, error) {
	if k.fleet == nil {
		return nil, errors.New("run before dial")
	}
	stop := every(progressEvery, func() {
		n := k.fleet.rec.count()
		_ = k.answer(answer{Progress: &n})
	})
	defer stop()
	return k.fleet.run()
}

// verify makes one call over each connection: all of them are still there.
func (k *worker) verify() error {
	if k.fleet == nil {
		return errors.New("verify before dial")
	}
	return inParallel(len(k.fleet.loops), func(i int) error { return k.fleet.loops[i].call() })
}

func (k *worker) pushes() (int64, error) {
	p, ok := k.server.(PushCounter)
	if !ok {
		return 0, errors.New("this system does not count pushes")
	}
	return p.Pushes(), nil
}

func (k *worker) close() error {
	var errs []error
	if k.fleet != nil {
		errs = append(errs, k.fleet.close())
		k.fleet = nil
	}
	if k.server != nil {
		errs = append(errs, k.server.Close())
		k.server = nil
	}
	return errors.Join(append(errs, k.profile.stop())...)
}
