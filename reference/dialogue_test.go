package tp

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"reflect"
	"regexp"
	"testing"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
	"github.com/henrylee2cn/teleport/vectors"
)

// dialogues are the recordings of an original client and an original server. In
// each, over TCP and with V3Compat, this peer takes the place of the server, then
// that of the client, and sends what the original sent.
var dialogues = []string{
	"dialogue-simple-sample.json",
	"dialogue-codecs-and-pipes.json",
	"dialogue-rerror-variants.json",
	"dialogue-seq-numbers-and-callback.json",
}

// dialogueDiffers lists all that this peer sends otherwise than the original,
// besides times and the bytes of gzip: the bodies of these frames.
var dialogueDiffers = map[string]string{
	// The original returned a buffer to its pool that the handler's *[]byte still
	// shared, and the bytes of the next packet came into it (bug 11). The argument
	// was the JSON text "AAEC/w==", whose base64 the reply is.
	"dialogue-codecs-and-pipes.json s2c REPLY 2": `"IkFBRUMvdz09Ig=="`,
	// The same with the bytes 00 01 02 ff under codec s.
	"dialogue-codecs-and-pipes.json s2c REPLY 3": "\x00\x01\x02\xff",
}

// recorded is one line of a recording: a frame, or what the original client's
// API returned.
type recorded struct {
	Dir   string `json:"dir"` // c2s, s2c, client
	Hex   string `json:"hex"`
	frame []byte

	Call   string  `json:"call"` // of a client: pull, push
	Reply  any     `json:"reply"`
	Rerror *Rerror `json:"rerror"`
}

// dialogue gives the frames of a recording, in order, and what its client's
// pulls returned.
func dialogue(t *testing.T, name string) (frames, pulls []recorded) {
	t.Helper()
	b, err := fs.ReadFile(vectors.FS(), "interop/"+name)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r recorded
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		switch {
		case r.Hex != "":
			if r.frame, err = hex.DecodeString(r.Hex); err != nil {
				t.Fatal(err)
			}
			frames = append(frames, r)
		case r.Dir == "client" && r.Call == "pull":
			pulls = append(pulls, r)
		}
	}
	if len(frames) == 0 {
		t.Fatalf("%s: no frames", name)
	}
	return frames, pulls
}

// overTCP gives both ends of a connection on loopback.
func overTCP(t *testing.T) (dialed, accepted net.Conn) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	if dialed, err = net.Dial("tcp", lis.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if accepted, err = lis.Accept(); err != nil {
		t.Fatal(err)
	}
	return dialed, accepted
}

// What the original's client sent is answered as the original's server did, in
// the same order, and with nothing else.
func TestDialogue_ServesTheOriginalsClient(t *testing.T) {
	quiet(t)
	for _, name := range dialogues {
		t.Run(name, func(t *testing.T) {
			frames, _ := dialogue(t, name)
			srv := NewPeer(PeerConfig{V3Compat: true})
			defer srv.Close()
			serveDialogue(srv)
			client, server := overTCP(t)
			raw := tptest.NewRawPeer(t, client)
			if _, err := srv.ServeConn(server); err != nil {
				t.Fatal(err)
			}
			for _, f := range frames {
				if f.Dir == "c2s" {
					raw.Send(f.frame)
				} else {
					compareFrames(t, name+" s2c", raw.ExpectFrame(), f.frame)
				}
			}
			raw.CloseWrite()
			raw.ExpectEOF()
		})
	}
}

