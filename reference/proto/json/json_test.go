package json_test

import (
	stdjson "encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"unicode/utf8"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/json"
)

func framer() packet.Framer { return json.New(nil).(packet.Framer) }

func payloadOf(t *testing.T, p *packet.Packet) string {
	t.Helper()
	frame, err := framer().AppendFrame(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	return string(frame[6:])
}

func frameOf(payload string) []byte {
	n := 6 + len(payload)
	return append([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 'j', 0}, payload...)
}

// head is the object as any JSON library sees it.
type head struct {
	Seq        string
	Ptype      int
	Uri        *string
	UriBase64  []byte `json:"uri_base64"`
	Meta       string
	BodyCodec  int `json:"body_codec"`
	Body       *string
	BodyBase64 []byte `json:"body_base64"`
}

func TestAppendFrame_IsJSONForEveryByteString(t *testing.T) {
	var values []string
	for c := range 256 {
		values = append(values, string([]byte{byte(c)}), "a"+string([]byte{byte(c)})+"b")
	}
	values = append(values, "", "é日😀", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\u2028</script>", strings.Repeat("\"\\\n", 50))
	for _, v := range values {
		p := packet.NewPacket(packet.WithSeq(1<<64-1), packet.WithUri(v), packet.WithAddMeta(v, v), packet.WithBodyCodec('s'), packet.WithBody(v))
		payload := payloadOf(t, p)
		var h head
		if err := stdjson.Unmarshal([]byte(payload), &h); err != nil || !utf8.ValidString(payload) {
			t.Fatalf("%q: %v", payload, err)
		}
		uri, body := string(h.UriBase64), string(h.BodyBase64)
		if h.Uri != nil {
			uri = *h.Uri
		}
		if h.Body != nil {
			body = *h.Body
		}
		if h.Seq != "18446744073709551615" || uri != v || body != v || h.BodyCodec != 's' || h.Meta != p.Meta().String() {
			t.Errorf("%q is read as %+v", payload, h)
		}
		if len(payload) > 2*2*len(v)+6*len(v)+120 {
			t.Errorf("%q takes %d bytes", v, len(payload))
		}
		var back packet.Packet
		if err := framer().ParseFrame(frameOf(payload), &back); err != nil || back.Uri() != v || string(back.RawBody()) != v || !back.Meta().Equal(p.Meta()) && v != "" {
			t.Errorf("%q comes back as %v, body %q, %v", v, &back, back.RawBody(), err)
		}
	}
}

func TestParseFrame_BodyMemory(t *testing.T) {
	for _, tt := range []struct {
		name, member, body string
		shared             bool
	}{
		{"as it stands", `"body":"plain é"`, "plain é", true},
		{"with escapes", `"body":"a\nb"`, "a\nb", false},
		{"in base64", `"body_base64":"AP8="`, "\x00\xff", false},
	} {
		frame := frameOf(`{` + tt.member + `,"body_codec":115}`)
		p := packet.NewPacket()
		if err := framer().ParseFrame(frame, p); err != nil {
			t.Fatal(err)
		}
		raw := p.RawBody()
		if string(raw) != tt.body {
			t.Errorf("%s: body %q", tt.name, raw)
		}
		before := &raw[0]
		if p.Detach(); (before != &p.RawBody()[0]) != tt.shared {
			t.Errorf("%s: Detach copied the body, or did not: want a copy %v", tt.name, tt.shared)
		}
		clear(frame)
		if string(p.RawBody()) != tt.body {
			t.Errorf("%s: after the frame was overwritten the body is %q", tt.name, p.RawBody())
		}
		// A packet that is used again takes nothing of the earlier one along.
		if err := framer().ParseFrame(frameOf("{}"), p); err != nil || p.RawBody() != nil || p.BodyCodec() != 0 {
			t.Errorf("%s: used again: %v, body %q, %v", tt.name, p, p.RawBody(), err)
		}
	}
}

func TestParseFrame_Faults(t *testing.T) {
	for _, tt := range []struct {
		payload string
		class   packet.Class
		offset  int64
		says    string
	}{
		{`{"seq":"7"`, packet.ClassHeader, 10, "ends where"},
		{`{"uri":"/a" "ptype":1}`, packet.ClassHeader, 12, "a comma or }"},
		{`{"ptype":256}`, packet.ClassHeader, 9, "256 is not an integer from 0 to 255"},
		{`{"seq":"1","seq":"1"}`, packet.ClassHeader, 11, "a second member seq"},
		{`{"meta":{}}`, packet.ClassMeta, 8, "meta is not a string"},
		{`{"body_base64":"A"}`, packet.ClassHeader, 15, "base64"},
		{`{"x":"\udead"}`, packet.ClassHeader, 6, "surrogate"},
		{`{"x":` + strings.Repeat("[", 40), packet.ClassHeader, 36, "32 deep"},
	} {
		p := packet.NewPacket()
		err := framer().ParseFrame(frameOf(tt.payload), p)
		var pe *packet.Error
		if !errors.As(err, &pe) || pe.Class != tt.class || pe.Stage != packet.StagePayload || pe.Offset != tt.offset || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %s at %d with %q", tt.payload, err, tt.class, tt.offset, tt.says)
		}
		if p.Uri() != "" || p.Seq() != 0 || p.Size() != 0 {
			t.Errorf("%s: left in the packet: %v", tt.payload, p)
		}
	}
}

func TestPeers_OverJSON(t *testing.T) {
	server, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	tp.HandlePull(server.PullRouter, "/sum", func(_ tp.PullCtx, in *[]int) (int, *tp.Rerror) { return len(*in), nil })
	a, b := net.Pipe()
	if _, err := server.ServeConn(a, json.New); err != nil {
		t.Fatal(err)
	}
	sess, err := client.ServeConn(b, json.New)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if rerr := sess.Pull("/sum", []int{1, 2, 3}, &n, packet.WithXferPipe('g')).Rerror(); rerr != nil || n != 3 {
		t.Errorf("%d, %v", n, rerr)
	}
	if rerr := sess.Pull("/nowhere", nil, nil).Rerror(); rerr == nil || rerr.Code != tp.CodeNotFound {
		t.Errorf("%v, want 404", rerr)
	}
}
