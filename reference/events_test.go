package tp

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// story lists the events that are there.
func story(sub *Subscription) (all []string) {
	for {
		select {
		case ev := <-sub.Events():
			s := ev.State.String()
			if ev.Attempt > 0 {
				s += fmt.Sprint(" ", ev.Attempt)
			}
			all = append(all, s)
		default:
			return all
		}
	}
}

func wantStory(t *testing.T, sub *Subscription, want ...string) {
	t.Helper()
	if got := story(sub); !slices.Equal(got, want) {
		t.Errorf("got the events %q, want %q", got, want)
	}
}

func TestSubscribe_TellsTheLifeOfASession(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli := r.client(PeerConfig{RedialTimes: 2})
		defer cli.Close()
		sub, all := cli.Subscribe(100), r.srv.Subscribe(100)
		defer sub.Close()
		defer all.Close()
		sess, rerr := cli.Dial(rigAddr)
		if rerr != nil {
			t.Fatal(rerr)
		}
		first := <-sub.Events()
		if first.State != SessionConnected || first.Session != sess || first.Id != sess.Id() || !first.Time.Equal(time.Now()) || first.Cause != nil {
			t.Errorf("the first event is %+v", first)
		}
		wantGood(t, sess) // a link that works
		r.net.FailDials(errTest)
		(<-r.ends)[1].Abort()
		synctest.Wait()
		lost, redialing := <-sub.Events(), <-sub.Events()
		if lost.State != SessionLost || lost.Cause == nil {
			t.Errorf("want lost with its cause, got %+v", lost)
		}
		if redialing.State != SessionRedialing || redialing.Attempt != 1 || redialing.Wait <= 0 {
			t.Errorf("want the first attempt, got %+v", redialing)
		}
		wantGood(t, sess)
		wantStory(t, sub, "redialing 2", "connected 2")
		r.net.FailDials(errTest, errTest)
		(<-r.ends)[1].Abort()
		time.Sleep(time.Minute)
		wantStory(t, sub, "lost", "redialing 1", "redialing 2", "gave up 2", "closed")
		wantStory(t, all, "connected", "lost", "closed", "connected", "lost", "closed")
	})
}

// What is closed on this side is not lost, and is not redialed.
func TestSubscribe_CloseIsNoLoss(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli := r.client(PeerConfig{RedialTimes: -1})
		defer cli.Close()
		sub := cli.Subscribe(100)
		defer sub.Close()
		sess, rerr := cli.Dial(rigAddr)
		if rerr != nil {
			t.Fatal(rerr)
		}
		sess.Close()
		wantStory(t, sub, "connected", "closed")
	})
}

// The event of the end counts the calls that failed and what was not sent.
func TestSubscribe_EndCountsWhatWasLost(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli := r.client(PeerConfig{DefaultWriteTimeout: time.Second})
		defer cli.Close()
		sub := cli.Subscribe(10)
		defer sub.Close()
		sess, rerr := cli.Dial(rigAddr)
		if rerr != nil {
			t.Fatal(rerr)
		}
		client := (<-r.ends)[0]
		client.Out().SetBuffer(1)
		client.Out().Stall()
		for range 3 {
			sess.AsyncPull("/add", nil, nil, nil)
			if rerr := sess.Push("/note", "x"); rerr != nil {
				t.Error(rerr)
			}
		}
		time.Sleep(time.Minute) // the write times out
		<-sub.Events()
		<-sub.Events()
		end := <-sub.Events()
		if end.State != SessionClosed || end.PullsFailed != 3 || end.UnsentPackets != 6 || end.UnsentBytes == 0 || !slices.Equal(end.UnsentPushes, []string{"0 /note", "1 /note", "2 /note"}) || end.Cause == nil {
			t.Errorf("the end says %+v", end)
		}
		if st := sess.Stats(); st.PullsFailed != 3 || st.PullsLaunched != 3 || st.PushesLaunched != 3 || st.UnsentPackets != 6 || st.PendingPulls != 0 || st.QueuedFrames != 0 {
			t.Errorf("the session holds %+v", st)
		}
	})
}

// Nobody reads: the sessions go on, and what was dropped is counted.
func TestSubscribe_NeverHoldsThePeerUp(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		sub := r.srv.Subscribe(0) // holds 1
		for range 5 {
			cli, sess := r.dial(PeerConfig{})
			wantGood(t, sess)
			cli.Close()
		}
		synctest.Wait()
		if got := <-sub.Events(); got.State != SessionConnected || got.Missed != 0 || sub.Missed() < 9 {
			t.Errorf("got %+v, %d missed", got, sub.Missed())
		}
		missed := sub.Missed()
		cli, _ := r.dial(PeerConfig{})
		if got := <-sub.Events(); got.Missed != missed {
			t.Errorf("the next event says that %d were missed, want %d", got.Missed, missed)
		}
		sub.Close()
		sub.Close()
		cli.Close()
		if _, open := <-sub.Events(); open {
			t.Error("the channel of a closed subscription is open")
		}
	})
}

func TestSessionState_Names(t *testing.T) {
	want := []string{"SessionState(0)", "connected", "lost", "redialing", "gave up", "closed", "SessionState(6)"}
	for i, w := range want {
		if got := SessionState(i).String(); got != w {
			t.Errorf("%d is %q, want %q", i, got, w)
		}
	}
}

// Stats shows what runs.
func TestSessionStats_ShowsHandlersAndBounds(t *testing.T) {
	inBubble(t, PeerConfig{MaxHandlers: 5, MaxPending: 6, MaxQueued: 7000}, func(r *rig) {
		g := r.hangRoute()
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		cmd := sess.AsyncPull("/hang", nil, nil, nil)
		<-g.came
		r.srv.RangeSession(func(s Session) bool {
			st := s.Stats()
			if st.Handlers != 1 || st.MaxHandlers != 5 || st.MaxPending != 6 || st.MaxQueued != 7000 || st.Limits != packet.DefaultLimits() ||
				st.PendingPulls != 0 || st.QueuedBytes != 0 || st.QueuedFrames != 0 {
				t.Errorf("got %+v", st)
			}
			return true
		})
		if st := sess.Stats(); st.PendingPulls != 1 || st.PullsLaunched != 1 || st.MaxHandlers != defaultMaxHandlers || st.MaxPending != defaultMaxPending {
			t.Errorf("got %+v", st)
		}
		close(g.open)
		if rerr := cmd.Rerror(); rerr != nil {
			t.Error(rerr)
		}
	})
}
