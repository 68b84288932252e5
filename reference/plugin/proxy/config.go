package proxy

import (
	"fmt"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Config says how a proxy works. Only Route is needed.
type Config struct {
	// Route chooses where a packet of a downstream goes. It may be called by
	// several goroutines at once. See To, ByPrefix and ByMeta.
	Route Route
	// Callback chooses the downstream session for a packet that an upstream has
	// sent on a shared session without X-Proxy-Session. nil, or a nil session:
	// nobody.
	Callback func(Request) tp.Session

	// Upstream configures the peer that dials the upstreams: network, TLS,
	// timeouts, limits. RedialTimes is not used: the proxy makes new connections
	// itself. Without Codecs or Filters it has those of the front. Its Limits
	// should be no larger than the upstreams': one that is sent too large a
	// packet ends the session, which others may share.
	Upstream tp.PeerConfig
	// Plugins are the plugins of that peer: auth, for example.
	Plugins []tp.Plugin
	// Proto is the Proto spoken with the upstreams. nil: the default.
	Proto packet.ProtoFunc

	// Timeout bounds how long a packet may be under way here, the connecting
	// included, where its own deadline does not. 0: 60 s; negative: none.
	Timeout time.Duration
	// DialTimeout bounds the making of one connection. 0: 5 s.
	DialTimeout time.Duration
	// CloseTimeout is how long Close waits for packets that are under way.
	// Those that are left are answered 503. 0: 30 s; negative: not at all.
	CloseTimeout time.Duration

	// MaxCalls and MaxBytes bound what waits for one session, upstream or
	// downstream: PULLs without a REPLY and PUSHes not yet accepted for sending,
	// and the bytes of their uris, metadata and bodies. 0: 4,096, and 64 MiB. A
	// packet that finds nothing else there is taken whatever its size.
	MaxCalls int
	MaxBytes int
	// MaxSessionCalls and MaxSessionBytes bound what one session may have under
	// way, so that it leaves room for the others: packets that it has sent, and
	// replies that it has not taken, and their bytes. 0: 1,024, and 16 MiB.
	MaxSessionCalls int
	MaxSessionBytes int
	// MaxUpstreams bounds the addresses with shared sessions; beyond it packets
	// for new ones are refused with 503. 0: 1,024.
	MaxUpstreams int
	// MaxHops bounds the proxies on the way of a packet. 0: 16.
	MaxHops int
}

// ConfigError says which field of a Config cannot work.
type ConfigError struct {
	Field string // Go name of the field
	Want  string // what it must be
}

func (e *ConfigError) Error() string { return "proxy: Config." + e.Field + " must be " + e.Want }

func (c *Config) complete(front *tp.Peer) error {
	if c.Route == nil {
		return &ConfigError{"Route", "set: To, ByPrefix or a function of your own"}
	}
	for _, f := range []struct {
		name string
		n    *int
		def  int
	}{
		{"MaxCalls", &c.MaxCalls, 4096},
		{"MaxBytes", &c.MaxBytes, 64 << 20},
		{"MaxSessionCalls", &c.MaxSessionCalls, 1024},
		{"MaxSessionBytes", &c.MaxSessionBytes, 16 << 20},
		{"MaxUpstreams", &c.MaxUpstreams, 1024},
		{"MaxHops", &c.MaxHops, 16},
	} {
		if *f.n < 0 {
			return &ConfigError{f.name, fmt.Sprintf("0 (%d) or a positive number, not %d", f.def, *f.n)}
		}
		if *f.n == 0 {
			*f.n = f.def
		}
	}
	if c.DialTimeout < 0 {
		return &ConfigError{"DialTimeout", "0 (5 s) or a positive time"}
	}
	orDefault(&c.Timeout, 60*time.Second)
	orDefault(&c.DialTimeout, 5*time.Second)
	orDefault(&c.CloseTimeout, 30*time.Second)
	c.Upstream.RedialTimes = 0
	if c.Upstream.Codecs == nil {
		c.Upstream.Codecs = front.Codecs()
	}
	if c.Upstream.Filters == nil {
		c.Upstream.Filters = front.Filters()
	}
	return nil
}

func orDefault(d *time.Duration, def time.Duration) {
	if *d == 0 {
		*d = def
	}
}
