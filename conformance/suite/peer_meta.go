package suite

import (
	"bytes"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

func metaPairs(keysAndValues ...string) []oracle.Pair {
	var out []oracle.Pair
	for i := 0; i+1 < len(keysAndValues); i += 2 {
		out = append(out, oracle.Pair{Key: []byte(keysAndValues[i]), Value: []byte(keysAndValues[i+1])})
	}
	return out
}

// peerMetaCases: metadata there and back.
func peerMetaCases(tg *Target) []runner.Case {
	returned := func(id, reqs, title string, sent []oracle.Pair) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			c := pull(0, "/conformance/meta", 'j', "null")
			c.meta = sent
			p := l.ask(c)
			if !samePairs(p.Meta, sent) {
				l.t.Fatalf("expected the metadata %q back, got %q", oracle.EncodeMeta(sent), oracle.EncodeMeta(p.Meta))
			}
		})
	}
	return []runner.Case{
		returned("meta-order", "TP-CONF-011 TP-SESS-032 TP-META-001 TP-META-003", "pairs keep their order and repeat",
			metaPairs("set", "0", "add", "1", "add", "2", "a", "", "add", "1")),
		returned("meta-case", "TP-META-002", "keys that differ in case are different keys", metaPairs("key", "1", "Key", "2", "KEY", "3")),
		returned("meta-bytes", "TP-META-005 TP-META-008", "any byte in key and value comes back",
			metaPairs("\x00&=%+ ~", "\xff\x80\r\n\t", "é", "日本🎉", "%41", "%zz")),
		returned("meta-empty-key", "TP-META-007", "a key may be empty where its value is not", metaPairs("", "v", "a", "1")),
		tg.service("meta-not-copied", "TP-SESS-021 TP-CONF-004",
			"a REPLY carries none of the PULL's metadata, and keys that nobody knows harm nothing", func(l *link) {
				c := pull(0, echo, 's', "x")
				c.meta = metaPairs("X-Nobody-Knows", "1", "a", "2")
				p := l.ask(c)
				l.success(p, 's', "x")
				if len(p.Meta) != 0 {
					l.t.Fatalf("expected no metadata in the REPLY, got %q", oracle.EncodeMeta(p.Meta))
				}
			}),
		tg.service("meta-undecodable", "TP-META-010 TP-META-011", "metadata with broken escapes fails nothing", func(l *link) {
			payload := oracle.Payload(0, oracle.Pull, []byte(echo), []byte("%=%4&&=&x%zz=+"), 's', []byte("x"))
			l.send(oracle.Frame(nil, payload))
			l.success(l.read(), 's', "x")
		}),
	}
}

func samePairs(a, b []oracle.Pair) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i].Key, b[i].Key) || !bytes.Equal(a[i].Value, b[i].Value) {
			return false
		}
	}
	return true
}
