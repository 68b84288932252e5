package tp

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func logged(t *testing.T, cfg runlogConfig, l callLog) string {
	t.Helper()
	lines := captureLog(t)
	logCall(&cfg, l)
	if len(lines.lines) != 1 {
		t.Fatalf("logged %q, want one line", lines.lines)
	}
	return lines.lines[0]
}

func sized(p *packet.Packet, size uint32) *packet.Packet { p.SetSize(size); return p }

func TestRunlog_Forms(t *testing.T) {
	out := sized(packet.NewPacket(packet.WithBodyCodec(codec.JSONId), packet.WithBody(map[string]int{"a": 1})), 79)
	in := packet.NewPacket(packet.WithBodyCodec(codec.JSONId), packet.WithSetMeta(MetaRerrorKey, `{"code":404}`))
	in.SetRawBody([]byte(`[1,"x"]`), 0)
	in.SetSize(127)
	base := callLog{ip: "127.0.0.1:9", seq: 3, uri: "/a?b", cost: 5 * time.Millisecond, in: in, out: out}
	uri := "uri: /a?b" + strings.Repeat(" ", 26) + " |\n"
	with := func(kind string) callLog { l := base; l.kind = kind; return l }
	tests := []struct {
		cfg  runlogConfig
		call callLog
		want string
	}{
		{runlogConfig{}, with(logPullLaunch), "INFO [pull-launch] remote-ip: 127.0.0.1:9 | seq: 3 | " + uri +
			"SEND:\n size: 79\nRECV:\n size: 127\n status: {\"code\":404}\n"},
		{runlogConfig{countTime: true, printBody: true}, with(logPullLaunch), "INFO [pull-launch] remote-ip: 127.0.0.1:9 | seq: 3 | cost-time: 5ms | " + uri +
			"SEND:\n size: 79\n body-json: {\n   \"a\": 1\n }\nRECV:\n size: 127\n status: {\"code\":404}\n body-json: [\n   1,\n   \"x\"\n ]\n"},
		{runlogConfig{countTime: true, slow: 5 * time.Millisecond}, with(logPullHandle), "WARN [pull-handle] remote-ip: 127.0.0.1:9 | seq: 3 | cost-time: 5ms(slow) | " + uri +
			"RECV:\n size: 127\nSEND:\n size: 79\n status: \n"},
		{runlogConfig{slow: 1}, with(logPushLaunch), "INFO [push-launch] remote-ip: 127.0.0.1:9 | seq: 3 | " + uri + "SEND:\n size: 79\n"},
		{runlogConfig{countTime: true, slow: time.Second}, with(logPushHandle), "INFO [push-handle] remote-ip: 127.0.0.1:9 | seq: 3 | cost-time: 5ms | " + uri + "RECV:\n size: 127\n"},
	}
	for _, tt := range tests {
		if got := logged(t, tt.cfg, tt.call); got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
	local := callLog{kind: logPullLaunch, uri: "/a", out: out, rerr: NewRerror(102, "Connection Closed", "")}
	if got := logged(t, runlogConfig{}, local); !strings.Contains(got, "RECV:\n status: {\"code\":102,") {
		t.Errorf("a local error is not shown: %q", got)
	}
	if got := logged(t, runlogConfig{printBody: true}, callLog{kind: logPushHandle, uri: "/a"}); strings.Contains(got, "RECV") {
		t.Errorf("shows a packet that is not there: %q", got)
	}
}

func TestRunlog_NothingForgesALine(t *testing.T) {
	in := packet.NewPacket(packet.WithBodyCodec(codec.StringId), packet.WithSetMeta(MetaRerrorKey, "x\n[INFO] forged"))
	in.SetRawBody([]byte("a\n[INFO] forged\x1b[2J"), 0)
	got := logged(t, runlogConfig{printBody: true}, callLog{kind: logPullLaunch, uri: "/a\n[INFO] forged", in: in})
	if strings.Contains(got, "\n[INFO]") || strings.Contains(got, "\x1b") || strings.Count(got, `\n[INFO] forged`) != 3 {
		t.Errorf("logged %q", got)
	}
}

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("no") }

type refuses struct{ C chan int }

func TestBodyText_Forms(t *testing.T) {
	str, bytes, raw := "s", []byte("b"), packet.RawBody("{}")
	var nilStr *string
	tests := []struct {
		codec  byte
		body   any
		want   string
		isJSON bool
	}{
		{'j', nil, "", false}, {'s', "a\tb", `a\tb`, false}, {'s', &str, "s", false}, {'s', nilStr, "null", true},
		{'j', "a", `"a"`, true}, {'j', []byte("{x"), "{x", false}, {'j', &bytes, "b", false},
		{'j', raw, "{}", true}, {'j', &raw, "{}", true}, {'x', raw, "{}", false},
		{'j', struct{ A []int }{}, "{\n   \"A\": null\n }", true},
		{'j', panics{}, "(tp.panics cannot be shown: panic: no)", false},
		{'j', refuses{}, "(tp.refuses cannot be shown: json: unsupported type: chan int)", false},
		{'j', json.RawMessage("{"), "(json.RawMessage cannot be shown: json: error calling MarshalJSON for type json.RawMessage: unexpected end of JSON input)", false},
	}
	for _, tt := range tests {
		got, isJSON := bodyText(packet.NewPacket(packet.WithBodyCodec(tt.codec), packet.WithBody(tt.body)))
		if got != tt.want || isJSON != tt.isJSON {
			t.Errorf("%T %v under %q: %q %v, want %q %v", tt.body, tt.body, tt.codec, got, isJSON, tt.want, tt.isJSON)
		}
	}
}

func TestBodyText_IsBounded(t *testing.T) {
	long := strings.Repeat("世", 1<<16)
	for _, body := range []any{long, []byte(long), map[string]string{"k": long}, packet.RawBody(`"` + long + `"`), packet.RawBody(long), strings.Repeat("\x00", 1<<16)} {
		for _, c := range []byte{'j', 's', 'x'} {
			text, _ := bodyText(packet.NewPacket(packet.WithBodyCodec(c), packet.WithBody(body)))
			if len(text) > maxLogBody+40 || !strings.HasSuffix(text, " bytes in all)") {
				t.Errorf("%T under %q takes %d bytes and ends with %q", body, c, len(text), text[max(0, len(text)-30):])
			}
		}
	}
}

// The log shows a body as it came, whatever its handler does with the bytes that
// it is given.
func TestRunlog_BodyIsNotTheHandlers(t *testing.T) {
	for _, size := range []int{100, inlineBody + 1, 600 << 10} { // decoded by the reader, by the handler, in the buffer it came in
		lines := captureLog(t)
		inBubble(t, PeerConfig{PrintBody: true}, func(r *rig) {
			r.srv.PullRouter.RegFunc("/spoil", func(b *[]byte) (any, *Rerror) {
				for i := range *b {
					(*b)[i] = 'b'
				}
				return nil, nil
			})
			cli, sess := r.dial(PeerConfig{DefaultBodyCodec: "string"})
			defer cli.Close()
			if rerr := sess.Pull("/spoil", bytes.Repeat([]byte("a"), size), nil).Rerror(); rerr != nil {
				t.Fatal(rerr)
			}
		})
		got := lines.with("pull-handle")
		if len(got) != 1 || !strings.Contains(got[0], "aaaaaaaa") || strings.Contains(got[0], "bbbbbbbb") {
			t.Errorf("%d bytes: %d lines, %.300q", size, len(got), got)
		}
	}
}
