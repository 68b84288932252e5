package packet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// pairs writes the pairs of m with quotes, for comparing and for people.
func pairs(m *packet.Meta) string {
	var s []string
	m.VisitAll(func(k, v []byte) { s = append(s, fmt.Sprintf("%q=%q", k, v)) })
	return strings.Join(s, " ")
}

func TestMeta_Decode(t *testing.T) {
	tests := []struct{ query, pairs, again string }{
		{"", ``, ""},
		{"a=1&b=2", `"a"="1" "b"="2"`, "a=1&b=2"},
		{"a", `"a"=""`, "a"},
		{"a=", `"a"=""`, "a"},
		{"=a", `""="a"`, "=a"},
		{"=", ``, ""},
		{"==", `""="="`, "=%3D"},
		{"a=b=c", `"a"="b=c"`, "a=b%3Dc"},
		{"&&a=1&&b=2&&", `"a"="1" "b"="2"`, "a=1&b=2"},
		{"=&=", ``, ""},
		{"a=%41%4a%4A", `"a"="AJJ"`, "a=AJJ"},
		{"a=%", `"a"="%"`, "a=%25"},
		{"a=%%41", `"a"="%A"`, "a=%25A"},
		{"a=%4&b=%4", `"a"="%4" "b"="%4"`, "a=%254&b=%254"},
		{"a=%zz%4g1%z4", `"a"="%zz%4g1%z4"`, "a=%25zz%254g1%25z4"},
		{"a=%+", `"a"="% "`, "a=%25%20"},
		{"a=%e9%", `"a"="\xe9%"`, "a=%E9%25"},
		{"%=%", `"%"="%"`, "%25=%25"},
		{"+%2B+=+%2b+", `" + "=" + "`, "%20%2B%20=%20%2B%20"},
		{"a=1&a=2&A=3", `"a"="1" "a"="2" "A"="3"`, "a=1&a=2&A=3"},
		{"a=1;b=2", `"a"="1;b=2"`, "a=1%3Bb%3D2"},
		{"a=\x00\xff", `"a"="\x00\xff"`, "a=%00%FF"},
		{"a=~!'()*-._", `"a"="~!'()*-._"`, "a=%7E%21%27%28%29*-._"},
	}
	for _, tt := range tests {
		var m packet.Meta
		m.Add("left", "over")
		m.Parse(tt.query)
		if got := pairs(&m); got != tt.pairs {
			t.Errorf("%q: pairs %s, want %s", tt.query, got, tt.pairs)
		}
		if got := m.String(); got != tt.again {
			t.Errorf("%q: encodes as %q, want %q", tt.query, got, tt.again)
		}
	}
}

func TestMeta_EveryByteRoundTrips(t *testing.T) {
	var all []byte
	for i := range 256 {
		all = append(all, byte(i))
	}
	var m, back packet.Meta
	m.Add(string(all), string(all))
	back.ParseBytes(m.QueryString())
	if !m.Equal(&back) || back.Len() != 1 {
		t.Errorf("got %s", pairs(&back))
	}
	for _, c := range m.String() {
		if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._%=", c) {
			t.Errorf("%q is not escaped", c)
		}
	}
}

func TestMeta_Changes(t *testing.T) {
	tests := []struct {
		name  string
		do    func(m *packet.Meta)
		pairs string
		query string
	}{
		{"set twice", func(m *packet.Meta) { m.Set("a", "1"); m.Set("a", "2") }, `"a"="2"`, "a=2"},
		{"set the first of three", func(m *packet.Meta) { m.Add("a", "1"); m.Add("a", "2"); m.Add("b", "3"); m.Set("a", "9") },
			`"a"="9" "a"="2" "b"="3"`, "a=9&a=2&b=3"},
		{"set to empty", func(m *packet.Meta) { m.Set("a", "1"); m.Set("a", "") }, `"a"=""`, "a"},
		{"keys differ in case", func(m *packet.Meta) { m.Add("K", "1"); m.Set("k", "2") }, `"K"="1" "k"="2"`, "K=1&k=2"},
		{"del every match", func(m *packet.Meta) { m.Parse("a=1&a=2&b=4&a=3"); m.Del("a") }, `"b"="4"`, "b=4"},
		{"del nothing", func(m *packet.Meta) { m.Parse("a=1"); m.Del("z") }, `"a"="1"`, "a=1"},
		{"del all", func(m *packet.Meta) { m.Parse("a&a"); m.Del("a") }, ``, ""},
		{"empty pair first", func(m *packet.Meta) { m.Add("", ""); m.Add("a", "1") }, `""="" "a"="1"`, "a=1"},
		{"empty pair in the middle", func(m *packet.Meta) { m.Add("a", "1"); m.Add("", ""); m.Add("b", "2") },
			`"a"="1" ""="" "b"="2"`, "a=1&b=2"},
		{"empty pair last", func(m *packet.Meta) { m.Add("a", "1"); m.Add("", "") }, `"a"="1" ""=""`, "a=1"},
		{"empty key", func(m *packet.Meta) { m.Add("", "v") }, `""="v"`, "=v"},
		{"reset", func(m *packet.Meta) { m.Parse("a=1"); m.Reset() }, ``, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var m packet.Meta
			tt.do(&m)
			if got := pairs(&m); got != tt.pairs {
				t.Errorf("pairs %s, want %s", got, tt.pairs)
			}
			if got := string(m.AppendBytes([]byte("x"))); got != "x"+tt.query {
				t.Errorf("encodes as %q, want %q", got, "x"+tt.query)
			}
			if got, want := m.EncodedPairs(), strings.Count(tt.query, "&")+min(1, len(tt.query)); got != want {
				t.Errorf("EncodedPairs %d, want %d", got, want)
			}
		})
	}
}

