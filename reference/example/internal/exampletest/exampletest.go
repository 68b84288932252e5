// Package exampletest builds and runs the example programs for their tests.
package exampletest

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Build makes the program in the folder name below the test's and returns its path. set, where not
// empty, gives a value to a package-level string ("main.address=127.0.0.1:0"); overlay, where not empty, is the go command's -overlay.
func Build(t *testing.T, ctx context.Context, name, set, overlay string) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command to build the example")
	}
	exe := filepath.Join(t.TempDir(), name)
	args := []string{"build", "-o", exe}
	if set != "" {
		args = append(args, "-ldflags", "-X "+set)
	}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	if out, err := exec.CommandContext(ctx, "go", append(args, "./"+name)...).CombinedOutput(); err != nil {
		t.Fatalf("go build ./%s: %v\n%s", name, err, out)
	}
	return exe
}

// Process is a running program and all it has printed.
type Process struct {
	Cmd   *exec.Cmd
	done  chan error
	mu    sync.Mutex // guards lines and more
	lines strings.Builder
	more  chan struct{} // closed and made anew with every line
}

// Start runs a program until it ends or the test does.
func Start(t *testing.T, ctx context.Context, exe string, args ...string) *Process {
	t.Helper()
	p := newProcess(ctx, exe, args)
	p.start(t)
	return p
}

// StartTyping is Start for a program that reads standard input: what is written to the second result.
func StartTyping(t *testing.T, ctx context.Context, exe string, args ...string) (*Process, io.WriteCloser) {
	t.Helper()
	p := newProcess(ctx, exe, args)
	stdin, err := p.Cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.start(t)
	return p, stdin
}

func newProcess(ctx context.Context, exe string, args []string) *Process {
	return &Process{Cmd: exec.CommandContext(ctx, exe, args...), done: make(chan error, 1), more: make(chan struct{})}
}

func (p *Process) start(t *testing.T) {
	t.Helper()
	r, w := io.Pipe()
	p.Cmd.Stdout, p.Cmd.Stderr = w, w
	if err := p.Cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewReader(r); ; {
			line, err := lines.ReadString('\n')
			p.mu.Lock()
			p.lines.WriteString(line)
			close(p.more)
			p.more = make(chan struct{})
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go func() {
		err := p.Cmd.Wait()
		w.Close()
		<-read
		p.done <- err
		close(p.done)
	}()
	t.Cleanup(func() {
		p.Cmd.Process.Kill()
		<-p.done
	})
}

// End waits until the program has ended, and gives how.
func (p *Process) End() error { return <-p.done }

// Text gives all that it has printed so far, standard output and error together.
func (p *Process) Text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines.String()
}

// Wait returns the first match in what the process prints.
func (p *Process) Wait(t *testing.T, re *regexp.Regexp) []string {
	t.Helper()
	for {
		p.mu.Lock()
		text, more := p.lines.String(), p.more
		p.mu.Unlock()
		if m := re.FindStringSubmatch(text); m != nil {
			return m
		}
		select {
		case <-more:
		case err := <-p.done:
			t.Fatalf("ended (%v) before it printed %s:\n%s", err, re, p.Text())
		}
	}
}

// Check expects each of these regular expressions in what it has printed.
func (p *Process) Check(t *testing.T, prints []string) {
	t.Helper()
	text := p.Text()
	for _, want := range prints {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("did not print %s", want)
		}
	}
	if t.Failed() {
		t.Logf("it printed\n%s", text)
	}
}
