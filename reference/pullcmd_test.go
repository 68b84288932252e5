package tp

import (
	"fmt"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Whether its packet is used again or not, a PullCmd shows what was launched and
// what came of it, after later calls too.
func TestPullCmd_KeepsItsOwn(t *testing.T) {
	for name, tt := range map[string]struct {
		log      string
		cfg      PeerConfig
		settings []packet.PacketSetting
		plugins  []Plugin
		again    bool // the call is used again
	}{
		"plain":      {log: "OFF", again: true},
		"with a log": {log: "INFO", again: true},
		"metrics": {log: "OFF", cfg: PeerConfig{Metrics: callDone(func(c CallInfo) {
			if c.Route != "/add" || c.Code == 0 && c.OutBytes == 0 {
				t.Errorf("the metrics were told of %+v", c)
			}
		})}, again: true},
		"metadata":    {log: "OFF", settings: []packet.PacketSetting{packet.WithAddMeta("k", "v")}},
		"a pipe":      {log: "OFF", settings: []packet.PacketSetting{packet.WithXferPipe('g')}},
		"redials":     {log: "OFF", cfg: PeerConfig{RedialTimes: 1}, again: true},
		"a lent call": {log: "OFF", plugins: []Plugin{new(replyHook)}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				defer SetRawlogLevel(GetRawlogLevel())
				if err := SetRawlogLevel(tt.log); err != nil {
					t.Fatal(err)
				}
				cli, sess := r.dial(tt.cfg, tt.plugins...)
				defer cli.Close()
				var cmds []*PullCmd
				sums := make([]int, 4)
				for i := range sums {
					set := append([]packet.PacketSetting{packet.WithBodyCodec('j')}, tt.settings...)
					cmds = append(cmds, sess.Pull(fmt.Sprintf("/add?n=%d", i), [2]int{i, 1}, &sums[i], set...))
				}
				for i, cmd := range cmds {
					out := cmd.Output()
					result, rerr := cmd.Result()
					if rerr != nil || result != any(&sums[i]) || sums[i] != i+1 || cmd.InputBodyCodec() != 'j' || cmd.InputMeta() == nil {
						t.Errorf("the outcome of call %d: %v, %v, %d, codec %d", i, rerr, result, sums[i], cmd.InputBodyCodec())
					}
					if out.Uri() != fmt.Sprintf("/add?n=%d", i) || out.Seq() != uint64(i) || out.Ptype() != packet.TypePull || out.BodyCodec() != 'j' ||
						out.Body() != any([2]int{i, 1}) || out.Size() == 0 || out.Env() != cli.env {
						t.Errorf("call %d was launched as %v", i, out)
					}
					if len(tt.settings) > 0 && out.Meta().Len()+out.XferPipe().Len() != 1 {
						t.Errorf("call %d has lost what was set: %v", i, out)
					}
					if again := cmd.call == nil; again != tt.again {
						t.Errorf("call %d is used again: %t, want %t", i, again, tt.again)
					}
				}
				if cmd := sess.Pull("/add", make(chan int), nil, tt.settings...); cmd.Rerror() == nil || cmd.InputMeta() != nil || cmd.InputBodyCodec() != 0 {
					t.Errorf("a call that was never sent has the REPLY of an earlier one: %v, codec %d", cmd.Rerror(), cmd.InputBodyCodec())
				}
			})
		})
	}
}

// replyHook has every call known to somebody else when it ends.
type replyHook struct{}

func (*replyHook) Name() string                      { return "replyHook" }
func (*replyHook) PostReadReplyBody(ReadCtx) *Rerror { return nil }
func (*replyHook) PreWritePull(WriteCtx) *Rerror     { return nil }
