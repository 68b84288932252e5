package machines_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"
	"github.com/leanovate/gopter/gen"

	"github.com/henrylee2cn/teleport/fuzz/machines"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// A session does what its model does, whatever is done to it, in whatever order.
//
// The whole machine runs in one bubble: time is virtual, and after each step everything settles.
func TestSession_AsItsModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { machines.Check(t, 40, sessions) })
}

var sessions = &commands.ProtoCommands{
	InitialStateGen: gen.Bool().Map(func(redial bool) model { return model{redial: redial} }),
	NewSystemUnderTestFunc: func(s commands.State) commands.SystemUnderTest {
		return newWorld(s.(model).redial)
	},
	DestroySystemUnderTestFunc: func(w commands.SystemUnderTest) { w.(*world).destroy() },
	GenCommandFunc: func(commands.State) gopter.Gen {
		var all []gen.WeightedGen
		for _, k := range sessionSteps {
			all = append(all, gen.WeightedGen{Weight: k.weight, Gen: gen.IntRange(0, 9).Map(func(n int) commands.Command {
				return &sessionStep{k, n}
			})})
		}
		return gen.Weighted(all)
	},
}

// sessionKind is a kind of step: what it does to the world, and to the model.
type sessionKind struct {
	name   string
	weight int
	do     func(w *world, n int) string
	next   func(m model, n int) model
}

type sessionStep struct {
	*sessionKind
	n int
}

func (s *sessionStep) String() string                   { return fmt.Sprintf("%s(%d)", s.name, s.n) }
func (s *sessionStep) PreCondition(commands.State) bool { return true }
func (s *sessionStep) NextState(m commands.State) commands.State {
	return s.next(m.(model), s.n)
}
func (s *sessionStep) Run(w commands.SystemUnderTest) commands.Result {
	return w.(*world).look(s.do(w.(*world), s.n))
}
func (s *sessionStep) PostCondition(m commands.State, got commands.Result) *gopter.PropResult {
	r := machines.Same(m.(model).want, got.(seen))
	for i := range r.Labels {
		r.Labels[i] = "after " + s.String() + ":\n" + r.Labels[i]
	}
	return r
}

var sessionSteps = []*sessionKind{
	{"pull", 6, func(w *world, n int) string { return w.pull("/add", [2]int{n, 1}) },
		func(m model, n int) model { return m.pull(fmt.Sprint("ok ", n+1)) }},
	{"pull-unknown", 1, func(w *world, n int) string { return w.pull("/nowhere", n) },
		func(m model, _ int) model { return m.pull("404") }},
	{"pull-refused", 2, func(w *world, n int) string { return w.pull("/refuse", n) },
		func(m model, n int) model { return m.pull(fmt.Sprint(1000 + n)) }},
	{"pull-malformed", 1, func(w *world, n int) string { return w.pull("/add", packet.RawBody("[")) },
		func(m model, _ int) model { return m.pull("400") }},
	{"pull-panic", 1, func(w *world, n int) string { return w.pull("/panic", n) },
		func(m model, _ int) model { return m.pull("500") }},
	{"pull-past-deadline", 2, func(w *world, n int) string { return w.expire(time.Duration(n+1) * time.Second) },
		func(m model, _ int) model { return m.expire("408") }},
	{"pull-cancelled", 1, func(w *world, _ int) string { return w.cancelled() },
		func(m model, _ int) model { m.pulls++; return m.show("103", nil) }},
	{"pull-back", 2, func(w *world, n int) string { return w.back(n) }, model.back},
	{"push", 4, func(w *world, _ int) string { return w.push() },
		func(m model, _ int) model { return m.push() }},
	{"hold", 9, func(w *world, _ int) string { return w.hold() },
		func(m model, _ int) model { return m.hold() }},
	{"release", 7, (*world).release, model.release},
	{"cut", 2, func(w *world, n int) string { return w.cut(0, (*tptest.Conn).Abort) },
		func(m model, _ int) model { return m.cut(0) }},
	{"end-of-stream", 2, func(w *world, n int) string { return w.cut(0, closeWrite) },
		func(m model, _ int) model { return m.cut(0) }},
	{"cut-and-refuse", 1, func(w *world, n int) string { return w.cut(n%redials+1, (*tptest.Conn).Abort) },
		func(m model, n int) model { return m.cut(n%redials + 1) }},
	{"pull-in-the-cut", 1, func(w *world, n int) string { return w.pullInTheCut(n) },
		func(m model, n int) model { return m.pullInTheCut(fmt.Sprint("ok ", n+1)) }},
	{"leave", 3, func(w *world, _ int) string { return w.leave() },
		func(m model, _ int) model { return m.leave() }},
	{"close", 2, func(w *world, _ int) string { return w.close() },
		func(m model, _ int) model { return m.close() }},
	{"wait", 1, func(w *world, _ int) string { time.Sleep(time.Minute); return "waited" },
		func(m model, _ int) model { return m.wait() }},
	{"shutdown", 1, func(w *world, _ int) string { return w.shutdown() },
		func(m model, _ int) model { return m.shutdown() }},
	{"dial", 6, func(w *world, _ int) string { return w.dial() },
		func(m model, _ int) model { return m.dial() }},
}

