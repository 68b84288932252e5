package tp

import (
	"testing"
	"testing/synctest"
	"time"
)

// Where calls are far apart the goroutine that reads between them stays for the
// next ones: to end it with each reply and to start it with each gap would cost
// more than a caller that reads saves. Where they are close together it goes.
func TestWatch_ReaderStaysWhereCallsAreFarApart(t *testing.T) {
	quietLog(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		l := sess.(*session).cur.Load()
		gap := 4 * cli.cfg.MaxInlineTime
		call := func() {
			if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
				t.Fatal(rerr)
			}
			synctest.Wait()
		}
		for range 2 * servingFor {
			call() // what the reader owes to its beginning is over
		}
		if !l.token.load().is(tokenFree) {
			t.Fatal("calls close together: somebody reads between them")
		}
		time.Sleep(gap)
		before := l.token.load()
		for range servingFor / 2 {
			call()
			time.Sleep(gap)
		}
		if now := l.token.load(); !now.is(tokenHeld) || now != before {
			t.Errorf("calls far apart: the token went from state %d to %d, and another goroutine reads", before, now)
		}
		for range 2 * servingFor {
			call()
		}
		if !l.token.load().is(tokenFree) {
			t.Error("calls close together again: somebody reads between them")
		}
	})
}
