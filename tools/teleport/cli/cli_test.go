package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tp "github.com/henrylee2cn/teleport/reference"
)

const (
	pushWire = "00000037660000000000000000000300" + "00001d2f707573682f746573743f7461673d66726f6d20686f6d652d746573740000000073" + "6869"
	pushJSON = `{"seq":"0","ptype":3,"uri":{"text":"/push/test?tag=from home-test"},"meta":[],"body_codec":115,"pipe":[],"body":{"text":"hi"},"size":55}`
)

// run calls the command line and gives its exit code and output.
func run(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = Main(args, strings.NewReader(stdin), &out, &err)
	tp.SetRawlogLevel("OFF") // -v switches it on, for the process
	return code, out.String(), err.String()
}

func TestMain_ExitCodes(t *testing.T) {
	unused := filepath.Join(t.TempDir(), "none")
	for _, tt := range []struct {
		name   string
		stdin  string
		args   []string
		code   int
		stderr string // a part of the one line
	}{
		{"help", "", nil, ExitOK, ""},
		{"unknown command", "", []string{"prove"}, ExitUsage, `unknown command "prove"`},
		{"unknown flag", "", []string{"decode", "--nope"}, ExitUsage, "unknown flag: --nope"},
		{"group without a command", "", []string{"spec"}, ExitUsage, "spec wants a command: check, matrix, show"},
		{"unknown requirement", "", []string{"spec", "show", "TP-FRAME-999"}, ExitUsage, "has no requirement \"TP-FRAME-999\""},
		{"group with a wrong one", "", []string{"vectors", "drop"}, ExitUsage, `has no command "drop"; it has: check, gen`},
		{"outside a checkout", "", []string{"spec", "check", "--dir", "/"}, ExitUsage, "is not inside a checkout"},
		{"decode of nothing", "  \n", []string{"decode"}, ExitFail, "standard input is empty"},
		{"decode of odd hex", "", []string{"decode", "000"}, ExitFail, "3 hex digits: expected two for each byte"},
		{"decode of no hex", "", []string{"decode", "00zz"}, ExitFail, `hex digit 2 is 'z'`},
		{"decode of a cut frame", "", []string{"decode", pushWire[:40]}, ExitFail, "packet at byte 0: packet: decode: short at byte 20 of the frame"},
		{"decode of a missing file", "", []string{"decode", "--file", unused}, ExitUsage, "no such file"},
		{"decode by an unknown Proto", "", []string{"decode", "--proto", "slow", "00"}, ExitUsage, `unknown Proto "slow": expected fast`},
		{"encode of nothing", "", []string{"encode"}, ExitFail, "the input is empty"},
		{"encode of no JSON", "seq", []string{"encode"}, ExitFail, "packet object 1, near byte"},
		{"encode of an unknown member", `{"sequence":1}`, []string{"encode"}, ExitFail, `unknown field "sequence"`},
		{"encode of a bad seq", `{"seq":"-1"}`, []string{"encode"}, ExitFail, "seq: expected an unsigned 64-bit number"},
		{"encode of a bad type", `{"seq":"1","ptype":256}`, []string{"encode"}, ExitFail, "ptype is 256: expected 0 to 255"},
		{"encode of an unknown filter", `{"seq":"1","ptype":1,"pipe":[1]}`, []string{"encode"}, ExitFail, "filter"},
		{"conform of no case", "", []string{"conform", "--only", "nothing"}, ExitUsage, `no case matches --only ["nothing"]`},
		{"conform without an unknown feature", "", []string{"conform", "--without", "speed"}, ExitUsage, "--without speed: expected some of"},
		{"pull with too few arguments", "", []string{"pull", "127.0.0.1:1"}, ExitUsage, "pull takes ADDRESS URI [DATA], got 1"},
		{"pull of bad JSON", "", []string{"pull", "127.0.0.1:1", "/a", "{"}, ExitFail, "DATA is not JSON"},
		{"pull with a bad codec", "", []string{"pull", "127.0.0.1:1", "/a", "--codec", "xml"}, ExitUsage, "--codec"},
		{"pull with a bad pipe", "", []string{"pull", "127.0.0.1:1", "/a", "--pipe", "?"}, ExitUsage, "--pipe"},
		{"pull with a bad pair", "", []string{"pull", "127.0.0.1:1", "/a", "-m", "=v"}, ExitUsage, "expected KEY=VALUE"},
		{"pull where nobody listens", "", []string{"pull", "--network", "unix", unused, "/a"}, ExitHarness, "Dial Failed"},
		{"serve on a bad network", "", []string{"serve", "--network", "carrier-pigeon"}, ExitHarness, "carrier-pigeon"},
		{"pull --unix with too few arguments", "", []string{"pull", "--unix", unused}, ExitUsage, "pull --unix takes URI [DATA], got 0"},
		{"pull --unix with an address", "", []string{"pull", "--unix", unused, "127.0.0.1:1", "/a", "1"}, ExitUsage, "pull --unix takes URI [DATA], got 3"},
		{"pull --unix over tcp", "", []string{"pull", "--unix", unused, "--network", "tcp", "/a"}, ExitUsage, "it contradicts --network tcp"},
		{"pull --unix where nobody listens", "", []string{"pull", "--unix", unused, "/a"}, ExitHarness, "Dial Failed"},
		{"pull on a bad network", "", []string{"pull", "--network", "carrier-pigeon", "127.0.0.1:1", "/a"}, ExitHarness, "--network carrier-pigeon: expected one of tcp"},
		{"pull by an unknown Proto", "", []string{"pull", "--proto", "slow", "127.0.0.1:1", "/a"}, ExitUsage, `unknown Proto "slow": expected fast, json, pb`},
		{"pull with an unknown filter", "", []string{"pull", "127.0.0.1:1", "/a", "--pipe", "gq"}, ExitUsage, `no filter 'q' is registered: expected some of c (crc32c), g (gzip), z (zstd)`},
		{"pull with a bad timeout", "", []string{"pull", "127.0.0.1:1", "/a", "--timeout", "-1s"}, ExitUsage, "--timeout -1s: expected 0 (never) or more"},
		{"pull with half a certificate", "", []string{"pull", "127.0.0.1:1", "/a", "--cert", unused}, ExitUsage, "--cert and --key go together"},
		{"pull with a missing certificate", "", []string{"pull", "127.0.0.1:1", "/a", "--cert", unused, "--key", unused}, ExitUsage, "--cert and --key " + unused + ": open " + unused},
		{"pull with a missing authority", "", []string{"pull", "127.0.0.1:1", "/a", "--ca", unused}, ExitUsage, "--ca " + unused + ": open " + unused},
		{"pull, trusting all and some", "", []string{"pull", "127.0.0.1:1", "/a", "--ca", unused, "--insecure"}, ExitUsage, "it contradicts --ca"},
		{"pull with TLS over unix, unnamed", "", []string{"pull", "--unix", unused, "/a", "--tls"}, ExitUsage, "--server-name"},
		{"pull of an error", "", []string{"pull", served(t), "/nowhere"}, ExitFail, `/nowhere: {"code":404`},
		{"push with a bad timeout", "", []string{"push", "127.0.0.1:1", "/a", "--timeout", "soon"}, ExitUsage, "invalid argument"},
		{"push where nobody listens", "", []string{"push", "--unix", unused, "/a"}, ExitHarness, "Dial Failed"},
		{"watch without an address", "", []string{"watch"}, ExitUsage, "watch takes ADDRESS [URI [DATA]], got 0"},
		{"watch with a bad count", "", []string{"watch", "127.0.0.1:1", "-n", "-1"}, ExitUsage, "--count -1: expected 0 (never) or more"},
		{"watch where nobody listens", "", []string{"watch", "--unix", unused}, ExitHarness, "Dial Failed"},
		{"serve with an argument", "", []string{"serve", "127.0.0.1:0"}, ExitUsage, "unknown command"},
		{"serve at an address that is none", "", []string{"serve", "--listen", "nowhere"}, ExitHarness, "missing port"},
		{"serve on a socket without a path", "", []string{"serve", "--network", "unix"}, ExitUsage, "--network unix: give the socket's path"},
		{"serve at two places", "", []string{"serve", "--unix", unused, "--listen", "127.0.0.1:0"}, ExitUsage, "it contradicts --listen 127.0.0.1:0"},
		{"serve with TLS and no certificate", "", []string{"serve", "--tls"}, ExitUsage, "a server needs --cert and --key"},
		{"serve asking for certificates without one", "", []string{"serve", "--client-ca", unused}, ExitUsage, "a server needs --cert and --key"},
		{"serve with a missing certificate", "", []string{"serve", "--cert", unused, "--key", unused}, ExitUsage, "--cert and --key " + unused},
		{"serve with a bad drain", "", []string{"serve", "--drain", "-1s"}, ExitUsage, "--drain -1s: expected 0 or more"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, _, stderr := run(t, tt.stdin, tt.args...)
			if code != tt.code {
				t.Fatalf("exit code %d, want %d; stderr: %s", code, tt.code, stderr)
			}
			if tt.stderr == "" {
				return
			}
			line, _, _ := strings.Cut(stderr, "\n")
			if !strings.HasPrefix(line, "teleport: ") || !strings.Contains(line, tt.stderr) {
				t.Fatalf("stderr begins %q, want one line with %q", line, tt.stderr)
			}
		})
	}
}