const worldAddr = "server:1"

// patience is how long a step may take: what takes longer never ends.
const patience = time.Hour

// redialTime is enough for every attempt of a redial, and for a connection to count as one that works.
const redialTime = 20 * time.Second

// inlineTime is the peers' PeerConfig.MaxInlineTime: what comes behind a handler that waits is seen after that at the latest.
const inlineTime = 2 * time.Millisecond

// settle waits until nothing more happens by itself.
func settle() {
	synctest.Wait()
	time.Sleep(2 * inlineTime)
	synctest.Wait()
}

// world is a listening and a dialing peer on a network in memory, and the dialing side's session.
type world struct {
	net      *tptest.Network
	srv, cli *tp.Peer
	redial   bool
	sess     tp.Session
	served   chan error
	closed   chan struct{} // closed when Close of sess has returned; nil: it was not called

	mu    sync.Mutex // guards what follows
	wires [][2]*tptest.Conn
	told  []int
	gates map[int]chan struct{}

	held map[int]*tp.PullCmd
	next int // id of a held call or a push
	late int // id of a call that its deadline ends; negative
}

func newWorld(redial bool) *world {
	w := &world{net: tptest.NewNetwork(), redial: redial, served: make(chan error, 1), gates: map[int]chan struct{}{}, held: map[int]*tp.PullCmd{}}
	w.net.OnDial(func(c, s *tptest.Conn) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.wires = append(w.wires, [2]*tptest.Conn{c, s})
	})
	w.srv = tp.NewPeer(tp.PeerConfig{})
	pull := w.srv.PullRouter
	pull.RegFunc("/add", func(a *[2]int) (int, *tp.Rerror) { return a[0] + a[1], nil })
	pull.RegFunc("/refuse", func(n *int) (any, *tp.Rerror) { return nil, tp.NewRerror(int32(1000+*n), "no", "") })
	pull.RegFunc("/panic", func(*int) (any, *tp.Rerror) { panic("asked to") })
	pull.RegFunc("/hold", func(id *int) (int, *tp.Rerror) { <-w.gate(*id); return *id, nil })
	w.srv.PushRouter.RegFunc("/tell", func(id *int) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.told = append(w.told, *id)
	})
	lis, err := w.net.Listen(worldAddr)
	if err != nil {
		panic(err) // a network of its own: the address is free
	}
	go func() { w.served <- w.srv.ServeListener(lis) }()

	cfg := tp.PeerConfig{DialFunc: w.net.DialContext}
	if redial {
		cfg.RedialTimes = redials
	}
	w.cli = tp.NewPeer(cfg)
	w.cli.PullRouter.RegFunc("/twice", func(n *int) (int, *tp.Rerror) { return 2 * *n, nil })
	if out := w.dialNew(); out != "dialed" {
		panic(out)
	}
	return w
}

// gate gives what the handler of a held call waits for.
func (w *world) gate(id int) chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gates[id] == nil {
		w.gates[id] = make(chan struct{})
	}
	return w.gates[id]
}

// open lets a held call's handler go on.
func (w *world) open(id int) {
	select {
	case <-w.gate(id):
	default:
		close(w.gate(id))
	}
}

// look lets everything settle and says what shows.
func (w *world) look(outcome string) seen {
	settle()
	ends := map[int]string{}
	for id, cmd := range w.held {
		if !isClosed(cmd.Done()) {
			continue
		}
		var got int
		if v, _ := cmd.Result(); v != nil {
			got = *v.(*int)
		}
		ends[id] = describe(cmd.Rerror(), got)
		delete(w.held, id)
		w.open(id) // its handler may be waiting still
	}
	settle()
	st := w.sess.Stats()
	w.mu.Lock()
	defer w.mu.Unlock()
	return seen{Outcome: outcome, Ended: endings(ends), Held: st.PendingPulls, Healthy: w.sess.Health(),
		Sessions: w.cli.CountSession(), Others: w.srv.CountSession(), Closed: w.closed != nil && isClosed(w.closed),
		Told: fmt.Sprint(w.told), Pulls: st.PullsLaunched, Pushes: st.PushesLaunched}
}

func describe(rerr *tp.Rerror, value int) string {
	if rerr != nil {
		return fmt.Sprint(rerr.Code)
	}
	return fmt.Sprint("ok ", value)
}

// finish waits for the end of a call.
func finish(cmd *tp.PullCmd) string {
	select {
	case <-cmd.Done():
	case <-time.After(patience):
		return "never"
	}
	v, rerr := cmd.Result()
	return describe(rerr, *v.(*int))
}