func TestMeta_Peek(t *testing.T) {
	var m packet.Meta
	m.Parse("a=1&a=2&empty")
	if got := m.PeekString("a"); got != "1" {
		t.Errorf("Peek a = %q, want the first", got)
	}
	if m.Peek("none") != nil || m.Has("none") || m.Has("A") {
		t.Error("a key that is not there is found")
	}
	if m.Peek("empty") != nil || !m.Has("empty") {
		t.Error("an empty value: Peek must be nil and Has true")
	}
	if m.Len() != 3 {
		t.Errorf("Len %d, want 3", m.Len())
	}
}

func TestMeta_PairLimitIsExact(t *testing.T) {
	var m packet.Meta
	query := []byte("&a&=&b=1&&c")
	if err := m.ParseLimit(query, 3); err != nil || m.Len() != 3 {
		t.Errorf("3 of 3: %v, Len %d; empty pairs must not count", err, m.Len())
	}
	if err := m.ParseLimit(query, 2); !errors.Is(err, packet.ErrTooManyPairs) || m.Len() != 0 {
		t.Errorf("3 of 2: %v, Len %d; want ErrTooManyPairs and nothing", err, m.Len())
	}
	if err := m.ParseLimit(nil, 0); err != nil {
		t.Errorf("0 of 0: %v", err)
	}
}

// What Peek gave out must stay as it was, whatever is set afterwards.
func TestMeta_SlicesGivenOutStay(t *testing.T) {
	var m packet.Meta
	m.Set("k", "first")
	first := m.Peek("k")
	for i := range 5000 {
		m.Set("k", fmt.Sprint("value ", i))
	}
	if string(first) != "first" || m.PeekString("k") != "value 4999" {
		t.Errorf("old %q, new %q", first, m.Peek("k"))
	}
	got := append(m.Peek("k"), "!!!!"...)
	m.Add("l", "next")
	if m.PeekString("l") != "next" || string(got) != "value 4999!!!!" {
		t.Error("appending to a slice given out reaches into the Meta")
	}
}

func TestMeta_CopyTo(t *testing.T) {
	var m, c packet.Meta
	m.Parse("a=1&b=2")
	c.Parse("old=1")
	m.CopyTo(&c)
	m.Set("a", "9")
	m.Reset()
	m.Parse("zzzzzzzzz=9")
	if got := pairs(&c); got != `"a"="1" "b"="2"` {
		t.Errorf("the copy is %s", got)
	}
	c.CopyTo(&c)
	if c.Len() != 2 {
		t.Error("a copy onto itself loses pairs")
	}
}

func TestMeta_Equal(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"", "", true}, {"a=1&b", "a=1&b", true}, {"a=1&b", "b&a=1", false}, {"a=1", "a=2", false},
		{"a=1", "b=1", false}, {"a", "a&a", false}, {"ab=c", "a=bc", false},
	}
	for _, tt := range tests {
		var a, b packet.Meta
		a.Parse(tt.a)
		b.Parse(tt.b)
		if a.Equal(&b) != tt.want || b.Equal(&a) != tt.want {
			t.Errorf("%q and %q: equal must be %t", tt.a, tt.b, tt.want)
		}
	}
}

func TestMeta_ParseDoesNotKeepItsInput(t *testing.T) {
	query := []byte("key=value")
	var m packet.Meta
	m.ParseBytes(query)
	clear(query)
	if got := pairs(&m); got != `"key"="value"` {
		t.Errorf("got %s", got)
	}
}
