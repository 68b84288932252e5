package tp

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// meters notes what it is told.
type meters struct {
	mu    sync.Mutex
	calls []string
	slow  int
	state []string
	bytes uint32
}

func (m *meters) CallDone(c CallInfo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, fmt.Sprintf("%s %s %d", c.Kind, c.Route, c.Code))
	m.bytes += c.InBytes + c.OutBytes
	if c.Slow {
		m.slow++
	}
	if c.Session == nil || c.Cost < 0 {
		m.calls = append(m.calls, "without session or cost")
	}
}

func (m *meters) SessionChanged(ev SessionEvent) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = append(m.state, ev.State.String())
}

func (m *meters) sorted() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(slices.Values(m.calls))
}

func TestMetrics_AreToldOfEachCallOnce(t *testing.T) {
	srv, own := new(meters), new(meters)
	inBubble(t, PeerConfig{Metrics: srv, SlowCometDuration: time.Second}, func(r *rig) {
		r.srv.PushRouter.RegFunc("/note", func(*int) {})
		r.srv.PullRouter.RegFunc("/slow", func(*int) (int, *Rerror) { time.Sleep(time.Second); return 1, nil })
		r.srv.PullRouter.RegFunc("/zero", func(*int) (any, *Rerror) { return nil, NewRerror(0, "no code", "") })
		r.srv.PullRouter.SetUnknown(func(UnknownPullCtx) (any, *Rerror) { return nil, NewRerror(1004, "unknown", "") })
		cli, sess := r.dial(PeerConfig{Metrics: own})
		sess.Pull("/add?x=1", [2]int{1, 2}, nil)
		sess.Pull("/slow", 1, nil)
		sess.Pull("/zero", 1, nil)
		sess.Pull("/nothing", 1, nil)
		sess.Pull("/add", "no array", nil)
		<-sess.AsyncPull("/panic", nil, nil, nil).Done()
		sess.Push("/note?x", 1)
		sess.Push("/note", "no number")
		sess.Push("/none", 1)
		sess.Pull("/add", make(chan int), nil) // cannot be encoded
		sess.Push("/note", make(chan int))
		cli.Close()
		synctest.Wait()
	})
	wantSrv := []string{"pull-handle  1004", "pull-handle /add 0", "pull-handle /add 400", "pull-handle /panic 500", "pull-handle /slow 0", "pull-handle /zero 500",
		"push-handle  404", "push-handle /note 0", "push-handle /note 400"}
	if got := srv.sorted(); !slices.Equal(got, wantSrv) || srv.slow != 1 || srv.bytes == 0 {
		t.Errorf("the server's metrics, %d slow:\n%s\nwant\n%s", srv.slow, strings.Join(got, "\n"), strings.Join(wantSrv, "\n"))
	}
	wantOwn := []string{"pull-launch /add 0", "pull-launch /add 104", "pull-launch /add 400", "pull-launch /nothing 1004", "pull-launch /panic 500", "pull-launch /slow 0", "pull-launch /zero 500",
		"push-launch /none 0", "push-launch /note 0", "push-launch /note 0", "push-launch /note 104"}
	if got := own.sorted(); !slices.Equal(got, wantOwn) {
		t.Errorf("the client's metrics:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wantOwn, "\n"))
	}
	if !slices.Equal(own.state, []string{"connected", "closed"}) || !slices.Equal(srv.state, []string{"connected", "lost", "closed"}) {
		t.Errorf("sessions: %q, %q", own.state, srv.state)
	}
}

// angry panics at everything.
type angry struct{}

func (angry) CallDone(CallInfo)           { panic("no") }
func (angry) SessionChanged(SessionEvent) { panic("no") }

func TestMetrics_APanicEndsNothing(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{Metrics: angry{}}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{Metrics: angry{}})
		defer cli.Close()
		wantGood(t, sess)
	})
}

// The alarm for slow calls needs nothing but its threshold.
func TestSlowCometDuration_IsAnAlarm(t *testing.T) {
	lines := captureLog(t)
	inBubble(t, PeerConfig{SlowCometDuration: 500 * time.Millisecond}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/slow", func(d *time.Duration) (int, *Rerror) { time.Sleep(*d); return 1, nil })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		for _, d := range []time.Duration{499 * time.Millisecond, 500 * time.Millisecond} {
			if rerr := sess.Pull("/slow", d, nil).Rerror(); rerr != nil {
				t.Error(rerr)
			}
		}
	})
	if got := lines.with("(slow)"); len(got) != 1 || !strings.HasPrefix(got[0], "WARN [pull-handle]") || !strings.Contains(got[0], "cost-time: 500ms(slow)") {
		t.Errorf("the alarms are %q", got)
	}
}

func TestRedactBody_DecidesWhatTheRunLogShows(t *testing.T) {
	for name, tt := range map[string]struct {
		redact func(*packet.Packet, string) string
		want   string
	}{
		"replaced": {func(p *packet.Packet, shown string) string {
			return p.Uri() + strings.ReplaceAll(shown, "secret", "***")
		}, "/login[\"***\"]"},
		"panics": {func(*packet.Packet, string) string { panic("no") }, "(not shown: RedactBody panicked)"},
	} {
		t.Run(name, func(t *testing.T) {
			lines := captureLog(t)
			inBubble(t, PeerConfig{PrintBody: true, RedactBody: tt.redact}, func(r *rig) {
				r.srv.PullRouter.RegFunc("/login", func(*[]string) (any, *Rerror) { return nil, nil })
				cli, sess := r.dial(PeerConfig{})
				defer cli.Close()
				if rerr := sess.Pull("/login", []string{"secret"}, nil).Rerror(); rerr != nil {
					t.Error(rerr)
				}
			})
			for _, line := range lines.with("[pull-handle]") {
				if strings.Contains(line, "secret") || !strings.Contains(strings.Join(strings.Fields(line), ""), strings.ReplaceAll(tt.want, " ", "")) {
					t.Errorf("the line is %q", line)
				}
			}
			if len(lines.with("[pull-handle]")) != 1 {
				t.Error("no line")
			}
		})
	}
}
