package proxy

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"

	tp "github.com/henrylee2cn/teleport/reference"
)

// downstream is a session of the front, as the proxy knows it.
type downstream struct {
	px    *Proxy
	sess  tp.Session
	token string // its MetaSession
	to    *gate  // what waits for it
	from  *gate  // what it has sent that is under way

	mu   sync.Mutex           // guards what follows
	own  map[string]*upstream // sessions of its own, by address
	gone bool
}

// downstreamKey finds it in the data of its session. A front has one proxy.
type downstreamKey struct{}

func (px *Proxy) downstreamOf(sess tp.Session) *downstream {
	if v, ok := sess.Public().Load(downstreamKey{}); ok {
		return v.(*downstream)
	}
	d := &downstream{px: px, sess: sess, token: rand.Text(), to: px.toGate(), from: px.fromGate()}
	v, _ := sess.Public().LoadOrStore(downstreamKey{}, d)
	return v.(*downstream)
}

func (d *downstream) gates() (to, from *gate) { return d.to, d.from }

func (d *downstream) name() string { return "session " + d.sess.Id() }

func (d *downstream) inOrder() bool { return true }

var errDownstreamGone = errors.New("it has gone")

func (d *downstream) session(context.Context) (tp.Session, error) {
	if !d.sess.Health() {
		return nil, errDownstreamGone
	}
	return d.sess, nil
}

// upstream gives the session's own upstream for an address; nil when it has ended.
func (d *downstream) upstream(addr string) *upstream {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return nil
	}
	u := d.own[addr]
	if u == nil {
		u = d.px.newUpstream(addr, d)
		if d.own == nil {
			d.own = make(map[string]*upstream)
		}
		d.own[addr] = u
	}
	return u
}

// mark gives the value of MetaSession for a packet of this session that is being
// handled: end comes after all of those.
func (d *downstream) mark() string {
	d.px.tokens.LoadOrStore(d.token, d)
	return d.token
}

// end forgets the session, and ends the upstream sessions that are its own. All
// that it has sent has been passed on.
func (d *downstream) end() {
	d.mu.Lock()
	d.gone = true
	own := d.own
	d.own = nil
	d.mu.Unlock()
	d.px.tokens.Delete(d.token)
	for _, u := range own {
		u.close()
	}
}
