package machines_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// phase is where a session is in its life.
type phase int

const (
	up      phase = iota // calls are taken
	closing              // no more calls; those that are held still get their replies
	ended                // over
)

// call is a call that the other side holds back, and the connection that it went out on.
type call struct{ id, link int }

// model is all that is known of a session and its two peers. It is a value: a step makes a new one.
type model struct {
	redial bool // the session redials, up to redials times
	shut   bool // its peer was shut down

	phase  phase
	link   int    // which connection the session is on, or was at last
	asked  bool   // the other side has announced that it closes that connection
	closed bool   // Close was called: calls get their replies as long as CloseTimeout lasts
	held   []call // by launch
	told   []int  // what the pushes said that came
	next   int    // the id of the next call or push
	pulls  uint64 // launched, which is the next seq
	pushes uint64

	want seen // what the step that led here should show
}

// String names the model at the beginning of a sequence.
func (m model) String() string {
	if m.redial {
		return "a session that redials"
	}
	return "a session that does not redial"
}

// seen is what shows of a session after a step, once everything has settled.
type seen struct {
	Outcome  string // of the step itself
	Ended    string // the held calls that ended in this step, and how: id:outcome, by id
	Held     int    // the calls that still wait, as the session counts them
	Healthy  bool
	Sessions int // that the dialing peer has
	Others   int // that the listening peer has: one a connection
	Closed   bool
	Told     string
	Pulls    uint64
	Pushes   uint64
}

// redials is how often the session that redials tries to.
const redials = 3

// show fills in what can be told from the model itself.
func (m model) show(outcome string, ends map[int]string) model {
	sessions, others := 0, 0
	if m.phase == up || m.phase == closing && m.holds(m.link) {
		sessions, others = 1, 1
	}
	for link := range m.link { // those that were left, for as long as they have a call
		if m.holds(link) {
			others++
		}
	}
	m.want = seen{Outcome: outcome, Ended: endings(ends), Held: len(m.held), Healthy: m.phase == up, Sessions: sessions, Others: others,
		Closed: m.phase == ended && m.closed, Told: fmt.Sprint(m.told), Pulls: m.pulls, Pushes: m.pushes}
	return m
}

// holds says whether a connection has a call that is held.
func (m model) holds(link int) bool {
	return slices.ContainsFunc(m.held, func(c call) bool { return c.link == link })
}

// settle ends a session that takes no calls once it has none.
func (m *model) settle() {
	if m.phase == closing && len(m.held) == 0 {
		m.phase = ended
	}
}

func endings(ends map[int]string) string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(ends)) {
		out = append(out, fmt.Sprintf("%d:%s", id, ends[id]))
	}
	return strings.Join(out, " ")
}

// lose ends the held calls of those connections.
func (m *model) lose(links ...int) map[int]string {
	ends := map[int]string{}
	var kept []call
	for _, c := range m.held {
		if slices.Contains(links, c.link) {
			ends[c.id] = "102"
		} else {
			kept = append(kept, c)
		}
	}
	m.held = kept
	return ends
}

// loseAll ends all held calls.
func (m *model) loseAll() map[int]string {
	var links []int
	for _, c := range m.held {
		links = append(links, c.link)
	}
	return m.lose(links...)
}

// pull is a call that the other side answers at once.
func (m model) pull(answer string) model {
	m.pulls++
	if m.phase != up {
		answer = "102"
	}
	return m.show(answer, nil)
}

// hold is a pull that the other side holds back.
func (m model) hold() model {
	id := m.next
	m.next++
	m.pulls++
	if m.phase != up {
		return m.show("launched", map[int]string{id: "102"})
	}
	m.held = append(slices.Clone(m.held), call{id, m.link})
	return m.show("launched", nil)
}

// release answers one of the calls that are held.
func (m model) release(n int) model {
	if len(m.held) == 0 {
		return m.show("none", nil)
	}
	i := n % len(m.held)
	id := m.held[i].id
	m.held = slices.Delete(slices.Clone(m.held), i, i+1)
	m.settle()
	return m.show("released", map[int]string{id: fmt.Sprint("ok ", id)})
}

func (m model) push() model {
	id := m.next
	m.next++
	m.pushes++
	if m.phase != up {
		return m.show("102", nil)
	}
	m.told = append(slices.Clone(m.told), id)
	return m.show("ok", nil)
}

// back is a pull from the listening side, on the newest connection.
func (m model) back(n int) model {
	switch {
	case m.phase == up:
		return m.show(fmt.Sprint("ok ", 2*n), nil)
	case m.phase == ended || !m.holds(m.link):
		return m.show("nobody", nil)
	case m.asked:
		return m.show("102", nil) // it closes itself
	}
	return m.show("503", nil) // the dialing side closes
}

// cut breaks the connection; fails dials after that are refused. What is held on connections that were left
// earlier still gets its replies.
func (m model) cut(fails int) model {
	if m.phase == ended || m.phase == closing && !m.holds(m.link) {
		return m.show("nothing", nil)
	}
	ends := m.lose(m.link)
	if m.redial && m.phase == up && fails < redials {
		m.link, m.asked = m.link+1, false
	} else {
		m.phase = closing
		m.settle()
	}
	return m.show("cut", ends)
}

// leave is Close of the listening side's session: the dialing side goes on with another connection, or ends.
func (m model) leave() model {
	if m.phase == ended || m.phase == closing && !m.holds(m.link) {
		return m.show("nothing", nil)
	}
	m.asked = true
	if m.phase == up && m.redial {
		m.link, m.asked = m.link+1, false
	} else {
		m.phase = closing
		m.settle()
	}
	return m.show("left", nil)
}

// pullInTheCut calls when the connection has broken and no other is there.
func (m model) pullInTheCut(answer string) model {
	m = m.cut(0)
	ends := m.want.Ended
	m.pulls++
	if m.phase != up {
		answer = "102"
	}
	m = m.show(answer, nil)
	m.want.Ended = ends
	return m
}

// close is Close of the dialing side.
func (m model) close() model {
	if m.phase != ended {
		m.phase = closing
	}
	m.closed = true
	m.settle()
	return m.show("closing", nil)
}

// wait lets more time pass than a close has.
func (m model) wait() model {
	var ends map[int]string
	if m.closed {
		ends = m.loseAll()
		m.settle()
	}
	return m.show("waited", ends)
}

// shutdown ends the dialing peer by force when its time is over.
func (m model) shutdown() model {
	outcome := "graceful"
	if len(m.held) > 0 {
		outcome = "forced 1"
	}
	ends := m.loseAll()
	m.phase, m.shut = ended, true
	return m.show(outcome, ends)
}

// dial makes another session where the last one is over.
func (m model) dial() model {
	switch {
	case m.shut:
		return m.show("105", nil)
	case m.phase != ended:
		return m.show("not needed", nil)
	}
	m.phase, m.link, m.asked, m.closed, m.pulls, m.pushes = up, m.link+1, false, false, 0, 0
	return m.show("dialed", nil)
}

// expire is a call that is held for longer than its deadline.
func (m model) expire(code string) model {
	m.pulls++
	if m.phase != up {
		code = "102"
	}
	return m.show(code, nil)
}
