package cli

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The other side is told how long the caller waits, and nothing where it waits for ever.
func TestTimeout_IsTold(t *testing.T) {
	addr := served(t)
	for timeout, most := range map[string]int{"1m": 60_000, "5s": 5_000, "0": 0} {
		out := runOK(t, "", "pull", addr, "/conformance/deadline", "--timeout", timeout)
		left, err := strconv.Atoi(strings.TrimSpace(out))
		if err != nil || left > most || left <= most-5_000 && most > 0 {
			t.Errorf("--timeout %s: the other side knows of %q ms", timeout, out)
		}
	}
	if out := runOK(t, "", "pull", addr, "/conformance/meta", "--timeout", "0", "-v", "-m", "X-Timeout-Ms=7000"); out != "X-Timeout-Ms: 7000\n" {
		t.Errorf("got %q", out)
	}
}

func TestTimeout_EndsTheCall(t *testing.T) {
	addr := served(t)
	mute, err := net.Listen("tcp", "127.0.0.1:0") // connects, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		stderr string
	}{
		{"pull", []string{"pull", addr, "/conformance/hold?key=never"}, ExitHarness,
			"teleport: /conformance/hold?key=never: not done within --timeout 50ms: 408 Timeout\n"},
		{"pull of a mute server", []string{"pull", mute.Addr().String(), "/a"}, ExitHarness,
			"teleport: /a: not done within --timeout 50ms: 408 Timeout\n"},
		{"TLS with a mute server", []string{"pull", mute.Addr().String(), "/a", "--insecure"}, ExitHarness,
			"teleport: dialing " + mute.Addr().String() + ": not connected within --timeout 50ms: "},
		{"watch", []string{"watch", addr, "/conformance/hold?key=never"}, ExitHarness,
			"teleport: /conformance/hold?key=never: not done within --timeout 50ms: 408 Timeout\n"},
		{"a reply of 408", []string{"pull", addr, "/conformance/error?code=408&message=slow", "--timeout", "1m"}, ExitFail,
			`teleport: /conformance/error?code=408&message=slow: the other side ran out of time: {"code":408,"message":"slow"}` + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, stderr := run(t, "", append(append(tt.args[:1:1], "--timeout", "50ms"), tt.args[1:]...)...)
			if code != tt.code || out != "" || !strings.HasPrefix(stderr, tt.stderr) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, %q, %s", code, out, stderr)
			}
		})
	}
}

func TestPull_Interrupted(t *testing.T) {
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	p := start(t, "pull", mute.Addr().String(), "/a", "--timeout", "0")
	conn, err := mute.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err != nil { // the PULL is on its way
		t.Fatal(err)
	}
	p.signal(os.Interrupt)
	p.ended(ExitHarness, "teleport: /a: interrupted\n")
}
