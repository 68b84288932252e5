package fuzz

import (
	"net/url"
	"path"
	"strconv"
	"strings"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func routingSeeds() [][]byte {
	var out [][]byte
	routes := "\x05\x00\x05/echo\x00\x07/a/b c%\x01\x02/a\x00\x0bgroup/x//y/\x01\x00"
	uris := []string{"/echo", "/echo?x=1", "/echo#f", "/%65cho", "/a/b%20c%25", "/a/", "/a", "/ab", "/group/x/y", "", "echo", "//h/echo",
		"tp://h:1/echo?q#%zz", "///echo", "tp:echo", "a:b/c", "/%zz", "/%", "/\x01", "/\x7f", "/e\xff", "/echo?\x1f", "/ECHO", "x://[::1/echo", "/a%2Fb%20c%25",
		"/echo?a=1&a=+%32&b&=c&&d=%zz&e;f=1&%=&g=h=i"}
	for _, p := range vectorPackets() {
		if uri, err := p.Uri.Expand(); err == nil {
			uris = append(uris, string(uri))
		}
	}
	for _, uri := range uris {
		out = append(out, append([]byte(routes), uri...))
		if p, _, ok, _ := naiveURI(uri); ok && len(p) < 60 { // the path itself as a route
			out = append(out, append(append([]byte{1, 0, byte(len(p))}, p...), uri...))
		}
	}
	return distinct(out)
}

// routeTable is the model: two maps.
type routeTable struct{ exact, unknown map[string]string }

// find gives the name of the handler for a path, "" for none.
func (m routeTable) find(p string) string {
	if name, ok := m.exact[p]; ok {
		return name
	}
	best, found := "", ""
	for prefix, name := range m.unknown {
		if prefix != "/" && p != prefix && !strings.HasPrefix(p, prefix+"/") {
			continue
		}
		if found == "" || len(prefix) > len(best) {
			best, found = prefix, name
		}
	}
	return found
}

// runURIAndRouting registers handlers and sends one PULL and one PUSH. The script: the number of routes; for each
// whether it is a handler or one for what is unknown below a prefix, and its name; the uri.
//
// req: TP-SESS-006, TP-SESS-007, TP-SESS-008, TP-SESS-009, TP-SESS-010
func runURIAndRouting(t Reporter, in []byte) {
	quiet()
	s := script{b: in}
	peer := tp.NewPeer(tp.PeerConfig{})
	model := routeTable{map[string]string{}, map[string]string{}}
	for i := range s.upTo(7) {
		unknown, name := s.byte()&1 == 1, string(s.bytes(64))
		register(t, peer, model, unknown, name, "route "+strconv.Itoa(i))
	}
	uri := string(s.rest())

	ours, theirs := tptest.Pipe()
	defer closePeer(t, peer)
	defer ours.Close()
	if _, err := peer.ServeConn(theirs); err != nil {
		t.Fatalf("serving: %v", err)
	}
	x := talk(ours, nil)
	push := packet.NewPacket(packet.WithPtype(packet.TypePush), packet.WithUri(uri))
	if err := tp.DefaultProtoFunc()(ours).Pack(push); err != nil {
		t.Fatalf("sending: %v", err)
	}
	reply := x.answered(t, nil, 7, packet.WithUri(uri), packet.WithBodyCodec('s'))
	if reply == nil {
		t.Fatalf("the PULL of %q was not answered: %v", uri, x.reason())
	}
	got := string(reply.RawBody())
	if rerr := tp.NewRerrorFromMeta(reply.Meta()); rerr != nil {
		got = strconv.Itoa(int(rerr.Code))
	}
	if reply.Uri() != uri {
		t.Fatalf("the REPLY repeats the uri %q as %q", uri, reply.Uri())
	}
	p, query, ok, judged := naiveURI(uri)
	want := "400"
	if ok {
		if want = "404"; model.find(p) != "" {
			want = answer(model.find(p), p, query, naiveQuery(query))
		}
	}
	if judged && got != want {
		t.Fatalf("the uri %q is answered %q, want %q; routes %v", uri, got, want, model)
	}
}

// answer is what a handler says of a uri.
func answer(id, path, rawQuery string, query url.Values) string {
	return id + "|" + path + "|" + rawQuery + "|" + query.Encode()
}

// register adds a handler to the peer and the model, which must agree whether it can be added.
func register(t Reporter, peer *tp.Peer, model routeTable, unknown bool, name, id string) {
	t.Helper()
	full := path.Join("/", name)
	if unknown {
		group, err := peer.PullRouter.TryGroup(name)
		if err == nil {
			err = group.TrySetUnknown(func(ctx tp.UnknownPullCtx) (any, *tp.Rerror) {
				ctx.SetBodyCodec('s')
				return answer(id, ctx.Path(), ctx.RawQuery(), ctx.Query()), nil
			})
		}
		if err != nil {
			t.Fatalf("an unknown handler for %q: %v", name, err)
		}
		model.unknown[full] = id
		return
	}
	err := peer.PullRouter.TryRegFunc(name, func(ctx tp.PullCtx, _ *[]byte) (string, *tp.Rerror) {
		return answer(id, ctx.Path(), ctx.RawQuery(), ctx.Query()), nil
	})
	if _, taken := model.exact[full]; taken != (err != nil) {
		t.Fatalf("a handler for %q: %v; the path was taken: %t", name, err, taken)
	}
	if err == nil {
		model.exact[full] = id
	}
}
