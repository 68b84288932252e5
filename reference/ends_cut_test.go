package tp

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/tptest"
)

// The dialogue of a call is cut at every byte, either way, with an orderly end,
// with a reset and inside a half open connection: for each way to make a call,
// over each path, the call ends at once, with what that byte allows.
func TestEnds_CutAtEveryByte(t *testing.T) {
	quiet(t)
	cells := 0
	for _, kind := range endsKinds {
		for _, path := range endsPaths {
			t.Run(kind.name+" "+path.name, func(t *testing.T) {
				up, down := dialogueLength(t, kind, path)
				for _, how := range cutKinds {
					for at := range up + 1 {
						cells++
						cutCell(t, kind, path, how, true, at, up)
					}
					for at := range down + 1 {
						cells++
						cutCell(t, kind, path, how, false, at, down)
					}
				}
			})
		}
	}
	t.Logf("%d cells", cells)
}

// cutKind is a way in which a link ends after so many bytes.
type cutKind struct {
	name string
	cut  func(l *tptest.Link, at int64)
	// half: only this direction ends, silently; a timeout has to find out.
	half bool
}

var cutKinds = []cutKind{
	{name: "end", cut: func(l *tptest.Link, at int64) { l.CutAfter(at, nil) }},
	{name: "reset", cut: func(l *tptest.Link, at int64) { l.CutAfter(at, errTest) }},
	{name: "silence", half: true, cut: func(l *tptest.Link, at int64) { l.Swallow(at) }},
}

// dialogueLength counts the bytes of one call, from the caller and to it.
func dialogueLength(t *testing.T, kind endsKind, path endsPath) (up, down int64) {
	endsRig(t, kind, path, PeerConfig{}, PeerConfig{}, func(c *endsCell) {
		c.start(1)
		c.endings(1, codes(success), nil)
		synctest.Wait()
		up, down = c.callerConn.Out().Written(), c.callerConn.In().Written()
	})
	return up, down
}

// allowedAtCut is what a call may end with whose dialogue is cut after at of its
// bytes in one direction.
func allowedAtCut(kind endsKind, path endsPath, half, out bool, at, of int64) []int32 {
	switch {
	case kind.back, kind.push && !out: // the call may not have begun, or be over
		return codes(success, 102, 104)
	case at == of && (half || !out || kind.push): // all that matters has come
		return codes(success)
	case kind.push && (half || path.opaque): // a PUSH ends when it is accepted
		return codes(success, 102, 104)
	case half:
		return codes(102)
	case at == 0 || kind.push:
		return codes(102, 104)
	}
	return codes(102)
}

func cutCell(t *testing.T, kind endsKind, path endsPath, how cutKind, out bool, at, of int64) {
	t.Helper()
	var cfg PeerConfig
	var within time.Duration
	if how.half {
		cfg.DefaultReadTimeout, cfg.FrameTimeout = 9*time.Second, 9*time.Second
		within = cfg.DefaultReadTimeout
	}
	if t.Failed() {
		return // one is enough
	}
	endsRig(t, kind, path, cfg, cfg, func(c *endsCell) {
		l := c.callerConn.In()
		if out {
			l = c.callerConn.Out()
		}
		how.cut(l, at)
		start := time.Now()
		c.start(1)
		got := c.endings(1, allowedAtCut(kind, path, how.half, out, at, of), codes(success))
		if took := c.took(start); took > within+path.late() {
			t.Errorf("it took %v, allowed are %v and %v", took, within, path.late())
		}
		if t.Failed() {
			t.Errorf("%s after %d of %d bytes, from the caller: %v; ended with %d", how.name, at, of, out, got)
		}
	})
}
