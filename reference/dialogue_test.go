package tp

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
	"github.com/henrylee2cn/teleport/vectors"
)

// recorded is one line of a dialogue between an original client and server.
type recorded struct {
	Dir string `json:"dir"`
	Hex string `json:"hex"`
}

// dialogue gives the frames of a recording, in order.
func dialogue(t *testing.T, name string) []recorded {
	t.Helper()
	b, err := fs.ReadFile(vectors.FS(), "interop/"+name)
	if err != nil {
		t.Fatal(err)
	}
	var out []recorded
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Hex != "" {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s: no frames", name)
	}
	return out
}

// serveDialogue registers the routes that the recorded servers and clients had.
func serveDialogue(p *Peer) {
	p.PullRouter.RegFunc("/t/echo", func(s *string) (string, *Rerror) { return *s, nil })
	p.PullRouter.RegFunc("/t/plain", func(*string) (any, *Rerror) { return nil, NewRerror(1002, "simple", "detail") })
	p.PullRouter.RegFunc("/t/body_and_err", func(*string) (map[string]bool, *Rerror) {
		return map[string]bool{"partial": true}, NewRerror(1006, "with body", "")
	})
	p.PullRouter.RegFunc("/t/code_zero", func(*string) (any, *Rerror) { return nil, NewRerror(0, "", "") })
	p.PullRouter.RegFunc("/t/code_neg", func(*string) (any, *Rerror) { return nil, NewRerror(-5, "neg", "") })
	p.PullRouter.RegFunc("/t/pb_err", func(*[]byte) (any, *Rerror) { return nil, NewRerror(1005, "pb error", "typed nil reply") })
	p.PullRouter.RegFunc("/t/callback", func(ctx PullCtx, s *string) (map[string]string, *Rerror) {
		var out string
		for i, arg := range []string{*s, *s + "2"} {
			if rerr := ctx.Session().Push("/c_note/note", fmt.Sprint("push ", i+1)); rerr != nil {
				return nil, rerr
			}
			if rerr := ctx.Session().Pull("/c/hello", arg, &out).Rerror(); rerr != nil {
				return nil, rerr
			}
		}
		return map[string]string{"err": "", "out": out}, nil
	})
	p.PushRouter.RegFunc("/p/note", func(*string) {})
}

// What the original's client sent is answered as the original's server did: the
// same packets, byte for byte but for the compressed ones, whose payloads are
// compared.
func TestDialogue_TheOriginalsClientIsAnsweredAsByTheOriginal(t *testing.T) {
	for _, name := range []string{"dialogue-rerror-variants.json", "dialogue-seq-numbers-and-callback.json"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				serveDialogue(r.srv)
				raw := r.raw()
				defer raw.Close()
				frames := dialogue(t, name)
				for i := 0; i < len(frames); i++ {
					frame, err := hex.DecodeString(frames[i].Hex)
					if err != nil {
						t.Fatal(err)
					}
					if frames[i].Dir == "c2s" {
						raw.Send(frame)
						continue
					}
					comparePackets(t, i, raw.ExpectFrame(), frame)
				}
			})
		})
	}
}

func comparePackets(t *testing.T, line int, gotFrame, wantFrame []byte) {
	t.Helper()
	want, got := tptest.Parse(t, wantFrame), tptest.Parse(t, gotFrame)
	if want.XferPipe().Len() == 0 {
		if !bytes.Equal(gotFrame, wantFrame) {
			t.Errorf("frame %d:\n got %x\nwant %x", line, gotFrame, wantFrame)
		}
		return
	}
	show := func(p *packet.Packet) string {
		return fmt.Sprintf("%d %d %s %s %q %d %q", p.Seq(), p.Ptype(), p.Uri(), p.Meta(), p.XferPipe().Ids(), p.BodyCodec(), p.RawBody())
	}
	if show(got) != show(want) {
		t.Errorf("frame %d:\n got %s\nwant %s", line, show(got), show(want))
	}
}

// What the original's server sent makes our client's calls come back as the
// original's did, and our client sends what the original's client sent.
func TestDialogue_TheOriginalsServerUnderstandsUs(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		frames := dialogue(t, "dialogue-seq-numbers-and-callback.json")
		cli := r.client(PeerConfig{})
		defer cli.Close()
		pushed := make(chan string, 4)
		cli.PullRouter.RegFunc("/c/hello", func(s *string) (string, *Rerror) { return "hello " + *s, nil })
		cli.PushRouter.RegFunc("/c_note/note", func(s *string) { pushed <- *s })
		a, b := tptest.Pipe()
		sess, err := cli.ServeConn(a)
		if err != nil {
			t.Fatal(err)
		}
		raw := tptest.NewRawPeer(t, b)
		defer raw.Close()
		for i, f := range frames {
			frame, err := hex.DecodeString(f.Hex)
			if err != nil {
				t.Fatal(err)
			}
			if f.Dir == "s2c" {
				raw.Send(frame)
				continue
			}
			p := tptest.Parse(t, frame)
			var arg string
			if err := p.Bind(&arg); err != nil {
				t.Fatal(err)
			}
			switch p.Ptype() {
			case packet.TypePull:
				sess.AsyncPull(p.Uri(), arg, new(any), nil)
			case packet.TypePush:
				sess.Push(p.Uri(), arg)
			}
			comparePackets(t, i, raw.ExpectFrame(), frame)
		}
		for _, want := range []string{"push 1", "push 2"} {
			if got := <-pushed; got != want {
				t.Errorf("got the push %q, want %q", got, want)
			}
		}
	})
}
