package cli

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.uber.org/goleak"

	tp "github.com/henrylee2cn/teleport/reference"
)

// asCommand makes the test program the command itself: signals and exit codes are those of a process.
const asCommand = "TELEPORT_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	tp.SetRawlogLevel("OFF")
	goleak.VerifyTestMain(m)
}

// process is the command as a process of its own.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr bytes.Buffer // complete when it has ended
}

// start starts the command; it is killed with the test.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(exe, args...)}
	p.cmd.Env = append(os.Environ(), asCommand+"=1", "GORACE=atexit_sleep_ms=0")
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdout = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			p.cmd.Process.Kill()
			p.cmd.Wait()
		}
	})
	return p
}

// line is the next line of the standard output.
func (p *process) line() string {
	p.t.Helper()
	s, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatalf("%q: reading its output: %v after %q", p.cmd.Args[1:], err, s)
	}
	return strings.TrimSuffix(s, "\n")
}

// address is the one that serve prints.
func (p *process) address() string {
	p.t.Helper()
	line := p.line()
	_, addr, ok := strings.Cut(strings.TrimPrefix(line, "listening on "), " ")
	if !ok {
		p.t.Fatalf("serve prints %q", line)
	}
	return addr
}

func (p *process) signal(sig os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
}

// ended waits for the end; exit code and standard error have to be these, and nothing more is printed.
func (p *process) ended(code int, stderr string) {
	p.t.Helper()
	rest, _ := io.ReadAll(p.stdout)
	p.cmd.Wait() // its error says what ProcessState says
	if got := p.cmd.ProcessState.ExitCode(); got != code || len(rest) > 0 || p.stderr.String() != stderr {
		p.t.Errorf("%q: %v, printed %q and %q; want exit code %d and %q",
			p.cmd.Args[1:], p.cmd.ProcessState, rest, p.stderr.String(), code, stderr)
	}
}
