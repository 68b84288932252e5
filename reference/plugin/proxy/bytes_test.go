package proxy_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/plugin/proxy"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// pairs gives the metadata in order, without those of the keys.
func pairs(m *packet.Meta, without ...string) (out []string) {
	m.VisitAll(func(k, v []byte) {
		for _, key := range without {
			if string(k) == key {
				return
			}
		}
		out = append(out, fmt.Sprintf("%s=%s", k, v))
	})
	return out
}

func own(m *packet.Meta) []string { return pairs(m, proxy.MetaVia, proxy.MetaSession) }

// What a case sends there, or back.
type sent struct {
	name  string
	codec byte
	body  string
	meta  []string // key, value, ...
	pipe  string
}

func (s sent) settings() []packet.PacketSetting {
	out := []packet.PacketSetting{packet.WithBodyCodec(s.codec), packet.WithBody(packet.RawBody(s.body)), packet.WithXferPipe([]byte(s.pipe)...)}
	for i := 0; i < len(s.meta); i += 2 {
		out = append(out, packet.WithAddMeta(s.meta[i], s.meta[i+1]))
	}
	return out
}

func (s sent) check(t *testing.T, what string, p *packet.Packet, meta []string) {
	t.Helper()
	var want []string
	for i := 0; i < len(s.meta); i += 2 {
		want = append(want, s.meta[i]+"="+s.meta[i+1])
	}
	if p.BodyCodec() != s.codec || string(p.RawBody()) != s.body || fmt.Sprint(meta) != fmt.Sprint(want) || string(p.XferPipe().Ids()) != s.pipe {
		t.Errorf("%s:\n got codec %d body %q meta %q pipe %q\nwant codec %d body %q meta %q pipe %q", what,
			p.BodyCodec(), p.RawBody(), meta, p.XferPipe().Ids(), s.codec, s.body, want, s.pipe)
	}
}

var samples = []sent{
	{name: "json", codec: 'j', body: `{ "b":1,  "a":2 }`},
	{name: "no JSON under j", codec: 'j', body: "{broken"},
	{name: "unknown codec", codec: 0xfe, body: "\x00\xff opaque"},
	{name: "codec 0 and empty", codec: 0},
	{name: "codec 0 with bytes", codec: 0, body: "bytes"},
	{name: "codec j and empty", codec: 'j'},
	{name: "null", codec: 'j', body: "null"},
	{name: "metadata", codec: 's', body: "x", meta: []string{"b", "1", "a", "2", "b", "3", "", "no key", "empty", "", "b", "1", "\x00&=%", "\xff"}},
	{name: "an error", codec: 'j', body: "null", meta: []string{"a", "1", "X-Reply-Error", `{"code":7, "message":"<m>" ,"extra":[]}`, "a", "2"}},
	{name: "an error with a result", codec: 's', body: "partial", meta: []string{"X-Reply-Error", `oops`}},
	{name: "gzip", codec: 's', body: "squeezed", pipe: "g"},
	{name: "gzip twice", codec: 's', body: "squeezed", pipe: "gg"},
	{name: "long", codec: 'Z', body: string(bytes.Repeat([]byte("0123456789"), 10_000))},
}