func (w *world) pull(uri string, args any) string {
	return finish(w.sess.AsyncPull(uri, args, new(int), nil))
}

func (w *world) expire(after time.Duration) string {
	ctx, cancel := context.WithTimeout(context.Background(), after)
	defer cancel()
	w.late--
	start, id := time.Now(), w.late
	out := finish(w.sess.AsyncPullContext(ctx, "/hold", id, new(int), nil))
	if took := time.Since(start); out == "408" && took != after {
		out += fmt.Sprintf(" after %v instead of %v", took, after)
	}
	w.open(id)
	return out
}

func (w *world) cancelled() string {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return finish(w.sess.AsyncPullContext(ctx, "/add", [2]int{}, new(int), nil))
}

// newest is the listening side's session of the newest connection, nil when that is over.
func (w *world) newest() (found tp.Session) {
	w.mu.Lock()
	wire := w.wires[len(w.wires)-1]
	w.mu.Unlock()
	w.srv.RangeSession(func(s tp.Session) bool {
		if s.RemoteIp() == wire[1].RemoteAddr().String() {
			found = s
		}
		return found == nil
	})
	return found
}

func (w *world) back(n int) string {
	s := w.newest()
	if s == nil {
		return "nobody"
	}
	return finish(s.AsyncPull("/twice", n, new(int), nil))
}

// leave has the listening side close its session.
func (w *world) leave() string {
	s, redials := w.newest(), w.redial && w.sess.Health()
	if s == nil {
		return "nothing"
	}
	go s.Close() // which waits for the handlers of held calls
	settle()
	if redials {
		time.Sleep(redialTime)
	}
	return "left"
}

func (w *world) push() string {
	id := w.next
	w.next++
	if rerr := w.sess.Push("/tell", id); rerr != nil {
		return fmt.Sprint(rerr.Code)
	}
	settle() // pushes of one session may overtake each other in their handlers
	return "ok"
}

func (w *world) hold() string {
	id := w.next
	w.next++
	w.held[id] = w.sess.AsyncPull("/hold", id, new(int), nil)
	return "launched"
}

func (w *world) release(n int) string {
	if len(w.held) == 0 {
		return "none"
	}
	var ids []int
	for id := range w.held {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	w.open(ids[n%len(ids)])
	return "released"
}

func closeWrite(c *tptest.Conn) { c.CloseWrite() }

// sever ends the connection, from the listening side; what is in order gets no time for a redial.
func (w *world) sever(fails int, how func(*tptest.Conn)) bool {
	if w.newest() == nil {
		return false
	}
	if w.redial && w.sess.Health() { // else nobody dials
		w.net.FailDials(slices.Repeat([]error{errors.New("refused")}, fails)...)
	}
	w.mu.Lock()
	wire := w.wires[len(w.wires)-1]
	w.mu.Unlock()
	how(wire[1])
	settle()
	return true
}

func (w *world) cut(fails int, how func(*tptest.Conn)) string {
	redials := w.redial && w.sess.Health()
	if !w.sever(fails, how) {
		return "nothing"
	}
	if redials {
		time.Sleep(redialTime)
	}
	return "cut"
}

func (w *world) pullInTheCut(n int) string {
	redials := w.redial && w.sess.Health()
	w.sever(0, (*tptest.Conn).Abort)
	out := w.pull("/add", [2]int{n, 1})
	if redials {
		time.Sleep(redialTime)
	}
	return out
}

func (w *world) close() string {
	closed := make(chan struct{}) // a second Close waits as the first does
	go func(s tp.Session) {
		s.Close()
		close(closed)
	}(w.sess)
	w.closed = closed
	time.Sleep(time.Second) // the other side has its moment to end the stream, too
	return "closing"
}

func (w *world) shutdown() string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var forced *tp.ShutdownError
	err := w.cli.Shutdown(ctx)
	switch {
	case errors.As(err, &forced):
		return fmt.Sprint("forced ", forced.Sessions)
	case err != nil:
		return err.Error()
	}
	return "graceful"
}

func (w *world) dial() string {
	if w.cli.CountSession() > 0 || len(w.held) > 0 {
		return "not needed"
	}
	return w.dialNew()
}

func (w *world) dialNew() string {
	s, rerr := w.cli.Dial(worldAddr)
	if rerr != nil {
		return fmt.Sprint(rerr.Code)
	}
	w.sess, w.closed = s, nil
	settle() // until the other side has it, too
	return "dialed"
}

// destroy ends everything; what a broken peer leaves behind, the end of the bubble reports.
func (w *world) destroy() {
	for id := range w.held {
		w.open(id)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.cli.Close()
		w.srv.Close()
		<-w.served
	}()
	select {
	case <-done:
	case <-time.After(patience):
	}
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