// This peer as client sends what the original's client sent, and its calls come
// back as the original's did, whatever the original's server answered.
func TestDialogue_CallsTheOriginalsServer(t *testing.T) {
	quiet(t)
	for _, name := range dialogues {
		t.Run(name, func(t *testing.T) {
			frames, pulls := dialogue(t, name)
			cli := NewPeer(PeerConfig{V3Compat: true})
			defer cli.Close()
			pushed := make(chan string, 10)
			cli.PullRouter.RegFunc("/c/hello", func(s *string) (string, *Rerror) { return "hello " + *s, nil })
			cli.PushRouter.RegFunc("/c_note/note", func(s *string) { pushed <- *s })
			cli.PushRouter.RegFunc("/push/test", func(m *map[string]string) { pushed <- (*m)["your_id"] })
			client, server := overTCP(t)
			raw := tptest.NewRawPeer(t, server)
			sess, err := cli.ServeConn(client)
			if err != nil {
				t.Fatal(err)
			}
			calls := dialogueCalls(name)
			var cmds []*PullCmd
			pushes := 0
			for _, f := range frames {
				if f.Dir == "s2c" {
					raw.Send(f.frame)
					if tptest.Parse(t, f.frame).Ptype() == packet.TypePush {
						pushes++
					}
					continue
				}
				switch tptest.Parse(t, f.frame).Ptype() {
				case packet.TypePull:
					cmds = append(cmds, sess.AsyncPull(calls[0].uri, calls[0].args, calls[0].reply, nil, calls[0].set...))
					calls = calls[1:]
				case packet.TypePush:
					if rerr := sess.Push(calls[0].uri, calls[0].args, calls[0].set...); rerr != nil {
						t.Error(rerr)
					}
					calls = calls[1:]
				}
				compareFrames(t, name+" c2s", raw.ExpectFrame(), f.frame)
			}
			for i, cmd := range cmds {
				reply, rerr := cmd.Result()
				if len(pulls) == 0 { // the sample's client recorded nothing
					if m, _ := (*reply.(*any)).(map[string]any); rerr != nil || m["server_time"] == nil {
						t.Errorf("pull %d gives %v, %v", i, m, rerr)
					}
					continue
				}
				if want := pulls[i]; !reflect.DeepEqual(rerr, want.Rerror) || rerr == nil && !reflect.DeepEqual(shownReply(reply), want.Reply) {
					t.Errorf("pull %d gives %v, %v; the original's gave %v, %v", i, shownReply(reply), rerr, want.Reply, want.Rerror)
				}
			}
			for range pushes {
				<-pushed // the handlers had them
			}
			if len(calls) != 0 {
				t.Errorf("%d calls were not made", len(calls))
			}
			closed := make(chan error)
			go func() { closed <- sess.Close() }()
			raw.ExpectEOF() // nothing that the original would not have sent
			raw.Close()
			<-closed
		})
	}
}

// serverTime is the one field of the sample that differs from run to run.
var serverTime = regexp.MustCompile(`"server_time":"[^"]*"`)

// compareFrames compares byte for byte; where a pipe, or the time, makes the
// bytes differ, it compares all fields and what is in them.
func compareFrames(t *testing.T, where string, gotFrame, wantFrame []byte) {
	t.Helper()
	want, got := tptest.Parse(t, wantFrame), tptest.Parse(t, gotFrame)
	where = fmt.Sprintf("%s %s %d", where, packet.TypeText(want.Ptype()), want.Seq())
	body, differs := dialogueDiffers[where]
	if !differs {
		body = string(want.RawBody())
	} else if body == string(want.RawBody()) {
		t.Errorf("%s: the original sent %q too: this is no difference", where, body)
	}
	if !differs && want.XferPipe().Len() == 0 {
		if !bytes.Equal(gotFrame, wantFrame) {
			t.Errorf("%s:\n got %x\nwant %x", where, gotFrame, wantFrame)
		}
		return
	}
	show := func(p *packet.Packet, body string) string {
		body = serverTime.ReplaceAllString(body, `"server_time":"?"`)
		return fmt.Sprintf("%d %d %s %s %q %d %q", p.Seq(), p.Ptype(), p.Uri(), p.Meta(), p.XferPipe().Ids(), p.BodyCodec(), body)
	}
	if got, want := show(got, string(got.RawBody())), show(want, body); got != want {
		t.Errorf("%s:\n got %s\nwant %s", where, got, want)
	}
}

// shownReply gives a reply as the recordings show it.
func shownReply(reply any) any {
	switch v := reply.(type) {
	case *string:
		return *v
	case *any:
		return *v
	case *[]byte:
		return map[string]any{"hex": hex.EncodeToString(*v)}
	case *durationpb.Duration:
		return map[string]any{"a": float64(v.Seconds), "b": float64(v.Nanos)}
	}
	return nil
}