func TestDecode_AnnotatedDump(t *testing.T) {
	code, out, stderr := run(t, "", "decode", pushWire)
	if code != ExitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{
		`PUSH seq 0 "/push/test?tag=from home-test": 55 bytes at 0`,
		"0  00 00 00 37                                      size         55 bytes",
		"'s' string",
		"53  68 69                                            body         hi",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the dump does not say %q:\n%s", want, out)
		}
	}
}

func TestDecode_PipedPayloadIsShown(t *testing.T) {
	_, hex, _ := run(t, `{"seq":"7","ptype":1,"uri":{"text":"/a"},"body_codec":115,"pipe":[103],"body":{"text":"inner"}}`, "encode")
	code, out, stderr := run(t, hex, "decode")
	if code != ExitOK || !strings.Contains(out, "payload, the pipe undone") || !strings.Contains(out, "inner") {
		t.Fatalf("exit code %d, %s\n%s", code, stderr, out)
	}
}

func TestDecode_RefusedMarksTheByte(t *testing.T) {
	bad := strings.Replace(pushWire, "66", "67", 1)
	code, out, stderr := run(t, "", "decode", bad)
	if code != ExitFail || !strings.Contains(out, "^^ here") || !strings.Contains(stderr, "version") {
		t.Fatalf("exit code %d, stderr %s\n%s", code, stderr, out)
	}
}

