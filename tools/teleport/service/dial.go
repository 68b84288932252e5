package service

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

const (
	// Connections is how many connections a dialing testee keeps open (TP-CONF-028).
	Connections = 4

	dialPause   = 20 * time.Millisecond // between two attempts that fail
	lastRefusal = 5                     // so many in a row end a testee that has been connected
)

// Dial makes a peer that offers the conformance service, keeps Connections connections to addr open, and dials
// anew whenever one ends. It returns nil when ctx ends, or when nobody listens there any more; an error, when
// nobody has listened there within patience. The peer is closed by then.
//
// req: TP-CONF-028, TP-CONF-029
func Dial(ctx context.Context, cfg tp.PeerConfig, addr string, patience time.Duration, pf ...packet.ProtoFunc) error {
	d := &dialing{changed: make(chan struct{}, 1)}
	d.peer = New(cfg, d)
	err := d.run(ctx, addr, patience, pf)
	d.peer.Close()
	return err
}

// dialing keeps the connections. It is a plugin, which is told of each session that has ended.
type dialing struct {
	peer    *tp.Peer
	ended   atomic.Int64
	changed chan struct{} // holds a token when ended has grown
}

// Name gives the plugin's name.
func (d *dialing) Name() string { return "ConformanceDialing" }

// PostDisconnect runs when a session has ended.
func (d *dialing) PostDisconnect(tp.PostSession) *tp.Rerror {
	d.ended.Add(1)
	select {
	case d.changed <- struct{}{}:
	default:
	}
	return nil
}

func (d *dialing) run(ctx context.Context, addr string, patience time.Duration, pf []packet.ProtoFunc) error {
	first := time.Now()
	made, refused := int64(0), 0
	for ctx.Err() == nil {
		if made-d.ended.Load() >= Connections {
			select {
			case <-d.changed:
			case <-ctx.Done():
			}
			continue
		}
		_, rerr := d.peer.DialContext(ctx, addr, pf...)
		if rerr == nil {
			made, refused = made+1, 0
			continue
		}
		refused++
		if made > 0 && refused >= lastRefusal {
			return nil // the suite is through
		}
		if made == 0 && time.Since(first) >= patience {
			return fmt.Errorf("nobody has taken a connection at %s for %v: %w", addr, patience, rerr)
		}
		select {
		case <-time.After(dialPause):
		case <-ctx.Done():
		}
	}
	return nil
}
