package tp

import (
	"testing"
	"testing/synctest"
	"time"
)

// wantParked waits until the peer has parked n sessions, of which it has time.
func wantParked(t *testing.T, p *Peer, n int) {
	t.Helper()
	time.Sleep(3 * p.cfg.ParkAfter) // virtual
	synctest.Wait()
	if got := p.parking.parker.Parked(); got != n {
		t.Errorf("%d sessions are parked, want %d", got, n)
	}
}

// A session on which nothing comes for long waits without a goroutine, and works
// as before whoever begins: the other side, this side, or the end.
func TestParking_SessionGoesOn(t *testing.T) {
	quiet(t)
	const idle = time.Minute
	inModes(t, PeerConfig{ParkAfter: idle}, func(t *testing.T, r *rig) {
		noted := make(chan int, 1)
		cli, sess := r.dial(PeerConfig{ParkAfter: idle})
		defer cli.Close()
		cli.PushRouter.RegFunc("/note", func(n *int) { noted <- *n })
		cli.PullRouter.RegFunc("/mine", func(n *int) (int, *Rerror) { return *n + 1, nil })
		back := r.accepted()
		both := func(what string) {
			t.Helper()
			wantParked(t, r.srv, 1)
			wantParked(t, cli, 1)
			if t.Failed() {
				t.Fatalf("before: %s", what)
			}
		}
		for i := range 3 {
			both("a call")
			start := time.Now()
			if got, rerr := Pull[[2]int, int](sess, "/add", [2]int{i, 1}); rerr != nil || got != i+1 {
				t.Errorf("got %d, %v", got, rerr)
			}
			wantWithin(t, "a call", start, 0)

			both("a push back")
			start = time.Now()
			if rerr := back.Push("/note", i); rerr != nil || <-noted != i {
				t.Errorf("push: %v", rerr)
			}
			wantWithin(t, "a push back", start, 0)

			both("a call back")
			start = time.Now()
			if got, rerr := Pull[int, int](back, "/mine", i); rerr != nil || got != i+1 {
				t.Errorf("got %d, %v", got, rerr)
			}
			wantWithin(t, "a call back", start, 0)
		}
		both("the end")
		start := time.Now()
		sess.Close()
		wantWithin(t, "Close", start, 2*closingWait)
		r.mode.settle()
		if n := r.srv.CountSession(); n != 0 {
			t.Errorf("the server has %d sessions after the end", n)
		}
	})
}

// Close of a peer finds its parked sessions.
func TestParking_PeerCloses(t *testing.T) {
	quiet(t)
	for _, who := range []string{"client", "server"} {
		t.Run(who, func(t *testing.T) {
			inModes(t, PeerConfig{ParkAfter: time.Second}, func(t *testing.T, r *rig) {
				cli, sess := r.dial(PeerConfig{ParkAfter: time.Second})
				defer cli.Close()
				wantGood(t, sess)
				wantParked(t, r.srv, 1)
				wantParked(t, cli, 1)
				closing := cli
				if who == "server" {
					closing = r.srv
				}
				start := time.Now()
				if err := closing.Close(); err != nil {
					t.Error(err)
				}
				wantWithin(t, "Close", start, 2*closingWait)
				r.mode.settle()
				if a, b := cli.CountSession(), r.srv.CountSession(); a+b != 0 {
					t.Errorf("%d and %d sessions are left", a, b)
				}
			})
		})
	}
}

// The read timeout of a parked session counts from its last packet.
func TestParking_KeepsTheReadTimeout(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{ParkAfter: time.Second, DefaultReadTimeout: time.Minute}, func(t *testing.T, r *rig) {
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		wantParked(t, r.srv, 1)
		wantGood(t, sess)
		start := time.Now()
		wantParked(t, r.srv, 1)
		time.Sleep(time.Minute - time.Since(start) - time.Millisecond)
		synctest.Wait()
		if n := r.srv.CountSession(); n != 1 {
			t.Errorf("before the time is over there are %d sessions", n)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if n := r.srv.CountSession(); n != 0 {
			t.Errorf("when the time is over there are %d sessions", n)
		}
	})
}

// A session that is busy, or whose handlers are, or whose connection cannot be
// parked, keeps its goroutine; ParkAfter below 0 parks none.
func TestParking_WhoIsNot(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{ParkAfter: time.Second}, func(t *testing.T, r *rig) {
		cli, sess := r.dial(PeerConfig{ParkAfter: -1})
		defer cli.Close()
		for range 20 {
			wantGood(t, sess)
			time.Sleep(time.Second / 2)
			if n := r.srv.parking.parker.Parked(); n != 0 {
				t.Fatalf("%d sessions are parked that something comes on", n)
			}
		}
		wantParked(t, r.srv, 1)
		wantParked(t, cli, 0)
	})
}

// Parked sessions that get bytes that are no packet, or half of one, find it as a
// reader does.
func TestParking_BadAndHalfFrames(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{ParkAfter: time.Second}, func(t *testing.T, r *rig) {
		frame := r.addFrame(7)
		raw := r.raw()
		defer raw.Close()
		wantParked(t, r.srv, 1)
		raw.Send(frame[:len(frame)/2])
		synctest.Wait()
		wantParked(t, r.srv, 0) // a frame has begun: that is no idle session
		raw.Send(frame[len(frame)/2:])
		if in := raw.ExpectPacket(); in.Seq() != 7 {
			t.Errorf("the reply is to %d", in.Seq())
		}
		wantParked(t, r.srv, 1)
		raw.Send([]byte("\x00\x00\x00\x10nonsense"))
		raw.ExpectEnd()
		r.mode.settle()
		if n := r.srv.CountSession(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}