// Each sample there and, in a REPLY, back; and as a PUSH, both ways.
func TestProxy_PassesUnchanged(t *testing.T) {
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			inBubble(t, proxy.Config{Route: proxy.To(proxy.Target{Addr: upAddr, PerSession: true})}, func(t *testing.T, r *rig) {
				accept := r.rawUpstream()
				client := r.raw()
				const uri = "/any/path?x=%zz#f"
				send := func(to *tptest.RawPeer, ptype byte, seq uint64) {
					to.SendPacket(append(s.settings(), packet.WithUri(uri), packet.WithPtype(ptype), packet.WithSeq(seq))...)
				}
				send(client, packet.TypePull, 1<<63)
				up := accept()
				p := up.ExpectPacket()
				s.check(t, "the PULL", p, own(p.Meta()))
				if p.Ptype() != packet.TypePull || p.Uri() != uri || p.Seq() != 0 {
					t.Errorf("the upstream got %s", p)
				}
				send(up, packet.TypePush, 9) // before the REPLY, and passed on before it
				send(up, packet.TypeReply, p.Seq())
				p = client.ExpectPacket()
				s.check(t, "the PUSH back", p, own(p.Meta()))
				if p.Ptype() != packet.TypePush || p.Uri() != uri {
					t.Errorf("the client got %s", p)
				}
				p = client.ExpectPacket()
				s.check(t, "the REPLY", p, pairs(p.Meta()))
				if p.Ptype() != packet.TypeReply || p.Uri() != uri || p.Seq() != 1<<63 {
					t.Errorf("the client got %s", p)
				}
				send(client, packet.TypePush, 5)
				p = up.ExpectPacket()
				s.check(t, "the PUSH", p, own(p.Meta()))
				if p.Ptype() != packet.TypePush || p.Uri() != uri {
					t.Errorf("the upstream got %s", p)
				}
			})
		})
	}
}

// The proxy's own pairs do not come back, whatever an upstream does with them.
func TestProxy_OwnMetaStays(t *testing.T) {
	inBubble(t, proxy.Config{}, func(t *testing.T, r *rig) {
		srv := r.upstream(upAddr)
		tp.HandlePull(srv.PullRouter, "/meta", func(c tp.PullCtx, _ *packet.RawBody) (any, *tp.Rerror) {
			c.CopyMeta().CopyTo(c.Output().Meta())
			return nil, nil
		})
		cmd := r.dial().Pull("/meta", nil, nil, packet.WithAddMeta("a", "1"), packet.WithAddMeta("b", "2"))
		if got := fmt.Sprint(pairs(cmd.InputMeta())); got != "[a=1 b=2]" || cmd.Rerror() != nil {
			t.Errorf("got %s, %v", got, cmd.Rerror())
		}
	})
}

// The REPLY has the pipe that the upstream has given it, as far as it is known.
func TestProxy_ReplyPipe(t *testing.T) {
	for _, tt := range []struct{ pull, reply string }{{"", "g"}, {"g", "gg"}, {"gg", "g"}, {"g", ""}} {
		t.Run(tt.pull+" "+tt.reply, func(t *testing.T) {
			inBubble(t, proxy.Config{}, func(t *testing.T, r *rig) {
				accept := r.rawUpstream()
				client := r.raw()
				client.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/x"), packet.WithXferPipe([]byte(tt.pull)...))
				up := accept()
				if got := string(up.ExpectPacket().XferPipe().Ids()); got != tt.pull {
					t.Errorf("the PULL has the pipe %q, want %q", got, tt.pull)
				}
				up.SendPacket(packet.WithPtype(packet.TypeReply), packet.WithXferPipe([]byte(tt.reply)...))
				if got := string(client.ExpectPacket().XferPipe().Ids()); got != tt.reply {
					t.Errorf("the REPLY has the pipe %q, want %q", got, tt.reply)
				}
			})
		})
	}
}

// X-Timeout-Ms passes with the time that is left; one that is no deadline as it is.
func TestProxy_DeadlineShrinks(t *testing.T) {
	for _, tt := range []struct{ sent, passed string }{{"1000", "700"}, {"00300", ""}, {"301", "1"}, {"x", "x"}, {"", ""}} {
		t.Run(tt.sent, func(t *testing.T) {
			inBubble(t, proxy.Config{}, func(t *testing.T, r *rig) {
				accept := r.rawUpstream()
				client := r.raw()
				r.net.DialDelay(300 * time.Millisecond)
				client.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/x"),
					packet.WithAddMeta("a", "1"), packet.WithAddMeta(tp.MetaTimeoutKey, tt.sent), packet.WithAddMeta("a", "2"))
				if tt.sent == "00300" { // used up by the dialing
					wantCode(t, "the call", tp.NewRerrorFromMeta(client.ExpectPacket().Meta()), tp.CodeTimeout)
					return
				}
				want := fmt.Sprintf("[a=1 %s=%s a=2]", tp.MetaTimeoutKey, tt.passed)
				if got := fmt.Sprint(own(accept().ExpectPacket().Meta())); got != want {
					t.Errorf("the upstream got %s, want %s", got, want)
				}
			})
		})
	}
}

