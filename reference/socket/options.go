package socket

import (
	"errors"
	"net"
	"sync"
	"time"
)

// tuning is what Tune applies; an unset field leaves what the system chose.
type tuning struct {
	keepAlive       *bool
	keepAlivePeriod *time.Duration
	readBuffer      *int
	writeBuffer     *int
}

var (
	tuningMu sync.RWMutex // guards tuned, for the copy only
	tuned    tuning
)

func setTuning(change func(*tuning)) {
	tuningMu.Lock()
	defer tuningMu.Unlock()
	change(&tuned)
}

func getTuning() tuning {
	tuningMu.RLock()
	defer tuningMu.RUnlock()
	return tuned
}

// SetKeepAlive turns TCP keep-alive on or off for connections to come, in the
// whole process. Where it is never called, Go's own default stays: on.
func SetKeepAlive(on bool) { setTuning(func(t *tuning) { t.keepAlive = &on }) }

// SetKeepAlivePeriod sets the time between TCP keep-alive probes for connections
// to come. A period of 0 or less brings back Go's own default.
func SetKeepAlivePeriod(d time.Duration) {
	setTuning(func(t *tuning) {
		if t.keepAlivePeriod = &d; d <= 0 {
			t.keepAlivePeriod = nil
		}
	})
}

// SetReadBuffer sets the size in bytes of the system's receive buffer for
// connections to come; a negative size brings back the system's own choice, and
// so does 0, with which v3 only sized its own buffer.
func SetReadBuffer(n int) { setTuning(func(t *tuning) { t.readBuffer = positive(n) }) }

// SetWriteBuffer sets the size in bytes of the system's send buffer for
// connections to come; 0 or less brings back the system's own choice.
func SetWriteBuffer(n int) { setTuning(func(t *tuning) { t.writeBuffer = positive(n) }) }

func positive(n int) *int {
	if n <= 0 {
		return nil
	}
	return &n
}

// Tune applies the process's settings (SetKeepAlive, SetKeepAlivePeriod,
// SetReadBuffer, SetWriteBuffer) to a new connection, as far as its kind has
// them; it looks through wrappers that have a NetConn method, as crypto/tls has.
// An error is the system's refusal; the connection works all the same.
func Tune(nc net.Conn) error {
	for {
		w, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		nc = w.NetConn()
	}
	t := getTuning()
	var errs []error
	if k, ok := nc.(interface {
		SetKeepAlive(bool) error
		SetKeepAlivePeriod(time.Duration) error
	}); ok {
		if t.keepAlivePeriod != nil {
			errs = append(errs, k.SetKeepAlivePeriod(*t.keepAlivePeriod))
		}
		if t.keepAlive != nil {
			errs = append(errs, k.SetKeepAlive(*t.keepAlive))
		}
	}
	if b, ok := nc.(interface {
		SetReadBuffer(int) error
		SetWriteBuffer(int) error
	}); ok {
		if t.readBuffer != nil {
			errs = append(errs, b.SetReadBuffer(*t.readBuffer))
		}
		if t.writeBuffer != nil {
			errs = append(errs, b.SetWriteBuffer(*t.writeBuffer))
		}
	}
	return errors.Join(errs...)
}
