package tp

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Defaults of PeerConfig: what a zero field means.
const (
	defaultWriteTimeout     = 30 * time.Second
	defaultFrameTimeout     = 60 * time.Second
	defaultHandshakeTimeout = 10 * time.Second
	defaultCloseTimeout     = 30 * time.Second
	defaultRedialInterval   = 100 * time.Millisecond
	defaultRedialMax        = 10 * time.Second
	defaultMaxHandlers      = 10000
	defaultMaxQueued        = 1 << 20
	defaultMaxPending       = 1 << 16
	defaultMaxInflightBytes = 64 << 20
	defaultParkAfter        = 30 * time.Second
	defaultMaxInlineTime    = 2 * time.Millisecond
)

// PeerConfig says how a peer works. The zero value works: a peer that dials
// TCP, speaks the default Proto and encodes bodies as JSON.
//
// Every time is a time.Duration. Where a field says "negative: none", zero is
// the default that the field names.
type PeerConfig struct {
	// TlsCertFile and TlsKeyFile, PEM: the certificate that this side shows,
	// listening and, where it is asked for one, dialing. Both or none. A peer
	// with any of the four files speaks TLS, listening and dialing alike.
	TlsCertFile string `yaml:"tls_cert_file" ini:"tls_cert_file" json:"tls_cert_file,omitempty"`
	TlsKeyFile  string `yaml:"tls_key_file" ini:"tls_key_file" json:"tls_key_file,omitempty"`
	// TlsClientCAFile, PEM: Listen takes clients only that show a certificate
	// of one of these authorities (mutual TLS).
	TlsClientCAFile string `yaml:"tls_client_ca_file" ini:"tls_client_ca_file" json:"tls_client_ca_file,omitempty"`
	// TlsRootCAFile, PEM: Dial takes servers only that show a certificate of
	// one of these authorities. "": of those that the system trusts.
	TlsRootCAFile string `yaml:"tls_root_ca_file" ini:"tls_root_ca_file" json:"tls_root_ca_file,omitempty"`
	// TLSConfig, when set, makes Listen and Dial speak TLS. It is cloned; a
	// dialing peer fills in ServerName from the address, which over a unix
	// socket is none that a certificate has. What the files say wins. ServeConn
	// takes the connection as it is.
	TLSConfig *tls.Config `yaml:"-" ini:"-" json:"-"`

	// DefaultReadTimeout ends a session that has received nothing for so long.
	// 0: never.
	DefaultReadTimeout time.Duration `yaml:"default_read_timeout" ini:"default_read_timeout" json:"default_read_timeout,omitempty"`
	// DefaultWriteTimeout ends a session whose other side does not take, in so
	// long, what is written to it in one go (a packet, or several small ones):
	// one that takes nothing, and one that is too slow. 0: 30 s; negative: none.
	DefaultWriteTimeout time.Duration `yaml:"default_write_timeout" ini:"default_write_timeout" json:"default_write_timeout,omitempty"`
	// SlowCometDuration is the alarm for slow calls: what takes as long, or
	// longer, is logged at Warn and marked (slow). It switches CountTime on. 0
	// or negative: none is slow.
	SlowCometDuration time.Duration `yaml:"slow_comet_duration" ini:"slow_comet_duration" json:"slow_comet_duration,omitempty"`
	// DefaultBodyCodec names the codec of packets that set none. "": json, or
	// what SetGlobalBodyCodec has set.
	DefaultBodyCodec string `yaml:"default_body_codec" ini:"default_body_codec" json:"default_body_codec,omitempty"`
	// PrintBody puts bodies into the run log.
	PrintBody bool `yaml:"print_body" ini:"print_body" json:"print_body,omitempty"`
	// RedactBody, with PrintBody, is given each body as the run log would show
	// it and the packet that it belongs to, and returns what is shown: the
	// place to take out passwords. It may be called concurrently, and keeps
	// neither packet nor body. Where it panics the body is not shown.
	RedactBody func(p *packet.Packet, shown string) string `yaml:"-" ini:"-" json:"-"`
	// Metrics is told of calls and sessions. nil: nobody is.
	Metrics Metrics `yaml:"-" ini:"-" json:"-"`
	// CountTime measures calls, for the run log and PullCmd.CostTime.
	CountTime bool `yaml:"count_time" ini:"count_time" json:"count_time,omitempty"`
	// DefaultDialTimeout bounds one attempt of Dial and of a redial. 0: what
	// the system does. DialContext goes by its context instead.
	DefaultDialTimeout time.Duration `yaml:"default_dial_timeout" ini:"default_dial_timeout" json:"default_dial_timeout,omitempty"`
	// RedialTimes is how often a dialed session whose link broke is dialed
	// again before it ends. 0: never; negative: without end.
	RedialTimes int `yaml:"redial_times" ini:"redial_times" json:"redial_times,omitempty"`
	// RedialInterval is about the first wait before a redial; each next wait
	// is about twice as long, up to RedialMaxInterval. Waits are jittered.
	// 0: 100 ms and 10 s.
	RedialInterval    time.Duration `yaml:"redial_interval" ini:"redial_interval" json:"redial_interval,omitempty"`
	RedialMaxInterval time.Duration `yaml:"redial_max_interval" ini:"redial_max_interval" json:"redial_max_interval,omitempty"`
	// Network is tcp, tcp4, tcp6, unix or unixpacket. "": tcp. Over unixpacket
	// a packet is a message, and so shorter than the system's send buffer:
	// SetSocketWriteBuffer.
	Network string `yaml:"network" ini:"network" json:"network,omitempty"`
	// ListenAddress is where Listen listens.
	ListenAddress string `yaml:"listen_address" ini:"listen_address" json:"listen_address,omitempty"`

	// FrameTimeout bounds the time between the first and the last byte of one
	// packet that is read. 0: 60 s; negative: none.
	FrameTimeout time.Duration `yaml:"frame_timeout" ini:"frame_timeout" json:"frame_timeout,omitempty"`
	// HandshakeTimeout bounds the TLS handshake, and one PreSession.Receive
	// where no read timeout is set. 0: 10 s; negative: none.
	HandshakeTimeout time.Duration `yaml:"handshake_timeout" ini:"handshake_timeout" json:"handshake_timeout,omitempty"`
	// CloseTimeout is how long a session that is being closed waits for the
	// replies to its own PULLs, and afterwards for what is queued to be
	// written. Running handlers are always waited for. 0: 30 s; negative: no bound.
	CloseTimeout time.Duration `yaml:"close_timeout" ini:"close_timeout" json:"close_timeout,omitempty"`
	// MaxHandlers bounds the handlers that run at once for one session; a PULL
	// beyond it is answered 503, a PUSH dropped and counted. 0: 10,000.
	MaxHandlers int `yaml:"max_handlers" ini:"max_handlers" json:"max_handlers,omitempty"`
	// MaxInlineTime bounds how long a handler may hold up the reading of its
	// session. Handlers that are known to be short run on the goroutine that
	// reads; one that takes longer than this all the same goes on, and another
	// goroutine reads. 0: 2 ms; negative: each handler has a goroutine of its
	// own. See also Blocking and Inline.
	MaxInlineTime time.Duration `yaml:"max_inline_time" ini:"max_inline_time" json:"max_inline_time,omitempty"`
	// ParkAfter is about how long nothing comes on a session until it waits
	// without a goroutine of its own, in a set that the peer watches: that takes
	// less memory, and some microseconds more when something comes. On Linux, for
	// TCP and unix connections without TLS. 0: 30 s; negative: never.
	ParkAfter time.Duration `yaml:"park_after" ini:"park_after" json:"park_after,omitempty"`
	// MaxInflightBytes bounds the bytes of the packets, filters undone, that
	// the running handlers of one session were given; a PULL beyond it is
	// answered 503, a PUSH dropped and counted. One packet is always let in,
	// however large. What decoding makes of the bytes is not counted. 0: 64 MiB.
	MaxInflightBytes int `yaml:"max_inflight_bytes" ini:"max_inflight_bytes" json:"max_inflight_bytes,omitempty"`
	// MaxPending bounds the own PULLs that wait for their REPLY on one
	// connection. Beyond it PullContext waits, while its context lasts, and a
	// PULL whose context never ends fails at once with a local 503. 0: 65,536.
	MaxPending int `yaml:"max_pending" ini:"max_pending" json:"max_pending,omitempty"`
	// MaxQueued bounds the bytes that wait to be written for one session. 0: 1 MiB.
	MaxQueued int `yaml:"max_queued" ini:"max_queued" json:"max_queued,omitempty"`
	// Limits of packets read and written; a zero field is the standard's default.
	Limits packet.Limits `yaml:"limits" ini:"limits" json:"limits"`
	// V3Compat sends the body `null` under codec j in place of an empty body,
	// for deployed peers that cannot take one (spec, "Deviations").
	V3Compat bool `yaml:"v3_compat" ini:"v3_compat" json:"v3_compat,omitempty"`

	// DialFunc makes the connections of Dial and of redials; nil: net.Dialer.
	// It is given Network and the address.
	DialFunc func(ctx context.Context, network, addr string) (net.Conn, error) `yaml:"-" ini:"-" json:"-"`

	// Codecs and Filters are the peer's registries. nil: an empty registry on
	// top of the process-wide one, so that what is registered there later counts.
	Codecs  *codec.Registry `yaml:"-" ini:"-" json:"-"`
	Filters *xfer.Registry  `yaml:"-" ini:"-" json:"-"`
}

