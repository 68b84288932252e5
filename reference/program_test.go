package tp

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What the server program is told in its environment.
const (
	programEnv = "TELEPORT_TEST_PROGRAM" // network and address to listen on
	controlEnv = "TELEPORT_TEST_CONTROL" // where the test listens for it
)

// serverProgram is a server as a user would write it, but that it tells the test
// what happens, over a connection whose end is the program's.
func serverProgram() {
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "server program:", err)
			os.Exit(3)
		}
	}
	must(SetRawlogLevel("ERROR"))
	control, err := net.Dial("tcp", os.Getenv(controlEnv))
	must(err)
	p := NewPeer(PeerConfig{})
	p.PullRouter.RegFunc("/pid", func(n *int) ([2]int, *Rerror) {
		if *n%16 == 0 { // some take their time
			<-time.After(10 * time.Millisecond)
		}
		return [2]int{os.Getpid(), *n}, nil
	})
	p.PullRouter.RegFunc("/hold", func(*int) (int, *Rerror) {
		fmt.Fprintln(control, "holding")
		select {}
	})
	network, addr, _ := strings.Cut(os.Getenv(programEnv), " ")
	lis, err := NewListener(network, addr)
	must(err)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, graceSignals...) // before the test may send one
	served := make(chan error, 1)
	go func() { served <- p.ServeListener(lis) }()
	for len(p.Addrs()) == 0 {
		runtime.Gosched()
	}
	fmt.Fprintln(control, os.Getpid(), lis.Addr())
	go graceLoop(signals)
	<-served
	select {} // graceLoop exits
}

// programs are the server programs of one test.
type programs struct {
	t       *testing.T
	control net.Listener
}

// program is one that runs, whoever started it.
type program struct {
	t    *testing.T
	pid  int
	addr string
	from *bufio.Reader
}

func newPrograms(t *testing.T) *programs {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lis.Close() })
	return &programs{t, lis}
}

// start starts the program and waits until it serves. change may change how.
func (ps *programs) start(network, addr string, change func(*exec.Cmd)) *program {
	ps.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), programEnv+"="+network+" "+addr, controlEnv+"="+ps.control.Addr().String(),
		"GORACE=atexit_sleep_ms=0") // else each program takes a second to end
	cmd.Stderr = os.Stderr
	if change != nil {
		change(cmd)
	}
	if err := cmd.Start(); err != nil {
		ps.t.Fatal(err)
	}
	ps.t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return ps.next()
}

// next waits for the next program that serves.
func (ps *programs) next() *program {
	ps.t.Helper()
	ps.control.(*net.TCPListener).SetDeadline(time.Now().Add(20 * time.Second))
	nc, err := ps.control.Accept()
	if err != nil {
		ps.t.Fatalf("no program came: %v", err)
	}
	ps.t.Cleanup(func() { nc.Close() })
	p := &program{t: ps.t, from: bufio.NewReader(nc)}
	pid, addr, _ := strings.Cut(p.line(), " ")
	p.pid, err = strconv.Atoi(pid)
	if err != nil {
		ps.t.Fatalf("the program's first words: %v", err)
	}
	p.addr = addr
	ps.t.Cleanup(func() { p.signal(os.Kill) })
	return p
}

func (p *program) line() string {
	p.t.Helper()
	s, err := p.from.ReadString('\n')
	if err != nil {
		p.t.Fatalf("program %d: %v", p.pid, err)
	}
	return strings.TrimSpace(s)
}

func (p *program) signal(sig os.Signal) {
	if proc, err := os.FindProcess(p.pid); err == nil {
		proc.Signal(sig)
	}
}

// ended waits for the end of the process.
func (p *program) ended() {
	p.t.Helper()
	if s, err := p.from.ReadString('\n'); err == nil {
		p.t.Errorf("program %d says %q in place of ending", p.pid, s)
	}
}
