package proxy

import (
	"context"
	"errors"
	"sync"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// Proxy passes on what its front has no handler for. Its methods are safe for
// concurrent use. As a plugin of the front its name is "proxy".
type Proxy struct {
	cfg   Config
	id    string // in MetaVia
	front *tp.Peer
	up    *tp.Peer // dials the upstreams

	shared table
	tokens sync.Map // MetaSession -> *downstream
	counts counts

	work   *tally // packets under way
	dials  sync.WaitGroup
	ctx    context.Context // what waits, waits no longer than this
	cancel context.CancelCauseFunc
	stop   chan struct{} // closed by Close
	once   sync.Once
	done   chan struct{} // closed when everything is over
}

// New makes a proxy of front: it sets the front's handlers of unknown pulls and
// pushes, and adds a plugin to it. The error is a *ConfigError, one of
// tp.TryNewPeer for Config.Upstream, or that of the plugin's registration: a
// front has one proxy.
//
// The proxy ends with Close, or with the front.
func New(front *tp.Peer, cfg Config) (*Proxy, error) {
	if front == nil {
		return nil, errors.New("proxy: the front is nil")
	}
	if err := cfg.complete(front); err != nil {
		return nil, err
	}
	up, err := tp.TryNewPeer(cfg.Upstream, append([]tp.Plugin{binder{}}, cfg.Plugins...)...)
	if err != nil {
		return nil, err
	}
	px := &Proxy{
		cfg:    cfg,
		id:     newId(),
		front:  front,
		up:     up,
		shared: table{max: cfg.MaxUpstreams},
		work:   newTally(),
		stop:   make(chan struct{}),
		done:   make(chan struct{}),
	}
	px.ctx, px.cancel = context.WithCancelCause(context.Background())
	if err := front.PluginContainer().Add(&frontPlugin{px}); err != nil {
		return nil, errors.Join(err, up.Close())
	}
	up.PullRouter.SetUnknown(px.callbackPull, tp.Blocking())
	up.PushRouter.SetUnknown(px.callbackPush, tp.Blocking())
	front.PullRouter.SetUnknown(px.forwardPull, tp.Blocking())
	front.PushRouter.SetUnknown(px.forwardPush, tp.Blocking())
	go px.run()
	return px, nil
}

// Front returns the peer that the proxy was made of.
func (px *Proxy) Front() *tp.Peer { return px.front }

// Close closes the front (see tp.Peer.Close) and, when the packets that are
// under way have ended or Config.CloseTimeout is over, the sessions to the
// upstreams. It waits for all that, so it must not be called from a handler, a
// Route or a Callback. The error is the front's.
func (px *Proxy) Close() error {
	px.once.Do(func() { close(px.stop) })
	err := px.front.Close()
	<-px.done
	return err
}

// Done gives a channel that is closed when the proxy has ended and holds no
// connection and no goroutine any more.
func (px *Proxy) Done() <-chan struct{} { return px.done }

var errClosing = errors.New("the proxy is closing")

// run ends the proxy. Owner: the proxy; end: Close, or the front's.
func (px *Proxy) run() {
	defer close(px.done)
	select {
	case <-px.stop:
	case <-px.front.Done():
	}
	px.work.seal()
	if d := px.cfg.CloseTimeout; d > 0 {
		patience := time.NewTimer(d)
		defer patience.Stop()
		select {
		case <-px.work.idle:
		case <-patience.C:
		}
	}
	px.cancel(errClosing)
	<-px.work.idle
	if err := px.up.Close(); err != nil {
		tp.Debugf("proxy: close the upstream peer: %v", err)
	}
	px.dials.Wait()
}

func (px *Proxy) toGate() *gate {
	return &gate{maxCalls: px.cfg.MaxCalls, maxBytes: px.cfg.MaxBytes}
}

func (px *Proxy) fromGate() *gate {
	return &gate{maxCalls: px.cfg.MaxSessionCalls, maxBytes: px.cfg.MaxSessionBytes}
}

// frontPlugin is the proxy as a plugin of its front.
type frontPlugin struct{ px *Proxy }

func (*frontPlugin) Name() string { return "proxy" }

// PostDisconnect runs when all handlers of the session have returned.
func (f *frontPlugin) PostDisconnect(sess tp.PostSession) *tp.Rerror {
	if v, ok := sess.Public().Load(downstreamKey{}); ok {
		v.(*downstream).end()
	}
	return nil
}