// ConfigError says which field of a PeerConfig cannot work, and why.
type ConfigError struct {
	Field string // Go name of the field
	Value any    // what it was
	Want  string // what it may be
	Err   error  // the cause, where there is one
}

func (e *ConfigError) Error() string {
	s := fmt.Sprintf("teleport: PeerConfig.%s is %v, want %s", e.Field, e.Value, e.Want)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

var networks = []string{"tcp", "tcp4", "tcp6", "unix", "unixpacket"}

// Reload runs bind, which fills in the configuration from a file or wherever
// else it comes from, and returns its error, or a *ConfigError where what came
// cannot work. It is what configuration libraries call; a peer that was made
// already does not change.
func (c *PeerConfig) Reload(bind func() error) error {
	if err := bind(); err != nil {
		return err
	}
	checked := *c
	return checked.complete()
}

// complete fills in the defaults and refuses what cannot work.
func (c *PeerConfig) complete() error {
	if c.Network == "" {
		c.Network = "tcp"
	}
	if !slices.Contains(networks, c.Network) {
		return &ConfigError{Field: "Network", Value: c.Network, Want: "one of " + strings.Join(networks, ", ")}
	}
	if c.DefaultBodyCodec == "" {
		c.DefaultBodyCodec = globalBodyCodec()
	}
	if c.MaxHandlers < 0 {
		return &ConfigError{Field: "MaxHandlers", Value: c.MaxHandlers, Want: "0 (10,000) or a positive number"}
	}
	if c.MaxInflightBytes < 0 {
		return &ConfigError{Field: "MaxInflightBytes", Value: c.MaxInflightBytes, Want: "0 (64 MiB) or a positive number of bytes"}
	}
	if c.MaxPending < 0 {
		return &ConfigError{Field: "MaxPending", Value: c.MaxPending, Want: "0 (65,536) or a positive number"}
	}
	if c.MaxQueued < 0 {
		return &ConfigError{Field: "MaxQueued", Value: c.MaxQueued, Want: "0 (1 MiB) or a positive number of bytes"}
	}
	if n := c.Limits.MaxPacket; n != 0 && n < 24 { // req: TP-LIM-009
		return &ConfigError{Field: "Limits.MaxPacket", Value: n, Want: "0 (the default) or at least 24, the smallest packet"}
	}
	orDefault(&c.DefaultWriteTimeout, defaultWriteTimeout)
	orDefault(&c.ParkAfter, defaultParkAfter)
	orDefault(&c.MaxInlineTime, defaultMaxInlineTime)
	orDefault(&c.FrameTimeout, defaultFrameTimeout)
	orDefault(&c.HandshakeTimeout, defaultHandshakeTimeout)
	orDefault(&c.RedialInterval, defaultRedialInterval)
	orDefault(&c.RedialMaxInterval, defaultRedialMax)
	if c.CloseTimeout == 0 {
		c.CloseTimeout = defaultCloseTimeout
	}
	c.RedialMaxInterval = max(c.RedialMaxInterval, c.RedialInterval)
	if c.MaxHandlers == 0 {
		c.MaxHandlers = defaultMaxHandlers
	}
	if c.MaxInflightBytes == 0 {
		c.MaxInflightBytes = defaultMaxInflightBytes
	}
	if c.MaxPending == 0 {
		c.MaxPending = defaultMaxPending
	}
	if c.MaxQueued == 0 {
		c.MaxQueued = defaultMaxQueued
	}
	if c.DialFunc == nil {
		c.DialFunc = new(net.Dialer).DialContext
	}
	if c.Codecs == nil {
		c.Codecs = codec.NewRegistry(codec.Default())
	}
	if c.Filters == nil {
		c.Filters = xfer.NewRegistry(xfer.Default())
	}
	return c.completeTLS()
}

// orDefault: 0 becomes the default, negative becomes 0, which the code reads as none.
func orDefault(d *time.Duration, def time.Duration) {
	switch {
	case *d == 0:
		*d = def
	case *d < 0:
		*d = 0
	}
}
