package tp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// jsonProto is a Proto of a user's: a line of JSON a packet. It is no Framer,
// and it decodes no body itself.
type jsonProto struct{ rw io.ReadWriter }

type jsonLine struct {
	Seq   uint64
	Ptype byte
	Uri   string
	Meta  string
	Codec byte
	Body  []byte
}

func newJSONProto(rw io.ReadWriter) packet.Proto { return &jsonProto{rw} }

func (p *jsonProto) Version() (byte, string) { return 'J', "jsonlines" }

func (p *jsonProto) Pack(out *packet.Packet) error {
	body, err := out.MarshalBody()
	if err != nil {
		return err
	}
	b, err := json.Marshal(jsonLine{out.Seq(), out.Ptype(), out.Uri(), out.Meta().String(), out.BodyCodec(), body})
	if err != nil {
		return err
	}
	_, err = p.rw.Write(append(b, '\n'))
	return err
}

func (p *jsonProto) Unpack(in *packet.Packet) error {
	var line []byte
	for b := make([]byte, 1); ; {
		if _, err := io.ReadFull(p.rw, b); err != nil {
			if len(line) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if b[0] == '\n' {
			break
		}
		line = append(line, b[0])
	}
	var l jsonLine
	if err := json.Unmarshal(line, &l); err != nil {
		return packet.FrameError(packet.ClassHeader, 0, err)
	}
	in.ResetForUnpack()
	in.SetSeq(l.Seq)
	in.SetPtype(l.Ptype)
	in.SetUri(l.Uri)
	in.Meta().Parse(l.Meta)
	in.SetBodyCodec(l.Codec)
	if bytes.HasPrefix(l.Body, []byte("spoiled")) {
		return &packet.Error{Class: packet.ClassBody, Stage: packet.StageBody, Err: io.ErrUnexpectedEOF}
	}
	return in.UnmarshalNewBody(l.Body)
}

// A Proto of the user's that knows nothing of frames carries everything too;
// a body that it cannot decode ends one call.
func TestPlainProto_CarriesCallsBothWays(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		a, b := tptest.Pipe()
		srv, err := r.srv.ServeConn(a, newJSONProto)
		if err != nil {
			t.Fatal(err)
		}
		cli := NewPeer(PeerConfig{})
		defer cli.Close()
		cli.PullRouter.RegFunc("/hello", func(s *string) (string, *Rerror) { return "hello " + *s, nil })
		sess, err := cli.ServeConn(b, newJSONProto)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				var sum int
				if rerr := sess.Pull("/add", [2]int{i, 1}, &sum).Rerror(); rerr != nil || sum != i+1 {
					t.Errorf("got %d, %v", sum, rerr)
				}
				var s string
				if rerr := srv.Pull("/hello", fmt.Sprint(i), &s).Rerror(); rerr != nil || s != fmt.Sprint("hello ", i) {
					t.Errorf("got %q, %v", s, rerr)
				}
			})
		}
		wg.Wait()
		wantCode(t, "a spoiled body", sess.Pull("/add", packet.RawBody("spoiled"), nil).Rerror(), 400)
		wantCode(t, "a spoiled body to nobody", sess.Pull("/nobody", packet.RawBody("spoiled"), nil).Rerror(), 404)
		r.srv.PullRouter.RegFunc("/spoil", func(*packet.RawBody) (packet.RawBody, *Rerror) { return packet.RawBody("spoiled"), nil })
		wantCode(t, "a spoiled reply", sess.Pull("/spoil", nil, new(string)).Rerror(), 400)
		if rerr := sess.Pull("/add", [2]int{1, 1}, nil).Rerror(); rerr != nil {
			t.Errorf("the session suffered: %v", rerr)
		}
	})
}
