package conformance

import "time"

// WithConnectTimeout sets how long a connection to a peer may take: to dial it, or until a dialing peer has
// come. Past it the case is a harness-error, and after three in a row no more is tried. The default is 10 seconds.
func WithConnectTimeout(d time.Duration) Option {
	return func(c *config) { c.target.ConnectTimeout = d }
}

// WithSilenceTimeout sets how long a case waits for the next byte of a peer, or for a peer to take one. Past it
// the case fails, with what it was waiting for. The default is half of the case's time limit. The conformance
// service may take up to ten seconds to answer a call that nobody releases.
func WithSilenceTimeout(d time.Duration) Option {
	return func(c *config) { c.target.SilenceTimeout = d }
}

// WithFirstConnectTimeout sets how long the very first connection may take, where that differs from the others:
// a peer that dials may have to be started by hand. The default is the connect timeout.
func WithFirstConnectTimeout(d time.Duration) Option {
	return func(c *config) { c.target.FirstTimeout = d }
}
