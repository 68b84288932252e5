package cli

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// some is what the tests of the roles run: a few cases of each kind.
var some = []string{"--only", "peer/pull-*", "--only", "peer/fault-type-*", "--only", "peer/callback-pu*", "--only", "peer/testee-*"}

func TestConform_Server(t *testing.T) {
	ours := newAuthority(t, "ours")
	cert, key := ours.issue("server")
	clientCert, clientKey := ours.issue("client")
	tcp := serving(t, &serveFlags{})
	secure := serving(t, &serveFlags{netFlags: netFlags{tls: true, cert: cert, key: key, clientCA: ours.file}})
	path := filepath.Join(t.TempDir(), "s")
	serving(t, &serveFlags{netFlags: netFlags{network: "unix"}, listen: path})
	for _, tt := range []struct {
		name string
		args []string
	}{
		{"tcp", []string{"--server", tcp}},
		{"with the network", []string{"--server", "tcp://" + tcp}},
		{"unix", []string{"--server", "unix:" + path}},
		{"unix, as a URL", []string{"--server", "unix://" + path}},
		{"TLS", []string{"--server", secure, "--ca", ours.file, "--cert", clientCert, "--key", clientKey}},
		{"TLS, unchecked", []string{"--server", secure, "--insecure", "--cert", clientCert, "--key", clientKey}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, stderr := run(t, "", append(append([]string{"conform"}, tt.args...), some...)...)
			if code != ExitOK || !strings.Contains(out, " cases in ") || stderr != "" {
				t.Errorf("exit code %d, printed %q and\n%s", code, stderr, out)
			}
		})
	}
}

func TestConform_Listen(t *testing.T) {
	ours := newAuthority(t, "ours")
	cert, key := ours.issue("suite")
	path := filepath.Join(t.TempDir(), "s")
	for _, tt := range []struct {
		name, address string
		suite, testee []string
	}{
		{"tcp", "127.0.0.1:0", nil, nil},
		{"unix", "unix:" + path, nil, []string{"--network", "unix"}},
		{"TLS", "127.0.0.1:0", []string{"--cert", cert, "--key", key}, []string{"--ca", ours.file}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			suite := start(t, append(append([]string{"conform", "--listen", tt.address}, tt.suite...), some...)...)
			testee := start(t, append([]string{"serve", "--dial", suite.address()}, tt.testee...)...)
			if line := testee.line(); !strings.HasPrefix(line, "dialing ") {
				t.Errorf("the testee prints %q", line)
			}
			var out strings.Builder
			for {
				line, err := suite.stdout.ReadString('\n')
				out.WriteString(line)
				if err != nil {
					break
				}
			}
			suite.cmd.Wait()
			if code := suite.cmd.ProcessState.ExitCode(); code != ExitOK || !strings.Contains(out.String(), " cases in ") {
				t.Errorf("exit code %d, printed %q and\n%s", code, suite.stderr.String(), out.String())
			}
			testee.ended(ExitOK, "")
		})
	}
}

func TestConform_NetworkSaysWhatIsWrong(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := ln.Addr().String()
	ln.Close()
	plain := serving(t, &serveFlags{})
	for _, tt := range []struct {
		args string
		code int
		want string // of standard error, which is one line
	}{
		{"conform --server " + nobody, ExitHarness, "no connection to the peer"},
		{"conform --server unix:" + filepath.Join(t.TempDir(), "none"), ExitHarness, "no connection to the peer"},
		{"conform --server " + plain + " --insecure --connect-timeout 1s", ExitHarness, "TLS handshake"},
		{"conform --listen 127.0.0.1:0 --connect-timeout 20ms", ExitHarness, "nobody has connected to 127.0.0.1:"},
		{"conform --listen 256.0.0.1:0", ExitHarness, "256.0.0.1"},
		{"conform --server a:1 --listen b:2", ExitUsage, "contradict each other"},
		{"conform --server a:1 --proto json", ExitUsage, "--proto"},
		{"conform --server a:1 --client-ca x", ExitUsage, "--client-ca"},
		{"conform --listen a:1 --ca x", ExitUsage, "--ca"},
		{"conform --listen a:1 --tls", ExitUsage, "--cert and --key"},
		{"conform --server http://x", ExitUsage, "HOST:PORT"},
		{"conform --server nonsense", ExitUsage, "HOST:PORT"},
		{"conform --server unix:", ExitUsage, "expected an address"},
		{"conform --server a:1 --max-packet 100", ExitUsage, "--max-packet"},
		{"conform --server a:1 --silence-timeout -1s", ExitUsage, "--silence-timeout"},
		{"conform --server a:1 --only proto/*", ExitUsage, "no case of the peer battery"},
		{"conform --server a:1 --replay proto/write-once", ExitUsage, "--replay proto/write-once: only cases of the peer battery"},
		{"conform --server unix:x --tls", ExitUsage, "--server-name"},
		{"conform --server a:1 --ca none.pem", ExitUsage, "none.pem"},
		{"conform --max-packet 100000", ExitUsage, "--server or --listen"},
		{"serve --dial " + nobody + " --connect-timeout 1ms", ExitHarness, nobody},
		{"serve --dial a:1 --listen b:2", ExitUsage, "contradicts --listen"},
		{"serve --dial nonsense", ExitUsage, "HOST:PORT"},
		{"serve --insecure", ExitUsage, "--dial"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			code, _, stderr := run(t, "", strings.Fields(tt.args)...)
			if code != tt.code || !strings.Contains(stderr, tt.want) || tt.code == ExitHarness && strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, printed %q; want %d and %q", code, stderr, tt.code, tt.want)
			}
		})
	}
}

// What is said of the peer restricts what it is judged by.
func TestConform_ServerWithSmallPackets(t *testing.T) {
	addr := serving(t, &serveFlags{})
	code, out, stderr := run(t, "", append([]string{"conform", "--server", addr, "--max-packet", "100000", "--silence-timeout", "10s", "--without", "flood,callback"}, some...)...)
	if code != ExitOK || !strings.Contains(out, "skipped") {
		t.Errorf("exit code %d, printed %q and\n%s", code, stderr, out)
	}
}

// A run that only skips is no conformance, and the report says so as the exit code does.
func TestConform_ServerNothingJudged(t *testing.T) {
	code, out, stderr := run(t, "", "conform", "--server", serving(t, &serveFlags{}), "--without", "service", "--only", "peer/pull-echo")
	if code != ExitFail || !strings.Contains(out, "undecided: nothing was judged") || !strings.Contains(stderr, "nothing was judged") {
		t.Errorf("exit code %d %s\n%s", code, stderr, out)
	}
}

func TestConform_ServerAttach(t *testing.T) {
	addr := serving(t, &serveFlags{})
	code, out, stderr := run(t, "\n", "conform", "--server", addr, "--attach", "--only", "peer/pull-echo")
	if code != ExitOK || !strings.Contains(stderr, "the judge of "+addr+" waits: attach a debugger, then press Enter\n") || !strings.Contains(out, "1 pass") {
		t.Errorf("exit code %d %s\n%s", code, stderr, out)
	}
}

// A server of another kind ends or ignores every connection: early in the run it is said what that may mean.
func TestConform_ServerOfAnotherKind(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() { // ends with the listener
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	code, out, stderr := run(t, "", "conform", "--server", ln.Addr().String(), "--only", "peer/pull-*")
	if code != ExitFail || !strings.Contains(out, "does NOT conform") || strings.Count(stderr, "is this a Teleport peer") != 1 {
		t.Errorf("exit code %d %s\n%s", code, stderr, out)
	}
}
