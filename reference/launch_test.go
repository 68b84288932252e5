package tp

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// A nil setting is none, as packet.NewPacket has it: optional ones need no if.
func TestLaunch_NilSettingsAreIgnored(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		set := []packet.PacketSetting{nil, packet.WithAddMeta("k", "v"), nil}
		cmd := sess.Pull("/add", [2]int{1, 2}, nil, set...)
		if rerr := cmd.Rerror(); rerr != nil || string(cmd.Output().Meta().Peek("k")) != "v" {
			t.Errorf("Pull: %v, %s", rerr, cmd.Output())
		}
		if rerr := sess.AsyncPull("/add", [2]int{1, 2}, nil, nil, set...).Rerror(); rerr != nil {
			t.Errorf("AsyncPull: %v", rerr)
		}
		if rerr := sess.Push("/add", 1, set...); rerr != nil {
			t.Errorf("Push: %v", rerr)
		}
	})
}

// manyLines has an error of several lines, as errors.Join makes them.
type manyLines struct{}

var errManyLines = errors.Join(errTest, errors.New("second"), fmt.Errorf("third\r\nfourth"))

func (manyLines) MarshalJSON() ([]byte, error) { return nil, errManyLines }
func (*manyLines) UnmarshalJSON([]byte) error  { return errManyLines }

// The detail of an error that the peer makes is one line, whatever the cause's text.
func TestRerror_DetailIsOneLine(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/arg", func(*manyLines) (any, *Rerror) { return nil, nil })
		r.srv.PullRouter.RegFunc("/result", func(*int) (manyLines, *Rerror) { return manyLines{}, nil })
		cli, sess := r.dial(PeerConfig{})
		got := map[string]*Rerror{
			"argument to encode": sess.Pull("/arg", manyLines{}, nil).Rerror(),
			"argument to decode": sess.Pull("/arg", 1, nil).Rerror(),
			"result to encode":   sess.Pull("/result", 1, nil).Rerror(),
			"result to decode":   sess.Pull("/add", [2]int{1, 2}, new(manyLines)).Rerror(),
			"push to encode":     sess.Push("/arg", manyLines{}),
		}
		cli.Close()
		got["peer closed"] = sess.Pull("/add", nil, nil).Rerror()
		_, got["dial of a closed peer"] = cli.Dial(rigAddr)
		for what, rerr := range got {
			switch {
			case rerr == nil || rerr.Detail == "":
				t.Errorf("%s: %v", what, rerr)
			case strings.ContainsAny(rerr.Detail, "\r\n"):
				t.Errorf("%s: the detail has several lines: %q", what, rerr.Detail)
			case strings.HasSuffix(what, "code") && !strings.Contains(rerr.Detail, "second; third; fourth"):
				t.Errorf("%s: the cause is lost: %q", what, rerr.Detail)
			}
		}
	})
}

// What Result promises of the reply of a call that failed.
func TestResult_WithAnErrorTheReplyIsAsItWas(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/partial", func(*int) (int, *Rerror) { return 7, NewRerror(1006, "with body", "") })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		for _, uri := range []string{"/partial", "/fail", "/panic", "/nobody", "/%zz"} {
			reply := 42
			got, rerr := sess.Pull(uri, 1, &reply).Result()
			if rerr == nil || got != any(&reply) || reply != 42 {
				t.Errorf("%s: got %v with %d, %v", uri, got, reply, rerr)
			}
		}
	})
}
