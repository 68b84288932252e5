package stats_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/stats"
)

func TestServe_AnswersJSONAndText(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		r.srvStats.Serve(r.srv.PullRouter, "/stats")
		r.pull("/add", [2]int{1, 2}, 0)
		r.pull("/nowhere", nil, tp.CodeNotFound)

		var snap stats.Snapshot
		if rerr := r.sess.Pull("/stats", nil, &snap).Rerror(); rerr != nil {
			r.Fatal(rerr)
		}
		r.want("/add", snap.Route("/add").PullIn, stats.Counters{Started: 1, Done: 1})
		if snap.Sessions != nil || snap.Route("/stats").PullIn.InFlight != 1 {
			r.Errorf("the snapshot has the sessions %v, and %+v of its own", snap.Sessions, snap.Route("/stats").PullIn)
		}
		if rerr := r.sess.Pull("/stats?sessions=true&format=json", nil, &snap).Rerror(); rerr != nil || len(snap.Sessions) != 1 || snap.Sessions[0].Id != r.sess.LocalIp() {
			r.Errorf("with sessions: %v, %+v", rerr, snap.Sessions)
		}

		var text string
		if rerr := r.sess.Pull("/stats?format=text&sessions=true", nil, &text).Rerror(); rerr != nil {
			r.Fatal(rerr)
		}
		for _, want := range []string{"route ", "session ", "/add ", "(other)", "404:1", "(total)", r.sess.LocalIp(), "pull in"} {
			if !strings.Contains(text, want) {
				r.Errorf("the text has no %q:\n%s", want, text)
			}
		}
		r.pull("/stats?format=xml", nil, tp.CodeBadPacket)
	})
}

func TestSnapshot_JSONRoundTrip(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		r.pull("/add", [2]int{1, 2}, 0)
		r.pull("/fail", 1001, 1001)
		synctest.Wait()
		was := r.srvStats.Snapshot()
		text, err := json.Marshal(was)
		if err != nil {
			r.Fatal(err)
		}
		var is stats.Snapshot
		if err := json.Unmarshal(text, &is); err != nil {
			r.Fatal(err)
		}
		is.Since, is.Taken, is.Sessions[0].Since = was.Since, was.Taken, was.Sessions[0].Since // another zone
		if !reflect.DeepEqual(&is, was) {
			r.Errorf("through JSON %s became %s", was, &is)
		}
	})
}

var errFull = errors.New("full")

// fullAfter takes so many writes.
type fullAfter struct {
	bytes.Buffer
	writes int
}

func (w *fullAfter) Write(b []byte) (int, error) {
	if w.writes--; w.writes < 0 {
		return 0, errFull
	}
	return w.Buffer.Write(b)
}

func TestWriteText_TellsOfWriteErrors(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		r.pull("/add", [2]int{1, 2}, 0)
		snap := r.srvStats.Snapshot()
		snap.Routes[0].Path = "/a\tb\nc"
		if text := snap.String(); !strings.Contains(text, `/a\tb\nc`) {
			r.Errorf("control characters are not escaped:\n%s", text)
		}
		enough := &fullAfter{writes: 1 << 20}
		if err := snap.WriteText(enough); err != nil {
			r.Fatal(err)
		}
		used := 1<<20 - enough.writes
		for n := range used {
			if err := snap.WriteText(&fullAfter{writes: n}); !errors.Is(err, errFull) {
				r.Errorf("with %d of %d writes WriteText gave %v", n, used, err)
			}
		}
	})
}
