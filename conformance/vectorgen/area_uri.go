package vectorgen

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// uriArea is the uri as bytes: a Proto neither parses nor cleans it.
func uriArea() *area {
	a := newArea("uri", "The uri: bytes that a Proto carries as they are. What a session makes of them is not judged here.", map[string]string{
		"NotUtf8":  "The uri is no UTF-8: kept in a text type that replaces bad bytes it comes back changed, and the reply's uri differs from the pull's.",
		"Control":  "The uri has control bytes: a C string ends at the first zero, a trimming reader loses white space.",
		"Escape":   "The uri has what a url library would escape, unescape, clean or cut: only the session may, and only for routing.",
		"LongUri":  "The uri is long: a length kept in 8 or 16 bits wraps.",
		"OverLong": "The uri is longer than the receiver's limit.",
	})
	put := func(what, uri string, names ...string) {
		a.good("bytes", reqs("TP-FAST-010", "TP-FAST-011", "TP-FAST-015"), "A uri of "+what+".", plain(7, oracle.Pull, uri, 's', "hey!"), flags(names...))
	}
	a.good("empty", reqs("TP-FAST-012"), "An empty uri.", plain(7, oracle.Pull, "", 's', "hey!"))
	put("one slash", "/")
	put("no slash", "group/home/test")
	put("a query", "/a/b?c=d&e=f")
	put("a fragment", "/a/b?c=d#frag", "Escape")
	put("a whole address", "http://u:p@host:80/p?q#f", "Escape")
	put("double slashes and dots", "//a/./b/../c//", "Escape")
	put("spaces", " /a b ?c=d e ", "Escape")
	put("percent escapes, good and bad", "/%61%2F%zz%4%", "Escape")
	put("a plus, an ampersand and an equals sign", "/a+b&c=d", "Escape")
	put("text beyond ASCII", "/日本/é?q=🎉", "Escape")
	put("quotes and backslashes", `/"a"\'b'`, "Escape")
	put("a zero byte in the middle", "/a\x00b", "Control")
	put("one zero byte", "\x00", "Control")
	put("control bytes", "/a\x01\x1f\x7f\r\n\t", "Control")
	put("white space at its ends", "\n/a\n", "Control")
	put("bytes that are no UTF-8", "/a\xff\xfe\x80", "NotUtf8")
	put("a cut UTF-8 sequence", "/\xe6\x97", "NotUtf8")
	put("an overlong and a surrogate sequence", "/\xc0\x80\xed\xa0\x80", "NotUtf8")
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	put("each byte value once", string(all), "NotUtf8", "Control")
	for _, n := range []int{127, 128, 255, 256, 300, 32767, 32768, 65535, 65536} {
		a.good("long", reqs("TP-FAST-011", "TP-LIM-003", "TP-LIM-005"), fmt.Sprintf("A uri of %d bytes; the default limit is 65,536.", n),
			plain(7, oracle.Pull, "/"+strings.Repeat("x", n-1), 's', "hey!"), flags("LongUri"))
	}
	for _, n := range []int{65537, 70000, 1 << 20} {
		a.bad("long", reqs("TP-LIM-003", "TP-LIM-005"), at(oracle.Limit, oracle.StagePayload, 9),
			fmt.Sprintf("A uri of %d bytes; the default limit is 65,536.", n),
			plain(7, oracle.Pull, "/"+strings.Repeat("x", n-1), 's', "hey!").wire(), flags("OverLong"))
	}
	a.refuses("long", reqs("TP-LIM-012"), at(oracle.Limit, oracle.StagePayload, 0), "A sender keeps to its own uri limit of 8 bytes.",
		plain(7, oracle.Pull, "/ninebyte", 's', "hey!").packet, limits(vectors.Limits{MaxUri: 8}), flags("OverLong"))
	return a
}

// typeArea is the packet type.
func typeArea() *area {
	a := newArea("type", "The packet type: a Proto carries any; a session ends on one that it does not know.", map[string]string{
		"UnknownType": "The type is none of PULL, REPLY and PUSH: a Proto that rejects it takes the verdict from the session, which must end with code 501.",
	})
	for _, c := range []struct {
		ptype byte
		name  string
	}{{1, "PULL"}, {2, "REPLY"}, {3, "PUSH"}} {
		a.good("known", reqs("TP-SESS-001", "TP-FAST-004"), c.name+" is packet type "+itoa(int(c.ptype))+".", plain(7, c.ptype, "/echo", 's', "hey!"))
	}
	for _, t := range []byte{0, 4, 5, 16, 127, 128, 254, 255} {
		a.good("unknown", reqs("TP-FAST-004"), "Packet type "+itoa(int(t))+" is carried like any other.", plain(7, t, "/echo", 's', "hey!"), flags("UnknownType"))
	}
	return a
}
