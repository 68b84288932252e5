package service

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// maxGates bounds the keys that callers can make the service remember.
const maxGates = 1024

// gateSet holds PULLs back until another call names their key: order without clocks.
type gateSet struct {
	mu   sync.Mutex               // guards what follows
	gate map[string]chan struct{} // closed once its key has been released
	keys []string                 // in the order in which they came
}

// of gives the gate of a key, made when either side first names it; nil when there are too many.
func (g *gateSet) of(key string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	ch := g.gate[key]
	if ch == nil && (len(g.gate) < maxGates || g.evictLocked()) {
		ch = make(chan struct{})
		g.gate[key] = ch
		g.keys = append(g.keys, key)
	}
	return ch
}

// evictLocked forgets the oldest key that has been released.
func (g *gateSet) evictLocked() bool {
	i := slices.IndexFunc(g.keys, func(k string) bool { return isClosed(g.gate[k]) })
	if i < 0 {
		return false
	}
	delete(g.gate, g.keys[i])
	g.keys = slices.Delete(g.keys, i, i+1)
	return true
}

func isClosed(ch chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// release opens a key's gate, for the calls that are held there and for those that come later.
func (g *gateSet) release(key string) bool {
	ch := g.of(key)
	if ch == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !isClosed(ch) {
		close(ch)
	}
	return true
}

// hold waits for the key's release, or until the caller no longer does.
func (g *gateSet) hold(ctx context.Context, key string, timeout time.Duration) *tp.Rerror {
	ch := g.of(key)
	if ch == nil {
		return errTooManyGates()
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		return tp.NewRerror(tp.CodeTimeout, "Timeout", context.Cause(ctx).Error())
	case <-timer.C:
		return tp.NewRerror(tp.CodeTimeout, "Timeout", "nobody released the key "+strconv.Quote(key))
	}
}

func errTooManyGates() *tp.Rerror {
	return tp.NewRerror(tp.CodeOverload, "Overload", "too many keys are held: release some")
}

// Hold answers its body once the key of its query has been released.
//
// req: TP-CONF-009, TP-DEAD-010
func (c *Conformance) Hold(body *[]byte) (packet.RawBody, *tp.Rerror) {
	if rerr := c.gates.hold(c.Context(), c.Query().Get("key"), holdFor); rerr != nil {
		return nil, rerr
	}
	return *body, nil
}

// Release opens the gate of its query's key.
//
// req: TP-CONF-010
func (c *Conformance) Release(*[]byte) (any, *tp.Rerror) {
	if !c.gates.release(c.Query().Get("key")) {
		return nil, errTooManyGates()
	}
	return nil, nil
}

// pushRelease is Release for a PUSH.
func (s *state) pushRelease(ctx tp.PushCtx, _ *[]byte) {
	s.gates.release(ctx.Query().Get("key"))
}
