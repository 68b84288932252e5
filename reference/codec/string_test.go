package codec_test

import (
	"testing"

	"github.com/henrylee2cn/teleport/reference/codec"
)

type (
	named      string
	namedBytes []byte
)

func ptr[T any](v T) *T { return &v }

func TestString_Marshal(t *testing.T) {
	tests := []struct {
		name string
		v    any
		want string
		ok   bool
	}{
		{"string", "h\xffi", "h\xffi", true},
		{"empty", "", "", true},
		{"bytes", []byte{0, 1, 255}, "\x00\x01\xff", true},
		{"nil", nil, "", true},
		{"pointer", ptr("héllo\x00"), "héllo\x00", true},
		{"bytes pointer", ptr([]byte("b")), "b", true},
		{"nil pointer", (*string)(nil), "", true},
		{"nil pointer to pointer", (**string)(nil), "", true},
		{"named", named("n"), "n", true},
		{"named bytes", ptr(namedBytes("nb")), "nb", true},
		{"int", 1, "", false},
		{"struct", struct{}{}, "", false},
		{"runes", []rune("x"), "", false},
		{"nil *int", (*int)(nil), "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := codec.String{}.AppendMarshal([]byte("-"), tt.v)
			if (err == nil) != tt.ok || string(got) != "-"+tt.want {
				t.Errorf("got %q, %v; want %q, ok=%t", got, err, "-"+tt.want, tt.ok)
			}
		})
	}
}

func TestString_Unmarshal(t *testing.T) {
	data := []byte("h\xff\x00i")
	var (
		s  string
		b  []byte
		a  any
		n  named
		nb namedBytes
		p  *string
		pp **namedBytes
	)
	for _, v := range []any{&s, &b, &a, &n, &nb, &p, &pp} {
		if err := (codec.String{}).Unmarshal(data, v); err != nil {
			t.Errorf("%T: %v", v, err)
		}
	}
	clear(data)
	const want = "h\xff\x00i"
	if s != want || string(b) != want || a != any(want) || string(n) != want || string(nb) != want ||
		p == nil || *p != want || pp == nil || string(**pp) != want {
		t.Errorf("after the input was overwritten: %q %q %q %q %q", s, b, a, n, nb)
	}
}

func TestString_UnmarshalRefuses(t *testing.T) {
	var i int
	var pi *int
	for _, v := range []any{nil, "s", &i, &pi, (*string)(nil), (*[]byte)(nil), (*any)(nil), (*named)(nil), struct{}{}} {
		if err := (codec.String{}).Unmarshal([]byte("1"), v); err == nil {
			t.Errorf("%T: want an error", v)
		}
	}
	if pi != nil {
		t.Error("a refused target was changed")
	}
}

func TestString_MarshalOwnsItsMemory(t *testing.T) {
	in := []byte("abc")
	out, err := codec.String{}.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	clear(in)
	if string(out) != "abc" {
		t.Errorf("the encoding changed with its input: %q", out)
	}
}