// split is a Proto whose pipe covers the body alone: a line of JSON for each packet.
type split struct {
	in  *bufio.Reader
	out io.Writer
}

type splitLine struct {
	Seq   uint64
	Ptype byte
	Uri   string
	Codec byte
	Pipe  []byte
	Body  []byte
}

func newSplit(rw io.ReadWriter) packet.Proto { return &split{bufio.NewReader(rw), rw} }

func (*split) Version() (byte, string) { return 'S', "split" }

func (s *split) Pack(p *packet.Packet) error {
	body, err := p.MarshalBody()
	if err == nil {
		body, err = p.XferPipe().OnPack(body)
	}
	if err != nil {
		return packet.PackError(packet.ClassBody, err)
	}
	b, err := json.Marshal(splitLine{p.Seq(), p.Ptype(), p.Uri(), p.BodyCodec(), p.XferPipe().Ids(), body})
	if err != nil {
		return packet.PackError(packet.ClassHeader, err)
	}
	_, err = s.out.Write(append(b, '\n'))
	return err
}

func (s *split) Unpack(p *packet.Packet) error {
	p.ResetForUnpack()
	b, err := s.in.ReadBytes('\n')
	if err != nil {
		return err
	}
	var l splitLine
	if err := json.Unmarshal(b, &l); err != nil {
		return err
	}
	p.SetSeq(l.Seq)
	p.SetPtype(l.Ptype)
	p.SetUri(l.Uri)
	p.SetBodyCodec(l.Codec)
	if err := p.XferPipe().AppendFromRegistry(p.Env().FilterRegistry(), l.Pipe...); err != nil {
		return err
	}
	body, err := p.XferPipe().OnUnpack(l.Body)
	if err != nil {
		return err
	}
	return p.UnmarshalNewBody(body)
}

// A filter that nobody here knows passes where the header does not lie behind it.
func TestOpaque_PassesWhatIsNotKnown(t *testing.T) {
	inBubble(t, proxy.Config{Proto: newSplit}, func(t *testing.T, r *rig) {
		r.front.Filters().Reg(proxy.Opaque('?'))
		lis := r.listen("split:1")
		defer lis.Close()
		accept := r.rawUpstream()
		go func() {
			if nc, err := lis.Accept(); err != nil {
				t.Error(err)
			} else if _, err := r.front.ServeConn(nc, newSplit); err != nil {
				t.Error(err)
			}
		}()
		nc, err := r.net.Dial(t.Context(), "split:1")
		if err != nil {
			t.Fatal(err)
		}
		client := tptest.NewRawPeer(t, nc)
		line := func(l splitLine) []byte {
			b, err := json.Marshal(l)
			if err != nil {
				t.Fatal(err)
			}
			return append(b, '\n')
		}
		client.Send(line(splitLine{4, packet.TypePull, "/x", 'Z', []byte("?"), []byte("made by ?")}))
		up := accept()
		up.Expect(line(splitLine{0, packet.TypePull, "/x", 'Z', []byte("?"), []byte("made by ?")}))
		up.Send(line(splitLine{0, packet.TypeReply, "/x", 'Y', []byte("??"), []byte("made by ? twice")}))
		client.Expect(line(splitLine{4, packet.TypeReply, "/x", 'Y', []byte("??"), []byte("made by ? twice")}))
	})
}
