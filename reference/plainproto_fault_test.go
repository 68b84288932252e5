package tp

import (
	"io"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// packFault is a way in which the Pack of a plain Proto can fail.
type packFault struct {
	name    string
	partial bool // some bytes of the frame are written before
	err     func() error
}

func packFaults() []packFault {
	var all []packFault
	for _, partial := range []bool{false, true} {
		with := ", nothing written"
		if partial {
			with = ", a part written"
		}
		all = append(all,
			packFault{"untyped" + with, partial, func() error { return errTest }},
			packFault{"typed" + with, partial, func() error { return packet.PackError(packet.ClassBody, errTest) }},
			packFault{"panic" + with, partial, func() error { panic("asked to") }},
		)
	}
	return all
}

// faultyProto is a jsonProto whose Pack fails for packets of one type to /faulty.
type faultyProto struct {
	*jsonProto
	ptype byte
	fault packFault
	times int // how often; then it works
}

func (p *faultyProto) Pack(out *packet.Packet) error {
	if out.Ptype() != p.ptype || out.Uri() != "/faulty" || p.times == 0 {
		return p.jsonProto.Pack(out)
	}
	p.times--
	if p.fault.partial {
		if _, err := p.rw.Write([]byte(`{"Seq":`)); err != nil {
			return err
		}
	}
	return p.fault.err()
}

// faultySession connects the rig's server to a client; the Pack of one of them
// fails as the fault says.
func faultySession(r *rig, onServer bool, ptype byte, fault packFault, times int) (cli *Peer, sess Session) {
	good := packet.ProtoFunc(newJSONProto)
	faulty := func(rw io.ReadWriter) packet.Proto {
		return &faultyProto{&jsonProto{rw}, ptype, fault, times}
	}
	srvProto, cliProto := good, packet.ProtoFunc(faulty)
	if onServer {
		srvProto, cliProto = faulty, good
	}
	a, b := tptest.Pipe()
	if _, err := r.srv.ServeConn(a, srvProto); err != nil {
		r.t.Fatal(err)
	}
	cli = NewPeer(PeerConfig{})
	sess, err := cli.ServeConn(b, cliProto)
	if err != nil {
		r.t.Fatal(err)
	}
	r.srv.PullRouter.RegFunc("/faulty", func(*packet.RawBody) (int, *Rerror) { return 1, nil })
	r.faultyRoutes()
	return cli, sess
}

// A REPLY that a plain Proto does not pack becomes a 500, whatever kind of error
// it gives; where a part of it may have left, or nothing can be packed at all,
// the session ends, and every call with it.
func TestReply_PlainProtoThatFailsToPack(t *testing.T) {
	quiet(t)
	for _, fault := range packFaults() {
		for _, times := range []int{1, 2, -1} {
			t.Run(fault.name, func(t *testing.T) {
				inBubble(t, PeerConfig{}, func(r *rig) {
					cli, sess := faultySession(r, true, packet.TypeReply, fault, times)
					defer cli.Close()
					defer r.openHang()
					other := sess.AsyncPull("/hang", nil, nil, nil)
					synctest.Wait()
					rerr := sess.Pull("/faulty", nil, new(int)).Rerror()
					if !fault.partial && times > 0 { // without the PULL's filters it is packed at the latest
						wantCode(t, "the call", rerr, 500)
						if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
							t.Errorf("the session suffered: %v", rerr)
						}
						return
					}
					wantCode(t, "the call", rerr, 102)
					wantCode(t, "another call", other.Rerror(), 102)
				})
			})
		}
	}
}

// A PULL and a PUSH that are not packed end with a local error; the session goes
// on unless a part may have left.
func TestLaunch_PlainProtoThatFailsToPack(t *testing.T) {
	quiet(t)
	for _, fault := range packFaults() {
		for _, ptype := range []byte{packet.TypePull, packet.TypePush} {
			t.Run(packet.TypeText(ptype)+" "+fault.name, func(t *testing.T) {
				inBubble(t, PeerConfig{}, func(r *rig) {
					cli, sess := faultySession(r, false, ptype, fault, -1)
					defer cli.Close()
					defer r.openHang()
					other := sess.AsyncPull("/hang", nil, nil, nil)
					synctest.Wait()
					if ptype == packet.TypePush {
						wantCode(t, "the push", sess.Push("/faulty", nil), 104)
					} else {
						wantCode(t, "the pull", sess.Pull("/faulty", nil, new(int)).Rerror(), 104)
					}
					if fault.partial {
						wantCode(t, "another call", other.Rerror(), 102)
						return
					}
					if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
						t.Errorf("the session suffered: %v", rerr)
					}
				})
			})
		}
	}
}
