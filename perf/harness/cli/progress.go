package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// live tells people what goes on: one line that changes on a terminal, else a line now and then.
type live struct {
	w        io.Writer
	terminal bool

	started, begun time.Time
	cell           harness.Cell
	round          int
	done, total    int
	last           time.Time // of a plain line
	calls          int64     // and at, of the last figure
	at             time.Time
}

// plainEvery is how often a line is written where there is no terminal.
const plainEvery = 10 * time.Second

func newLive(w io.Writer) *live {
	f, ok := w.(*os.File)
	return &live{w: w, terminal: ok && term.IsTerminal(int(f.Fd())), started: time.Now()}
}

func (l *live) Begin(c harness.Cell, round, done, total int) {
	l.cell, l.round, l.done, l.total = c, round, done, total
	l.begun, l.calls, l.at = time.Now(), 0, time.Now()
	l.show("starting")
}

func (l *live) Calls(n int64) {
	now := time.Now()
	rate := float64(n-l.calls) / now.Sub(l.at).Seconds()
	l.calls, l.at = n, now
	l.show(fmt.Sprintf("%d of %d calls, %.0f a second", n, l.cell.Calls, rate))
}

func (l *live) End(c harness.Cell, r harness.Run) {
	text := fmt.Sprintf("%.0f TPS, median %.3f ms", r.TPS, r.Latency.Median)
	if r.Idle != nil {
		text = fmt.Sprintf("%.0f bytes a connection", r.Idle.RSSPerConn)
	}
	if r.Fault != "" {
		text = "not valid: " + r.Fault
		l.last = time.Time{} // always worth a line
	}
	if r.Fault != "" && l.terminal {
		fmt.Fprintf(l.w, "\r\x1b[K%s\n", l.line(text))
		return
	}
	l.done++
	if l.done == l.total {
		l.last = time.Time{}
	}
	l.show(text)
}

func (l *live) line(text string) string {
	return fmt.Sprintf("[%d/%d%s] %s, %s, %s, %d clients, round %d: %s", l.done, l.total, l.left(),
		l.cell.System, l.cell.Workload, l.cell.Mode, l.cell.Clients, l.round+1, text)
}

// left says about how long it still takes.
func (l *live) left() string {
	if l.done == 0 || l.done == l.total {
		return ""
	}
	spent := l.begun.Sub(l.started)
	rest := time.Duration(float64(spent) / float64(l.done) * float64(l.total-l.done))
	return fmt.Sprintf(", %s left", rest.Round(time.Second))
}

func (l *live) show(text string) {
	if l.terminal {
		fmt.Fprintf(l.w, "\r\x1b[K%.150s", l.line(text))
		return
	}
	if time.Since(l.last) >= plainEvery {
		l.last = time.Now()
		fmt.Fprintln(l.w, l.line(text))
	}
}

// close leaves the line.
func (l *live) close() {
	if l.terminal {
		fmt.Fprint(l.w, "\r\x1b[K")
	}
}
