package testee

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// The time limits where Options names none.
const (
	DefaultConnect = 10 * time.Second // to start and say hello
	DefaultSilence = 10 * time.Second // from a question to its answer
)

// maxStarts is how many starts in a row may fail before a session gives up.
const maxStarts = 5

// Options says how a testee is run. Command alone is needed.
type Options struct {
	// Command is the program and its arguments. No shell is involved.
	Command []string
	// Dir is the working directory; empty: that of the judge. Env is the environment; nil: that of the judge.
	Dir string
	Env []string
	// Standard is the version of the standard that the judge works by, for the hello.
	Standard string
	// Features are the names that a testee may declare.
	Features []string
	// Connect limits the time to start and say hello, Silence the time from a question to its answer; 0 means the
	// default, below 0 no limit.
	Connect, Silence time.Duration
	// Stderr, where set, gets what the testee writes to its standard error.
	Stderr io.Writer
	// OnLine, where set, is told every line, without its line feed, from the goroutine that asks. It must not keep
	// the bytes.
	OnLine func(sent bool, line []byte)
	// OnStart, where set, is called after each hello with the id of the process.
	OnStart func(pid int)
}

// Session is a testee that can be asked. It is safe for concurrent use; questions are put one at a time.
type Session struct {
	o     Options
	intro Introduction // the first one: what the run goes by

	mu       sync.Mutex // guards below, across a question
	p        *process   // nil: none is running
	server   string
	failed   int // starts that failed in a row
	restarts int
	closed   bool
}

// Open starts the testee and exchanges hellos. The error is a [*StartError]. The session is to be closed.
func Open(ctx context.Context, o Options) (*Session, error) {
	if o.Connect == 0 {
		o.Connect = DefaultConnect
	}
	if o.Silence == 0 {
		o.Silence = DefaultSilence
	}
	s := &Session{o: o}
	if err := s.start(ctx); err != nil {
		return nil, &StartError{Command: strings.Join(o.Command, " "), Err: err}
	}
	return s, nil
}

// Introduction gives what the testee said of itself when the session was opened.
func (s *Session) Introduction() Introduction { return s.intro }

// Restarts gives how often another process had to be started.
func (s *Session) Restarts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.restarts
}

// start launches a process and exchanges hellos. The caller holds mu, or is alone.
func (s *Session) start(ctx context.Context) error {
	p, err := launch(s.o.Command, s.o.Dir, s.o.Env, s.o.Stderr)
	if err != nil {
		return err
	}
	intro, err := s.hello(ctx, p)
	if err != nil {
		p.kill("it did not say hello")
		return err
	}
	if s.intro.Type == "" {
		s.intro = intro
	}
	s.p, s.server = p, intro.Server
	if s.o.OnStart != nil {
		s.o.OnStart(p.cmd.Process.Pid)
	}
	return nil
}

func (s *Session) hello(ctx context.Context, p *process) (intro Introduction, err error) {
	h := Hello{Type: TypeHello, Contract: Contract, Standard: s.o.Standard, Judge: "teleport conform", MaxLine: MaxLine}
	answer, err := s.say(ctx, p, s.o.Connect, h)
	if err != nil {
		return intro, err
	}
	if err := json.Unmarshal(answer, &intro); err != nil {
		return intro, &Fault{Why: "its hello is no JSON of a hello: " + err.Error(), Line: cut(answer)}
	}
	if err := intro.check(s.o.Features); err != nil {
		return intro, &Fault{Why: err.Error(), Line: cut(answer)}
	}
	return intro, nil
}

