package testee_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/henrylee2cn/teleport/conformance/testee"
)

// behaviour, in the environment, makes this test binary a testee that behaves so.
const behaviour = "TELEPORT_TEST_BEHAVIOUR"

func TestMain(m *testing.M) {
	if how := os.Getenv(behaviour); how != "" {
		os.Exit(behave(how))
	}
	os.Exit(m.Run())
}

// behave serves questions: `how` says what happens at the one whose id is "wire/now".
func behave(how string) int {
	intro := testee.Introduction{Name: how, Protos: []string{"fast/1"}, Filters: []int{}}
	switch how {
	case "once": // it starts well the first time alone
		if _, err := os.Stat(os.Getenv(behaviour + "_FILE")); err == nil {
			return 9
		}
		if err := os.WriteFile(os.Getenv(behaviour+"_FILE"), nil, 0o600); err != nil {
			return 1
		}
	case "features":
		intro.Features = []string{"wings"}
	case "nameless":
		intro.Name = ""
	case "proto":
		intro.Protos = []string{"fast/2"}
	case "forever":
		select {}
	case "stubborn": // it goes on after bye and the end of its input
		defer func() { select {} }()
	}
	err := testee.Serve(os.Stdin, os.Stdout, intro, func(q testee.Request) testee.Result {
		if q.ID == "wire/now" {
			switch how {
			case "crash", "once":
				for i := range 30 {
					fmt.Fprintf(os.Stderr, "line %d %s\n", i, strings.Repeat("x", 1000))
				}
				os.Exit(3)
			case "silent":
				select {}
			case "parent": // a child that holds its streams open
				child := exec.Command(os.Args[0])
				child.Env = append(os.Environ(), behaviour+"=forever")
				child.Stdout, child.Stderr = os.Stdout, os.Stderr
				if err := child.Start(); err != nil {
					os.Exit(8)
				}
				os.Exit(3)
			}
		}
		return testee.Result{Status: testee.StatusUnimplemented, Message: strconv.Itoa(os.Getpid())}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func options(t *testing.T, how string) testee.Options {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return testee.Options{Command: []string{exe}, Env: append(os.Environ(), behaviour+"="+how, behaviour+"_FILE="+t.TempDir()+"/started"),
		Standard: "1.0", Features: []string{"meta"}}
}

func open(t *testing.T, o testee.Options) *testee.Session {
	t.Helper()
	s, err := testee.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func ask(s *testee.Session, id string) (testee.Result, error) {
	return s.Ask(context.Background(), testee.Request{ID: id, Run: 1, Op: testee.OpDecode, Proto: "fast/1"})
}

func TestSession_OneProcessForManyCases(t *testing.T) {
	s := open(t, options(t, "well"))
	pids := map[string]bool{}
	for i := range 50 {
		r, err := ask(s, fmt.Sprintf("wire/%d", i))
		if err != nil || r.Status != testee.StatusUnimplemented {
			t.Fatalf("question %d: %+v, %v", i, r, err)
		}
		pids[r.Message] = true
	}
	if len(pids) != 1 || s.Restarts() != 0 || s.Introduction().Name != "well" {
		t.Errorf("%d processes for 50 questions, %d restarts, %+v", len(pids), s.Restarts(), s.Introduction())
	}
}

func TestSession_CrashIsToldAndRestarted(t *testing.T) {
	for _, how := range []string{"crash", "parent"} {
		t.Run(how, func(t *testing.T) {
			if how == "parent" && os.Getenv("TELEPORT_LONG") != "1" {
				t.Skip("it waits three seconds; TELEPORT_LONG=1 runs it")
			}
			s := open(t, options(t, how))
			_, err := ask(s, "wire/now")
			crash, ok := errors.AsType[*testee.Crash](err)
			if !ok || crash.Exit != "exit status 3" {
				t.Fatalf("expected a *Crash with exit status 3, got %v", err)
			}
			if how == "crash" && (len(crash.Last) != 20 || !strings.HasPrefix(crash.Last[19], "line 29") || len(crash.Error()) > 20*400) {
				t.Errorf("expected the last 20 lines, each cut: %v", crash)
			}
			if r, err := ask(s, "wire/later"); err != nil || r.ID != "wire/later" || s.Restarts() != 1 {
				t.Errorf("after the crash: %+v, %v, %d restarts", r, err, s.Restarts())
			}
		})
	}
}

func TestSession_ContextEndsAWait(t *testing.T) {
	s := open(t, options(t, "silent"))
	ctx, stop := context.WithCancel(t.Context())
	stop()
	_, err := s.Ask(ctx, testee.Request{ID: "wire/now", Run: 1, Op: testee.OpDecode})
	if _, ok := errors.AsType[*testee.Silence](err); !ok {
		t.Errorf("expected a *Silence, got %v", err)
	}
	if _, err := ask(s, "wire/later"); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestSession_GivesUpOnACrashLoop(t *testing.T) {
	s := open(t, options(t, "once"))
	if _, err := ask(s, "wire/now"); err == nil {
		t.Fatal("expected a crash")
	}
	for i := range 8 {
		_, err := ask(s, "wire/later")
		want := "did not start again"
		if i >= 5 {
			want = "could not be started 5 times in a row"
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("question %d after it: %v, expected %q", i, err, want)
		}
	}
	if s.Restarts() != 5 {
		t.Errorf("%d starts were tried, expected 5", s.Restarts())
	}
}

func TestOpen_RefusesAHello(t *testing.T) {
	for how, want := range map[string]string{"features": `the feature "wings"`, "nameless": "no name", "proto": `"fast/2"`} {
		_, err := testee.Open(t.Context(), options(t, how))
		if start, ok := errors.AsType[*testee.StartError](err); !ok || !strings.Contains(start.Error(), want) {
			t.Errorf("%s: expected a *StartError with %q, got %v", how, want, err)
		}
	}
	if _, err := testee.Open(t.Context(), testee.Options{}); err == nil {
		t.Error("an empty command was started")
	}
}

func TestSession_CloseStopsTheStubborn(t *testing.T) {
	if os.Getenv("TELEPORT_LONG") != "1" {
		t.Skip("it waits two seconds; TELEPORT_LONG=1 runs it")
	}
	pid := 0
	o := options(t, "stubborn")
	o.OnStart = func(p int) { pid = p }
	s := open(t, o)
	s.Close()
	s.Close() // a second time does nothing
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Signal(os.Interrupt)
	}
	if err == nil {
		t.Errorf("process %d still runs after Close", pid)
	}
	if _, err := ask(s, "wire/x"); err == nil {
		t.Error("a closed session answers")
	}
}

// validator gives what holds a line against the schema.
func validator(t *testing.T) func(line string) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(testee.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(line string) error {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err != nil {
			return err
		}
		return schema.Validate(v)
	}
}

func TestSession_LinesKeepTheSchema(t *testing.T) {
	valid := validator(t)
	var lines []string
	o := options(t, "well")
	o.OnLine = func(_ bool, line []byte) { lines = append(lines, string(line)) }
	s := open(t, o)
	value := testee.Bytes("v")
	for _, q := range []testee.Request{
		{ID: "wire/a", Run: 1, Op: testee.OpDecode, Proto: "fast/1", Segments: []string{}, Filters: []int{}, End: true},
		{ID: "wire/a", Run: 2, Op: testee.OpDecode, Proto: "pb/1", Segments: []string{"00", "ff"}, Filters: []int{103}, Packets: 1},
		{ID: "proto/b", Run: 1, Op: testee.OpEncode, Proto: "json/1", Filters: []int{103}, Ops: []testee.Op{{Op: "set", Key: testee.Bytes("k"), Value: &value}},
			Packet: &testee.Packet{Seq: "18446744073709551615", Meta: []testee.Pair{}, Pipe: []int{103}, Body: testee.Bytes{0, 255}}},
	} {
		if _, err := s.Ask(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	if len(lines) != 2+2*3+2 {
		t.Errorf("%d lines were told, expected 10", len(lines))
	}
	for _, line := range lines {
		if err := valid(line); err != nil {
			t.Errorf("%s\n%v", line, err)
		}
	}
	for _, line := range []string{
		`{"type":"case","id":"wire/a","run":1,"op":"decode","proto":"fast/1","filters":[]}`,
		`{"type":"result","id":"wire/a","run":1,"status":"fine"}`, `{"type":"result","id":"wire/a","run":1,"status":"rejected"}`,
		`{"type":"hello","contract":2,"name":"x","protos":["fast/1"]}`, `{"type":"hello","contract":1,"name":"x"}`, `{"type":"nothing"}`,
	} {
		if valid(line) == nil {
			t.Errorf("the schema takes %s", line)
		}
	}
}

func TestServe_RefusesWhatIsNoLine(t *testing.T) {
	for _, in := range []string{"no json\n", `{"type":"what"}` + "\n", `{"type":"case","run":"one"}` + "\n"} {
		if err := testee.Serve(strings.NewReader(in), io.Discard, testee.Introduction{}, nil); err == nil {
			t.Errorf("%q: expected an error", in)
		}
	}
}

func TestSplit_Quotes(t *testing.T) {
	for line, want := range map[string]string{
		`node testee.js`: `["node" "testee.js"]`, ` a	b  c `: `["a" "b" "c"]`, `'a b' "c d"e`: `["a b" "c de"]`,
		`a '' ""`: `["a" "" ""]`, `a\ b "\"q\""  '\n'`: `["a b" "\"q\"" "\\n"]`, `$HOME|*`: `["$HOME|*"]`,
	} {
		if got, err := testee.Split(line); err != nil || fmt.Sprintf("%q", got) != want {
			t.Errorf("%s: got %q (%v), expected %s", line, got, err, want)
		}
	}
	for _, line := range []string{"", "  ", `'a`, `"a`, `a\`, `''`} {
		if got, err := testee.Split(line); err == nil {
			t.Errorf("%s: got %q, expected an error", line, got)
		}
	}
}

func TestExamples_AreThere(t *testing.T) {
	if got := testee.ExampleLanguages(); len(got) != 3 {
		t.Errorf("examples in %q", got)
	}
	for _, language := range testee.ExampleLanguages() {
		if name, text, run, err := testee.Example(language); err != nil || name == "" || len(run) == 0 || bytes.Count(text, []byte("\n")) >= 165 {
			t.Errorf("%s: %s, %d lines, %q, %v", language, name, bytes.Count(text, []byte("\n")), run, err)
		}
	}
	if _, _, _, err := testee.Example("cobol"); err == nil {
		t.Error("an example in cobol")
	}
}
