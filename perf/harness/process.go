package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"
)

// Program is a binary that calls WorkerMain: it holds some of the systems.
type Program struct {
	// Argv starts a worker.
	Argv []string
	// Control, where it is set, is the address of a perf serve on another host, which starts the worker there.
	Control string
}

// process is a worker that the controller talks to.
type process struct {
	in   io.WriteCloser
	out  *json.Decoder
	kill func()
	wait func() error
	once sync.Once
}

// start starts a worker. It ends when ctx does, at the latest.
func (p Program) start(ctx context.Context, stderr io.Writer) (*process, error) {
	if p.Control != "" {
		return dialControl(ctx, p.Control)
	}
	cmd := exec.CommandContext(ctx, p.Argv[0], p.Argv[1:]...)
	cmd.Stderr = stderr
	cmd.WaitDelay = 5 * time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	return &process{in: in, out: json.NewDecoder(out), kill: func() { _ = cmd.Process.Kill() }, wait: cmd.Wait}, nil
}

func dialControl(ctx context.Context, addr string) (*process, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("the server's host: %w (does `perf serve --listen :PORT` run there?)", err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	return &process{
		in: conn, out: json.NewDecoder(conn),
		kill: func() { conn.Close() }, wait: func() error { stop(); return nil },
	}, nil
}

// ask sends a command and waits for the answer; progress, which may be nil, is told of the calls done meanwhile.
func (p *process) ask(c command, progress func(calls int64)) (answer, error) {
	line, err := json.Marshal(c)
	if err == nil {
		_, err = p.in.Write(append(line, '\n'))
	}
	if err != nil {
		return answer{}, fmt.Errorf("%s: the worker does not listen: %w", c.Do, err)
	}
	for {
		var a answer
		if err := p.out.Decode(&a); err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("the worker ended (its standard error says why)")
			}
			return a, fmt.Errorf("%s: %w", c.Do, err)
		}
		switch {
		case a.Progress != nil:
			if progress != nil {
				progress(*a.Progress)
			}
		case a.Error != "":
			return a, fmt.Errorf("%s: %s", c.Do, a.Error)
		default:
			return a, nil
		}
	}
}

// end closes the worker's input, upon which it closes what it has opened and ends; one that does not is killed.
func (p *process) end() {
	p.once.Do(func() {
		_ = p.in.Close()
		t := time.AfterFunc(3*time.Second, p.kill)
		defer t.Stop()
		_ = p.wait()
	})
}

// ServeControl lets controllers on other hosts start workers here, one for each connection that lis accepts, until ctx
// ends. Whoever can connect can start servers and use up this machine: the network has to be trusted.
func ServeControl(ctx context.Context, lis net.Listener, argv []string, log io.Writer) error {
	stop := context.AfterFunc(ctx, func() { lis.Close() })
	defer stop()
	var all sync.WaitGroup
	defer all.Wait()
	for {
		conn, err := lis.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		all.Go(func() {
			defer conn.Close()
			fmt.Fprintf(log, "%s: a worker for %s\n", time.Now().Format(time.TimeOnly), conn.RemoteAddr())
			if err := controlled(ctx, conn, argv, log); err != nil {
				fmt.Fprintf(log, "worker for %s: %v\n", conn.RemoteAddr(), err)
			}
		})
	}
}

// controlled runs a worker whose controller is at the other end of conn.
func controlled(ctx context.Context, conn net.Conn, argv []string, log io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), NoFilesEnv+"=1")
	cmd.Stdout, cmd.Stderr = conn, log
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(in, conn)
		_ = in.Close() // the controller has gone: the worker ends
		time.AfterFunc(3*time.Second, cancel)
	}()
	return cmd.Wait()
}

// NoFilesEnv, set in the environment of a worker, keeps it from writing profiles: its controller is another host's.
const NoFilesEnv = "TELEPORT_PERF_NO_FILES"
