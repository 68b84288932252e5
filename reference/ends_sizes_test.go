package tp

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Sizes of packets: what is at its limit passes. What is over it is refused by
// its sender, where the limit is one on sending too, and the session goes on; from a sender with larger limits it ends
// the session, every call with it, and other sessions are served.
//
// req: TP-LIM-006
func TestBounds_Sizes(t *testing.T) {
	quiet(t)
	large := packet.Limits{MaxPacket: 64 << 20, MaxPayload: 64 << 20, MaxUri: 1 << 20, MaxMeta: 1 << 20, MaxMetaPairs: 1 << 16}
	pairs := func(n int) []packet.PacketSetting {
		var set []packet.PacketSetting
		for i := range n {
			set = append(set, packet.WithAddMeta(fmt.Sprint("k", i), "v"))
		}
		return set
	}
	tests := []struct {
		name   string
		limits packet.Limits
		// uri and set make a PULL of size n, where max is the limit.
		uri func(n int) string
		set func(n int) []packet.PacketSetting
		max int
		// reading: only who reads applies it (spec, "Limits").
		reading bool
	}{
		{name: "uri", limits: packet.Limits{MaxUri: 200}, max: 200, uri: func(n int) string { return "/t/ok?" + strings.Repeat("u", n-6) }},
		{name: "uri, the default", max: 64 << 10, uri: func(n int) string { return "/t/ok?" + strings.Repeat("u", n-6) }},
		{name: "metadata", limits: packet.Limits{MaxMeta: 100}, max: 100, set: func(n int) []packet.PacketSetting {
			return []packet.PacketSetting{packet.WithAddMeta("k", strings.Repeat("m", n-2))}
		}},
		{name: "metadata, the default", max: 64 << 10, set: func(n int) []packet.PacketSetting {
			return []packet.PacketSetting{packet.WithAddMeta("k", strings.Repeat("m", n-2))}
		}},
		{name: "metadata pairs", limits: packet.Limits{MaxMetaPairs: 10}, max: 10, set: pairs},
		{name: "metadata pairs, the default", max: 1024, set: pairs},
		{name: "packet", limits: packet.Limits{MaxPacket: 1000}, max: 1000, set: bodyOf(packetOverhead)},
		{name: "packet, the default", max: 4 << 20, set: bodyOf(packetOverhead)},
		{name: "packet after the pipe", limits: packet.Limits{MaxPayload: 5000}, max: 5000, reading: true, set: func(n int) []packet.PacketSetting {
			return append(bodyOf(packetOverhead-6)(n), packet.WithXferPipe('g'))
		}},
		{name: "packet after the pipe, the default", max: 4 << 20, reading: true, set: func(n int) []packet.PacketSetting {
			return append(bodyOf(packetOverhead-6)(n), packet.WithXferPipe('g'))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			call := func(s Session, n int) (*Rerror, *Rerror) {
				uri, set := "/t/ok", []packet.PacketSetting(nil)
				if tt.uri != nil {
					uri = tt.uri(n)
				}
				if tt.set != nil {
					set = tt.set(n)
				}
				return s.Pull(uri, nil, nil, set...).Rerror(), s.Push(uri, nil, set...)
			}
			inBubble(t, PeerConfig{Limits: tt.limits}, func(r *rig) {
				r.srv.PullRouter.RegFunc("/t/ok", func(*packet.RawBody) (any, *Rerror) { return nil, nil })
				r.srv.PushRouter.RegFunc("/t/ok", func(*packet.RawBody) {})
				cli, sess := r.dial(PeerConfig{Limits: tt.limits})
				defer cli.Close()
				if pull, push := call(sess, tt.max); pull != nil || push != nil {
					t.Errorf("at the limit: PULL %v, PUSH %v", pull, push)
				}
				if !tt.reading {
					pull, push := call(sess, tt.max+1)
					wantCode(t, "a PULL over its sender's limit", pull, 104)
					wantCode(t, "a PUSH over its sender's limit", push, 104)
				}
				if rerr := sess.Pull("/t/ok", nil, nil).Rerror(); rerr != nil {
					t.Errorf("the session suffered: %v", rerr)
				}
				free, over := r.dial(PeerConfig{Limits: large})
				defer free.Close()
				pull, _ := call(over, tt.max+1)
				wantCode(t, "a PULL over its receiver's limit", pull, 102)
				synctest.Wait()
				if rerr := sess.Pull("/t/ok", nil, nil).Rerror(); rerr != nil || over.Health() {
					t.Errorf("another session suffered: %v; the one that sent too much lives: %v", rerr, over.Health())
				}
			})
		})
	}
}

// packetOverhead is what a PULL of /t/ok with a body under a codec and no
// metadata has besides its body, bytes: 6 before the payload, 18 in it, the uri.
const packetOverhead = 6 + 18 + len("/t/ok")

// bodyOf makes the body that makes a packet of n bytes.
func bodyOf(overhead int) func(n int) []packet.PacketSetting {
	return func(n int) []packet.PacketSetting {
		return []packet.PacketSetting{packet.WithBody(packet.RawBody(strings.Repeat("b", n-overhead)))}
	}
}
