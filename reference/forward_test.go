package tp

import (
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// A RawReply has what came, errors and undecodable bodies included.
func TestRawReply_TakesWhatCame(t *testing.T) {
	for _, tt := range []struct {
		name, rerr, body, pipe string
		codec                  byte
		code                   int32
	}{
		{name: "a result", codec: 'j', body: `{"a":1}`},
		{name: "an unknown codec", codec: 0xfe, body: "opaque"},
		{name: "an undecodable body", codec: 'j', body: "{"},
		{name: "nothing", codec: 0},
		{name: "an error", codec: 'j', body: "null", rerr: `{"code":7}`, code: 7},
		{name: "a result beside an error", codec: 's', body: "partial", rerr: `{"code":8}`, code: 8},
		{name: "a pipe", codec: 's', body: "squeezed", pipe: "gg"},
		{name: "a body that the reader does not decode", codec: 's', body: string(make([]byte, inlineBody+1))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				raw := r.raw()
				var sess Session
				synctest.Wait()
				r.srv.RangeSession(func(s Session) bool { sess = s; return false })
				args, reply := packet.RawBody("bytes"), new(RawReply)
				cmd := sess.AsyncPull("/x", &args, reply, nil)
				if in := raw.ExpectPacket(); in.BodyCodec() != 0 || string(in.RawBody()) != "bytes" {
					r.t.Errorf("sent codec %d and body %q, want codec 0 and the bytes", in.BodyCodec(), in.RawBody())
				}
				set := []packet.PacketSetting{packet.WithPtype(packet.TypeReply), packet.WithBodyCodec(tt.codec),
					packet.WithBody(packet.RawBody(tt.body)), packet.WithXferPipe([]byte(tt.pipe)...)}
				if tt.rerr != "" {
					set = append(set, packet.WithAddMeta(MetaRerrorKey, tt.rerr))
				}
				raw.SendPacket(set...)
				if rerr := cmd.Rerror(); tt.code != 0 {
					wantCode(r.t, "the call", rerr, tt.code)
				} else if rerr != nil {
					r.t.Errorf("the call got %v", rerr)
				}
				if !reply.Received || string(reply.Body) != tt.body || reply.BodyCodec != tt.codec || string(reply.Pipe) != tt.pipe || reply.Earlier != nil {
					r.t.Errorf("got %+v", reply)
				}
			})
		})
	}
}

func TestRawReply_EmptyWithoutReply(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		raw := r.raw()
		synctest.Wait()
		var sess Session
		r.srv.RangeSession(func(s Session) bool { sess = s; return false })
		reply := new(RawReply)
		cmd := sess.AsyncPull("/x", nil, reply, nil)
		if in := raw.ExpectPacket(); in.BodyCodec() != 'j' {
			r.t.Errorf("a nil body went out under codec %d, want the default", in.BodyCodec())
		}
		raw.Close()
		wantCode(r.t, "the call", cmd.Rerror(), CodeConnClosed)
		if reply.Received || reply.Body != nil {
			r.t.Errorf("got %+v", reply)
		}
	})
}

// Earlier is about the unknown pushes that came before the REPLY, and no others.
func TestRawReply_Earlier(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		first, second := newGate(), newGate()
		r.srv.PushRouter.RegFunc("/known", func(*packet.RawBody) { <-second.open })
		r.srv.PushRouter.SetUnknown(func(c UnknownPushCtx) {
			if c.Path() == "/first" {
				first.pass()
			} else {
				second.pass()
			}
		})
		raw := r.raw()
		synctest.Wait()
		var sess Session
		r.srv.RangeSession(func(s Session) bool { sess = s; return false })
		replies := [2]*RawReply{{}, {}}
		var cmds [2]*PullCmd
		for i, reply := range replies {
			cmds[i] = sess.AsyncPull("/x", nil, reply, nil)
			raw.ExpectPacket()
		}
		push := func(uri string) { raw.SendPacket(packet.WithPtype(packet.TypePush), packet.WithUri(uri)) }
		push("/known")
		raw.SendPacket(packet.WithPtype(packet.TypeReply), packet.WithSeq(0))
		cmds[0].Rerror()
		if replies[0].Earlier != nil {
			r.t.Error("a REPLY waits for a push that has a handler")
		}
		push("/first")
		<-first.came
		raw.SendPacket(packet.WithPtype(packet.TypeReply), packet.WithSeq(1))
		cmds[1].Rerror()
		push("/second")
		<-second.came
		synctest.Wait()
		if isClosed(replies[1].Earlier) {
			r.t.Error("Earlier is closed while a push is being handled")
		}
		close(first.open)
		<-replies[1].Earlier
		close(second.open)
	})
}

func TestPushOrder_Waits(t *testing.T) {
	var o pushOrder
	if o.earlier() != nil {
		t.Fatal("waits for nothing")
	}
	a, b := o.begin(), o.begin()
	ab := o.earlier()
	if o.earlier() != ab {
		t.Error("two who wait for the same got two channels")
	}
	c := o.begin()
	abc := o.earlier()
	o.end(b)
	o.end(c)
	if isClosed(ab) || isClosed(abc) {
		t.Error("over while the first is being handled")
	}
	o.end(a)
	if !isClosed(ab) || !isClosed(abc) || o.earlier() != nil || len(o.waits) != 0 {
		t.Error("not over")
	}
}

// AfterReply tells when a REPLY is out of the handler's hands, and what became of it.
func TestAfterReply_Tells(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(conn *tptest.Conn) // before the handler returns
		give any
		lost bool
	}{
		{name: "sent", give: 1},
		{name: "the session is gone", do: func(c *tptest.Conn) { c.Abort() }, give: 1, lost: true},
		{name: "not encodable", give: make(chan int), lost: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inModes(t, PeerConfig{}, func(_ *testing.T, r *rig) {
				g, told := newGate(), make(chan error, 2)
				r.srv.PullRouter.SetUnknown(func(c UnknownPullCtx) (any, *Rerror) {
					c.(ReplyWatcher).AfterReply(func(error) { r.t.Error("the function that was replaced ran") })
					c.(ReplyWatcher).AfterReply(func(err error) { told <- err })
					g.pass()
					return tt.give, nil
				})
				raw := r.raw()
				raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/x"))
				<-g.came
				if tt.do != nil {
					tt.do(raw.Conn().(*tptest.Conn))
					r.mode.settle()
				}
				if len(told) > 0 {
					r.t.Error("told before there is a reply")
				}
				close(g.open)
				if err := <-told; (err != nil) != tt.lost {
					r.t.Errorf("told %v, want lost %v", err, tt.lost)
				}
			})
		})
	}
}

func TestPeer_Done(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		if isClosed(r.srv.Done()) {
			r.t.Error("done before the closing")
		}
		if err := r.srv.Close(); err != nil {
			r.t.Error(err)
		}
		if !isClosed(r.srv.Done()) {
			r.t.Error("not done after it")
		}
	})
}
