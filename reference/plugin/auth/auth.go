package auth

import (
	"fmt"
	"sync"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// Uri is where the packets of the handshake go.
const Uri = "/auth"

// DefaultTimeout is the time for the whole handshake where Config.Timeout is 0.
const DefaultTimeout = 10 * time.Second

// Config says what a peer shows and what it demands. It needs a Credential or a
// Verifier.
type Config struct {
	// Credential is what this peer shows of itself: when it dials, and when it
	// accepts a dialer that wants a proof. nil: it dials without the handshake.
	Credential Credential
	// Verifier checks what the other side shows: dialers, and with Mutual the
	// peers that are dialed. nil: it accepts without the handshake.
	Verifier Verifier
	// Mutual makes this peer, when it dials, demand that the accepter proves
	// itself too. It needs both of the above.
	Mutual bool
	// Timeout bounds the whole handshake of one connection. 0: DefaultTimeout.
	// It cannot be switched off.
	Timeout time.Duration
	// OnRefuse, where set, is told of each handshake that failed on this side:
	// the name that the other side claimed (may be ""; unverified, any bytes)
	// and the cause, which may hold what a Verifier or Credential of the user's
	// said. It runs on the goroutine of the handshake, several at once.
	OnRefuse func(sess tp.PreSession, name string, cause error)
}

// ConfigError says which field of a Config cannot work, and why.
type ConfigError struct {
	Field string // Go name of the field
	Want  string // what it may be
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("auth: Config.%s: want %s", e.Field, e.Want)
}

// Auth is the plugin: give it to tp.NewPeer. It may serve several peers and is
// safe for concurrent use.
type Auth struct {
	cfg Config

	mu    sync.Mutex               // guards asked
	asked map[[NonceSize]byte]bool // the nonces of our own dialing handshakes that are under way
}

// ask notes a nonce of a handshake that this side dials, until done is called.
func (a *Auth) ask(nonce [NonceSize]byte) (done func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked == nil {
		a.asked = make(map[[NonceSize]byte]bool)
	}
	a.asked[nonce] = true
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.asked, nonce)
	}
}

// reflected says that a nonce is one of our own: somebody sends our handshake
// back to us, to have us answer our own challenge.
func (a *Auth) reflected(nonce [NonceSize]byte) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked[nonce]
}

var (
	_ tp.PostDialPlugin   = (*Auth)(nil)
	_ tp.PostAcceptPlugin = (*Auth)(nil)
)

// New makes the plugin. A Config that cannot work panics with a *ConfigError:
// see TryNew.
func New(cfg Config) *Auth {
	a, err := TryNew(cfg)
	if err != nil {
		panic(err)
	}
	return a
}

// TryNew is New with an error instead of a panic.
func TryNew(cfg Config) (*Auth, error) {
	switch {
	case cfg.Credential == nil && cfg.Verifier == nil:
		return nil, &ConfigError{"Credential", "a Credential, a Verifier or both: without them the plugin does nothing"}
	case cfg.Mutual && (cfg.Credential == nil || cfg.Verifier == nil):
		return nil, &ConfigError{"Mutual", "a Credential to show and a Verifier for what comes back"}
	case cfg.Timeout < 0:
		return nil, &ConfigError{"Timeout", "0 (10 s) or a positive duration"}
	}
	if c, ok := cfg.Credential.(*credential); ok && c.fault != "" {
		return nil, &ConfigError{"Credential", c.fault}
	}
	if v, ok := cfg.Verifier.(*verifier); ok && v.fault != "" {
		return nil, &ConfigError{"Verifier", v.fault}
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	return &Auth{cfg: cfg}, nil
}

// Name gives "auth".
func (a *Auth) Name() string { return "auth" }

// PostDial shows the Credential, and demands one with Mutual.
func (a *Auth) PostDial(sess tp.PreSession) *tp.Rerror {
	if a.cfg.Credential == nil {
		return nil
	}
	return a.run(sess, a.dial)
}

// PostAccept demands what the Verifier verifies.
func (a *Auth) PostAccept(sess tp.PreSession) *tp.Rerror {
	if a.cfg.Verifier == nil {
		return nil
	}
	return a.run(sess, a.accept)
}
