package tp

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
)

// calls counts calls in and endings out.
type calls struct {
	total     *endTally
	delivered chan *PullCmd // of AsyncPull
	corrupt   bool          // replies may say anything; calls end all the same

	mu   sync.Mutex // guards what follows
	all  []*oneCall
	bad  []string
	open int           // begun and not ended
	idle chan struct{} // closed when open is 0
}

// oneCall is a call that was begun.
type oneCall struct {
	of       *calls
	kind     string // pull, async or push
	uri, arg string
	ends     int
}

func (c *calls) init(total *endTally) { c.total, c.delivered = total, make(chan *PullCmd, 1<<12) }

// begin notes a call that is about to be made; its end must follow.
func (c *calls) begin(uri, arg string) *oneCall { return c.beginKind("pull", uri, arg) }

func (c *calls) beginKind(kind, uri, arg string) *oneCall {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open++
	o := &oneCall{of: c, kind: kind, uri: uri, arg: arg}
	c.all = append(c.all, o)
	c.total.note(kind+" begun", 1)
	return o
}

// end notes the ending of a call, and whether it may be one.
func (o *oneCall) end(rerr *Rerror, got string) {
	c, code := o.of, endCode(rerr)
	c.mu.Lock()
	o.ends++
	if c.open--; c.open == 0 && c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
	switch {
	case c.corrupt:
	case o.kind == "push" && code != success && !fateOf(code):
		c.bad = append(c.bad, fmt.Sprintf("the PUSH %s ended with %v", o.uri, rerr))
	case o.kind != "push" && !fateOf(code) && !slices.Contains(routeCodes[o.uri], code):
		c.bad = append(c.bad, fmt.Sprintf("the PULL %s ended with %v", o.uri, rerr))
	case o.kind != "push" && code == success && got != o.arg:
		c.bad = append(c.bad, fmt.Sprintf("the PULL %s of %.20q gave %.20q", o.uri, o.arg, got))
	}
	c.mu.Unlock()
	c.total.note(fmt.Sprintf("%s ended %s", o.kind, codeText(code)), 1)
}

// fateOf says whether a connection, a bound or a context ends calls with that code.
func fateOf(code int32) bool { return slices.Contains([]int32{102, 103, 104, 408, 503}, code) }

func codeText(code int32) string {
	if code == success {
		return "well"
	}
	return fmt.Sprintf("with %d", code)
}

func (c *calls) pull(ctx context.Context, s Session, uri, arg string) {
	o := c.begin(uri, arg)
	var got string
	rerr := s.PullContext(ctx, uri, arg, &got).Rerror()
	o.end(rerr, got)
}

func (c *calls) async(ctx context.Context, s Session, uri, arg string) {
	o := c.beginKind("async", uri, arg)
	var got string
	cmd := s.AsyncPullContext(ctx, uri, arg, &got, c.delivered)
	rerr := cmd.Rerror()
	o.end(rerr, got)
}

func (c *calls) push(ctx context.Context, s Session, uri, arg string) {
	o := c.beginKind("push", uri, arg)
	o.end(s.PushContext(ctx, uri, arg), "")
}

// wait waits until no call is open: none that a WaitGroup could count, for
// handlers begin calls, too.
func (c *calls) wait() {
	for {
		c.mu.Lock()
		if c.open == 0 {
			c.mu.Unlock()
			return
		}
		if c.idle == nil {
			c.idle = make(chan struct{})
		}
		idle := c.idle
		c.mu.Unlock()
		<-idle
	}
}

func (c *calls) missing() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var m []string
	for _, o := range c.all {
		if o.ends == 0 {
			m = append(m, o.kind+" "+o.uri)
		}
	}
	return fmt.Sprintf("%d of %d calls have not ended: %s", len(m), len(c.all), strings.Join(m, ", "))
}

// check looks that each call ended once, and well or by its fate.
func (c *calls) check(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	asyncs := 0
	for _, o := range c.all {
		if o.ends != 1 {
			t.Errorf("the %s of %s ended %d times", o.kind, o.uri, o.ends)
		}
		if o.kind == "async" {
			asyncs++
		}
	}
	if len(c.delivered) != asyncs {
		t.Errorf("%d of %d AsyncPulls came to their channel", len(c.delivered), asyncs)
	}
	for _, b := range c.bad {
		t.Error(b)
	}
}

// forget lets go of what check has looked at.
func (c *calls) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all, c.delivered = nil, nil
}

// endTally counts by name, over all schedules.
type endTally struct {
	mu sync.Mutex // guards n
	n  map[string]int
}

func newEndTally() *endTally { return &endTally{n: make(map[string]int)} }

func (t *endTally) note(what string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n[what] += n
}

// sum adds up what begins like that.
func (t *endTally) sum(prefix string) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, v := range t.n {
		if strings.HasPrefix(k, prefix) {
			n += v
		}
	}
	return n
}

func (t *endTally) String() string {
	begun := t.sum("pull begun") + t.sum("async begun") + t.sum("push begun")
	ended := t.sum("pull ended") + t.sum("async ended") + t.sum("push ended")
	s := fmt.Sprintf("%d calls begun, %d ended", begun, ended)
	if n := t.sum("fault "); n > 0 {
		s += fmt.Sprintf(", %d faults", n)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range slices.Sorted(maps.Keys(t.n)) {
		s += fmt.Sprintf("\n\t%7d %s", t.n[k], k)
	}
	return s
}