// check says what is wrong with an introduction.
func (i *Introduction) check(features []string) error {
	switch {
	case i.Type != TypeHello:
		return fmt.Errorf("it answered a hello with a line of type %q", i.Type)
	case i.Contract != Contract:
		return fmt.Errorf("it speaks version %d of the contract, the judge speaks %d", i.Contract, Contract)
	case i.Name == "":
		return errors.New("its hello has no name")
	case len(i.Protos) == 0 && i.Server == "":
		return errors.New("its hello has neither protos nor a server: there is nothing to judge")
	}
	for _, p := range i.Protos {
		if !slices.Contains([]string{"fast/1", "json/1", "pb/1"}, p) {
			return fmt.Errorf("it declares the Proto %q, expected fast/1, json/1 or pb/1", p)
		}
	}
	for _, id := range i.Filters {
		if id < 1 || id > 255 {
			return fmt.Errorf("it declares the filter %d, expected 1 to 255", id)
		}
	}
	for _, f := range i.Features {
		if !slices.Contains(features, f) {
			return fmt.Errorf("it declares the feature %q, expected some of %s", f, strings.Join(features, ", "))
		}
	}
	return nil
}

// say writes one value as a line and reads a line.
func (s *Session) say(ctx context.Context, p *process, silence time.Duration, v any) ([]byte, error) {
	line, err := plain(v)
	if err != nil {
		return nil, err
	}
	if len(line) >= MaxLine {
		return nil, fmt.Errorf("a question of %d bytes is over the %d of the contract", len(line), MaxLine)
	}
	s.tell(true, line)
	answer, err := p.exchange(ctx, silence, line)
	if err == nil {
		s.tell(false, answer)
	}
	return answer, err
}

func (s *Session) tell(sent bool, line []byte) {
	if s.o.OnLine != nil {
		s.o.OnLine(sent, line)
	}
}

// Ask puts one question and gives the answer. An answer that is one always comes with a nil error; else the error
// is a [*Crash], a [*Silence] or a [*Fault], or says that the testee cannot be started again. After an error
// another process is started for the next question.
func (s *Session) Ask(ctx context.Context, q Request) (Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return Result{}, err
	}
	q.Type = TypeCase
	r, err := s.answer(ctx, &q)
	if err != nil {
		s.p.kill("it gave no answer")
		s.p = nil
	}
	return r, err
}

func (s *Session) answer(ctx context.Context, q *Request) (r Result, err error) {
	line, err := s.say(ctx, s.p, s.o.Silence, q)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return r, &Fault{Why: "a line that is no JSON of a result: " + err.Error(), Line: cut(line)}
	}
	if err := r.check(q); err != nil {
		return r, &Fault{Why: err.Error(), Line: cut(line)}
	}
	return r, nil
}

// ready sees to it that a process is running. The caller holds mu.
func (s *Session) ready(ctx context.Context) error {
	switch {
	case s.closed:
		return errors.New("the session is closed")
	case s.p != nil && !s.p.ended():
		return nil
	case s.failed >= maxStarts:
		return fmt.Errorf("%w: the testee could not be started %d times in a row", errGivenUp, s.failed)
	}
	if s.p != nil { // it ended between two questions: nobody's fault yet
		s.p.kill("it has ended")
		s.p = nil
	}
	s.restarts++
	if err := s.start(ctx); err != nil {
		s.failed++
		return fmt.Errorf("the testee did not start again: %w", err)
	}
	s.failed = 0
	return nil
}

// Server gives the network and the address of the testee's whole peer, empty where it has none. The process is
// started again if it has ended.
func (s *Session) Server(ctx context.Context) (network, address string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return "", "", err
	}
	network, address, _ = strings.Cut(s.server, " ")
	return network, address, nil
}

// Close says bye, lets the process end for two seconds and stops it then. The session is of no more use.
func (s *Session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	if s.p == nil {
		return
	}
	if !s.p.ended() {
		_, _ = s.say(context.Background(), s.p, leave, struct { // whatever it answers, the cases are judged
			Type string `json:"type"`
		}{TypeBye})
	}
	s.p.quit()
	s.p = nil
}

// plain is json.Marshal without the escapes that only web pages need.
func plain(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}
