package wireshark_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/tools/needs"
)

// TestDialogue_CapturedOnLoopback captures a live dialogue with tshark itself, where the system lets it capture.
func TestDialogue_CapturedOnLoopback(t *testing.T) {
	program := needs.Program(t, "tshark")
	pushed := make(chan string, 1)
	f := newTap(t, listen(t, pushed))
	tapPort := f.ln.Addr().(*net.TCPAddr).Port
	path := filepath.Join(t.TempDir(), "capture.pcapng")

	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-n", "-i", "lo", "-f", fmt.Sprintf("tcp port %d", tapPort), "-w", path, "-P", "-l",
		"-T", "fields", "-e", "tcp.srcport", "-e", "tcp.flags.fin")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := []string{}
	started := false
	lines := bufio.NewScanner(stderr)
	for !started && lines.Scan() {
		said = append(said, lines.Text())
		started = strings.Contains(lines.Text(), "Capture started")
	}
	if !started {
		_ = cmd.Wait()
		t.Skipf("tshark cannot capture on loopback here: %s", strings.Join(said, " | "))
	}
	rest := make(chan struct{})
	go func() { // so that tshark is never held up
		defer close(rest)
		for lines.Scan() {
		}
	}()
	speak(t, f, pushed)
	fins := 0 // one each way
	out := bufio.NewScanner(stdout)
	for fins < 2 && out.Scan() {
		if fields := strings.Fields(out.Text()); len(fields) == 2 && (fields[1] == "1" || fields[1] == "True") {
			fins++
		}
	}
	if fins < 2 {
		t.Fatalf("tshark saw %d ends of the connection, expected 2 (%v)", fins, ctx.Err())
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for out.Scan() {
	}
	<-rest
	_ = cmd.Wait() // how it ends after a signal says nothing

	packets, err := tshark(t.Context(), program, path)
	if err != nil {
		t.Fatal(err)
	}
	to, err := directions(t, program, path, tapPort)
	if err != nil || len(to) != len(packets) {
		t.Fatalf("%d packets have %d directions (%v)", len(packets), len(to), err)
	}
	total, links := judge(t, packets, func(i int, _ node) bool { return to[i] }, f)
	t.Logf("%d packets, %d frames, %d links", len(packets), total, links)
	if total < 57 || links < 56 {
		t.Errorf("expected at least 57 frames and 56 links, got %d and %d", total, links)
	}
}

// directions tells of each packet of a capture whether it goes to that port.
func directions(t *testing.T, program, path string, port int) ([]bool, error) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	out, err := run(t.Context(), program, path, nil, "-T", "fields", "-e", "tcp.dstport")
	if err != nil {
		return nil, err
	}
	var to []bool
	for line := range bytes.Lines(out) {
		to = append(to, strings.TrimSpace(string(line)) == fmt.Sprint(port))
	}
	return to, nil
}