func TestDecodeEncode_AreInverse(t *testing.T) {
	code, object, stderr := run(t, pushWire+pushWire, "decode", "--json")
	if code != ExitOK || object != pushJSON+"\n"+pushJSON+"\n" {
		t.Fatalf("exit code %d %s\n%s", code, stderr, object)
	}
	if code, hex, stderr := run(t, object, "encode"); code != ExitOK || hex != pushWire+"\n"+pushWire+"\n" {
		t.Fatalf("exit code %d %s\n%s", code, stderr, hex)
	}
	_, raw, _ := run(t, object, "encode", "--raw")
	if code, again, stderr := run(t, raw, "decode", "--json"); code != ExitOK || again != object {
		t.Fatalf("from raw bytes: exit code %d %s\n%s", code, stderr, again)
	}
}

func TestConform_ReportsAsJSON(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.json")
	code, out, stderr := run(t, "", "conform", "--only", "peer/pull-echo", "--only", "proto/version-*", "--json", file)
	if code != ExitOK || !strings.Contains(out, "conforms") {
		t.Fatalf("exit code %d %s\n%s", code, stderr, out)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Format int
		Target string
		Totals map[string]any
		Cases  []struct {
			ID, Level, Verdict, Detail string
			Requirements               []string
			MS                         *float64
		}
	}
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatal(err)
	}
	if report.Format != 1 || report.Target == "" || len(report.Cases) < 2 || report.Totals["must"] == nil {
		t.Fatalf("the report is %s", raw)
	}
	for _, c := range report.Cases {
		if c.Verdict != "pass" || c.MS == nil || len(c.Requirements) == 0 {
			t.Errorf("case %+v", c)
		}
	}
}

