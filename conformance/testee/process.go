package testee

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// leave is how long a process may take to end after it was asked to.
const leave = 2 * time.Second

// process is one running testee. Its exchange is for one goroutine at a time.
type process struct {
	cmd    *exec.Cmd
	in     *os.File // to its standard input
	out    *os.File // from its standard output
	lines  *bufio.Reader
	tail   *tail
	done   chan struct{} // closed when it has ended; exit is set by then
	exit   string
	stop   sync.Once
	killed atomic.Pointer[string] // why we stopped it; nil: we did not
}

// launch starts the command with its three streams, in a process group of its own where the system has them.
func launch(command []string, dir string, env []string, stderr io.Writer) (*process, error) {
	if len(command) == 0 || command[0] == "" {
		return nil, errors.New("the command is empty")
	}
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, inRead.Close(), inWrite.Close())
	}
	p := &process{in: inWrite, out: outRead, lines: bufio.NewReaderSize(outRead, 64<<10), tail: &tail{to: stderr}, done: make(chan struct{})}
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Dir, p.cmd.Env = dir, env
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = inRead, outWrite, p.tail
	p.cmd.WaitDelay = leave // a child of the testee may hold its standard error open
	ownGroup(p.cmd)
	err = p.cmd.Start()
	_ = inRead.Close() // the testee's ends, here of no use
	_ = outWrite.Close()
	if err != nil {
		return nil, errors.Join(err, inWrite.Close(), outRead.Close())
	}
	go p.wait() // owner: the process; ends with it
	return p, nil
}

func (p *process) wait() {
	err := p.cmd.Wait()
	p.exit = p.cmd.ProcessState.String()
	if err != nil && p.exit == "" {
		p.exit = err.Error()
	}
	// What it wrote is there already. A child of its own that holds the other end must not keep a reader waiting.
	_ = p.out.SetReadDeadline(time.Now().Add(leave / 4))
	close(p.done)
}

// ended reports whether the process is gone.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// kill stops the process with its children, once; the first reason stays.
func (p *process) kill(why string) {
	p.stop.Do(func() {
		p.killed.Store(&why)
		killGroup(p.cmd)
		_ = p.in.Close()
		_ = p.out.Close() // unblocks a reader, should somebody else hold the other end
	})
}

// exchange writes a line and reads one. It gives up when ctx ends or, where silence is positive, that long
// after the line was given to it; then the process is stopped and the error is a *Silence. A process that ended
// is a *Crash, a line too long a *Fault.
func (p *process) exchange(ctx context.Context, silence time.Duration, line []byte) ([]byte, error) {
	if silence > 0 {
		timer := time.AfterFunc(silence, func() { p.kill(fmt.Sprintf("it was silent for %v", silence)) })
		defer timer.Stop()
	}
	defer context.AfterFunc(ctx, func() { p.kill("the time of the case is over") })()
	var answer []byte
	_, err := p.in.Write(append(line, '\n'))
	if err == nil {
		answer, err = readLine(p.lines, MaxLine)
	}
	switch {
	case err == nil:
		return answer, nil
	case errors.Is(err, errLong):
		p.kill("a line was too long")
		return nil, &Fault{Why: err.Error(), Line: cut(answer)}
	}
	// It has ended, or is about to, or was stopped. The limits above still hold.
	_ = p.in.Close()
	<-p.done
	if why := p.killed.Load(); why != nil {
		return nil, &Silence{Waited: *why, Last: p.tail.last()}
	}
	return nil, &Crash{Exit: p.exit, Last: p.tail.last()}
}

// quit lets the process end by itself for a moment, then stops it.
func (p *process) quit() {
	_ = p.in.Close()
	timer := time.AfterFunc(leave, func() { p.kill("it did not end") })
	defer timer.Stop()
	_, _ = io.Copy(io.Discard, p.lines)
	<-p.done
	p.kill("it has ended") // its children, and our ends
}
