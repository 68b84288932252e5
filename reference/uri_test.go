package tp

import (
	"net/url"
	"testing"
)

func TestParseUri_PathAndQuery(t *testing.T) {
	tests := []struct{ uri, path, query string }{
		{"/group/home/test?peer_id=call-1", "/group/home/test", "peer_id=call-1"},
		{"/push/test?tag=from home-test", "/push/test", "tag=from home-test"},
		{"/a%20b?x=%zz", "/a b", "x=%zz"},
		{"/a/", "/a/", ""},
		{"a", "a", ""},
		{"", "", ""},
		{"//host/b", "/b", ""},
		{"tcp://host:1/a?b", "/a", "b"},
		{"/a#frag", "/a", ""},
		{"/a??b?c", "/a", "?b?c"},
		{"/世界", "/世界", ""},
		{"/a:b", "/a:b", ""},
		{"/./a/../b", "/./a/../b", ""},
	}
	for _, tt := range tests {
		path, query, err := parseUri(tt.uri)
		if err != nil || path != tt.path || query != tt.query {
			t.Errorf("%q gives %q %q %v, want %q %q", tt.uri, path, query, err, tt.path, tt.query)
		}
	}
	for _, uri := range []string{"/%zz", "/a\nb", "/a\x7f", "1:", "/%"} {
		if p, _, err := parseUri(uri); err == nil {
			t.Errorf("%q gives %q, want an error", uri, p)
		}
	}
}

// What the short way accepts, url.Parse must read the same.
func FuzzSplitPlainUri_AgreesWithURLParse(f *testing.F) {
	for _, s := range []string{"/a?b=c", "//a/b", "/a%41", "/a?%zz", "/a b", "/a#b", "/\xff?\xff", "/a;b?c;d", "/:", "/[::1]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		path, query, ok := splitPlainUri(uri)
		if !ok {
			return
		}
		u, err := url.Parse(uri)
		if err != nil || u.Path != path || u.RawQuery != query {
			t.Fatalf("%q: short way %q %q, url.Parse %v %v", uri, path, query, u, err)
		}
	})
}

func TestParseQuery_Tolerant(t *testing.T) {
	q := parseQuery("tag=from home-test&bad=%zz&peer_id=call+1")
	if q.Get("tag") != "from home-test" || q.Get("peer_id") != "call 1" || q.Has("bad") {
		t.Errorf("got %v", q)
	}
}

func TestParseUri_PlainTakesNoMemory(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { parseUri("/group/home/test?peer_id=call-1") }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
