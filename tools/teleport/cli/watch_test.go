package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// news serves a peer that, asked for /news, pushes so many items and then answers.
func news(t *testing.T, items int) string {
	t.Helper()
	peer := tp.NewPeer(tp.PeerConfig{})
	tp.HandlePull(peer.PullRouter, "/news", func(ctx tp.PullCtx, _ *any) (int, *tp.Rerror) {
		for n := range items {
			if rerr := ctx.Session().Push("/news/item", n); rerr != nil {
				return 0, rerr
			}
		}
		return items, nil
	})
	tp.HandlePull(peer.PullRouter, "/mixed", func(ctx tp.PullCtx, _ *any) (any, *tp.Rerror) {
		for _, push := range []struct {
			uri   string
			codec byte
			body  any
		}{
			{"/json", 'j', map[string]any{"a": []int{1, 2}}}, {"/text", 's', "good evening"}, {"/lines", 's', "a\nb\x1b[2J"},
			{"/bytes", 'p', packet.RawBody{8, 1}}, {"/none", 'j', nil}, {"/a\nb", 'j', packet.RawBody("not JSON")},
		} {
			if rerr := ctx.Session().Push(push.uri, push.body, socket.WithBodyCodec(push.codec), socket.WithXferPipe('z')); rerr != nil {
				return nil, rerr
			}
		}
		return nil, nil
	})
	tp.HandlePull(peer.PullRouter, "/bye", func(tp.PullCtx, *any) (any, *tp.Rerror) {
		peer.Close() // inside a handler it only begins
		return nil, nil
	})
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- peer.ServeListener(lis) }()
	t.Cleanup(func() {
		peer.Close()
		if err := <-ended; !errors.Is(err, tp.ErrListenClosed) {
			t.Error(err)
		}
	})
	return lis.Addr().String()
}

// Pushes are printed in the order in which they came, the last as well as the first.
func TestWatch_KeepsTheOrder(t *testing.T) {
	var want strings.Builder
	for n := range 1000 {
		fmt.Fprintf(&want, "/news/item\t%d\n", n)
	}
	if out := runOK(t, "", "watch", news(t, 2000), "/news", "-n", "1000"); out != want.String() {
		t.Errorf("got %s", abridge([]byte(out)))
	}
}

func TestWatch_ALineEach(t *testing.T) {
	const want = "/json\t{\"a\":[1,2]}\n/text\tgood evening\n/lines\t\"a\\nb\\x1b[2J\"\n/bytes\t0801\n/none\n\"/a\\nb\"\tnot JSON\n"
	if out := runOK(t, "", "watch", news(t, 0), "/mixed", "--count", "6"); out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	out := runOK(t, "", "watch", news(t, 0), "/mixed", "--count", "2", "--json")
	if lines := strings.Split(out, "\n"); len(lines) != 3 || !strings.Contains(lines[1], `"seq":"1","ptype":3,"uri":{"text":"/text"}`) || !strings.Contains(lines[1], `"pipe":[122]`) {
		t.Errorf("got\n%s", out)
	}
}

func TestWatch_UntilInterrupted(t *testing.T) {
	p := start(t, "watch", news(t, 2), "/news")
	for n := range 2 {
		if got, want := p.line(), fmt.Sprintf("/news/item\t%d", n); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	p.signal(os.Interrupt)
	p.ended(ExitOK, "")
}

func TestWatch_EndsWithTheOtherSide(t *testing.T) {
	code, out, stderr := run(t, "", "watch", news(t, 0), "/bye")
	if code != ExitHarness || out != "" || !strings.Contains(stderr, "the connection ended: the other side is closing the session\n") {
		t.Errorf("exit code %d, %q, %s", code, out, stderr)
	}
}

func TestWatch_RefusedSubscription(t *testing.T) {
	code, out, stderr := run(t, "", "watch", news(t, 0), "/nowhere")
	if code != ExitFail || out != "" || !strings.Contains(stderr, `/nowhere: {"code":404`) {
		t.Errorf("exit code %d, %q, %s", code, out, stderr)
	}
}