func TestConformList_IdFirst(t *testing.T) {
	code, out, _ := run(t, "", "conform", "list", "--only", "peer/pull-echo")
	want := "peer/pull-echo\tMUST\t"
	if code != ExitOK || !strings.HasPrefix(out, want) || !strings.Contains(out, "TP-CONF-006") || strings.Count(out, "\n") != 1 {
		t.Fatalf("exit code %d, got %q", code, out)
	}
}

// served starts the conformance service and gives its address.
func served(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() { ended <- serve(ctx, "tcp", "127.0.0.1:0", func(a net.Addr) { ready <- a }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	select {
	case addr := <-ready:
		return addr.String()
	case err := <-ended:
		ended <- err
		t.Fatalf("serve: %v", err)
		return ""
	}
}

func TestPull_PrintsTheReply(t *testing.T) {
	addr := served(t)
	body := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(body, []byte("[40,2]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, stdin string
		args        []string
		want        string
	}{
		{"json through gzip", "", []string{"/conformance/echo", `{"a":1}`, "--pipe", "g"}, "{\n  \"a\": 1\n}\n"},
		{"from a file", "", []string{"/conformance/sum", "@" + body}, "42\n"},
		{"from standard input", "[1,2]", []string{"/conformance/sum", "-"}, "3\n"},
		{"text", "", []string{"/conformance/echo", "hi", "--codec", "string"}, "hi\n"},
		{"bytes", "", []string{"/conformance/echo", "0801", "--codec", "protobuf", "--hex"}, "0801\n"},
		{"no body", "", []string{"/conformance/null"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, stderr := run(t, tt.stdin, append([]string{"pull", addr}, tt.args...)...)
			if code != ExitOK || out != tt.want {
				t.Fatalf("exit code %d %s, got %q, want %q", code, stderr, out, tt.want)
			}
		})
	}
	if code, out, _ := run(t, "", "pull", addr, "/conformance/meta", "-v", "-m", "k=v"); code != ExitOK || !strings.Contains(out, "k: v\n") {
		t.Fatalf("exit code %d, the reply's metadata is not in %q", code, out)
	}
}

func TestPull_ErrorReplyFails(t *testing.T) {
	code, _, stderr := run(t, "", "pull", served(t), "/conformance/error?code=1001&message=bind+error")
	if code != ExitFail || !strings.Contains(stderr, "1001") || !strings.Contains(stderr, "bind error") {
		t.Fatalf("exit code %d, stderr %q", code, stderr)
	}
}

func TestPush_IsSent(t *testing.T) {
	addr := served(t)
	if code, _, stderr := run(t, "", "push", addr, "/conformance/release?key=cli", "null"); code != ExitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	code, out, stderr := run(t, "", "pull", addr, "/conformance/hold?key=cli", "--codec", "string", "released")
	if code != ExitOK || out != "released\n" {
		t.Fatalf("exit code %d %s, got %q", code, stderr, out)
	}
}

func TestSpecAndVectors_Agree(t *testing.T) {
	for _, args := range [][]string{{"spec", "check"}, {"vectors", "check"}} {
		if code, out, stderr := run(t, "", args...); code != ExitOK {
			t.Errorf("teleport %s: exit code %d %s\n%s", strings.Join(args, " "), code, stderr, out)
		}
	}
}

func TestSpecShow_QuotesTheSentenceAndTheCases(t *testing.T) {
	code, out, stderr := run(t, "", "spec", "show", "TP-PROTO-003", "TP-CODEC-012")
	for _, want := range []string{"TP-PROTO-003  MUST  spec/14-", "exactly once", "  proto/write-once  ", "TP-CODEC-012", "not tested: "} {
		if !strings.Contains(out, want) {
			t.Errorf("exit code %d %s: %q is not in\n%s", code, stderr, want, out)
		}
	}
}
