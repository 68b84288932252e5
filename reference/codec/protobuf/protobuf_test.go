package protobuf_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/henrylee2cn/teleport/reference/codec/protobuf"
)

// oldMessage is a message of github.com/golang/protobuf's first generation.
type oldMessage struct {
	A int32  `protobuf:"varint,1,opt,name=a,proto3"`
	B int32  `protobuf:"varint,2,opt,name=b,proto3"`
	C []byte `protobuf:"bytes,3,opt,name=c,proto3"`
}

func (m *oldMessage) Reset()         { *m = oldMessage{} }
func (m *oldMessage) String() string { return fmt.Sprint(m.A, m.B) }
func (*oldMessage) ProtoMessage()    {}

// vtMessage has the methods that vtprotobuf generates; its format is one
// field of bytes.
type vtMessage struct {
	data   []byte
	resets int
	wrong  int // added to what it reports to have written
	fail   error
}

func (m *vtMessage) Reset()      { m.data, m.resets = nil, m.resets+1 }
func (m *vtMessage) SizeVT() int { return len(m.data) }
func (m *vtMessage) MarshalToSizedBufferVT(b []byte) (int, error) {
	return copy(b, m.data) + m.wrong, m.fail
}
func (m *vtMessage) UnmarshalVT(b []byte) error {
	m.data = append(m.data, b...) // merges, as the real ones do
	return m.fail
}

func TestCodec_Encodings(t *testing.T) {
	tests := []struct {
		name string
		v    any
		want []byte
	}{
		{"v1", &oldMessage{A: 10, B: 2}, []byte{0x08, 0x0a, 0x10, 0x02}},
		{"v1 zero", &oldMessage{}, nil},
		{"v1 negative", &oldMessage{A: -1, B: 1<<31 - 1},
			[]byte("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\xff\xff\xff\xff\x07")},
		{"v1 nil", (*oldMessage)(nil), nil},
		{"v2", wrapperspb.String("hi"), []byte("\x0a\x02hi")},
		{"v2 nil", (*wrapperspb.StringValue)(nil), nil},
		{"vt", &vtMessage{data: []byte("vt")}, []byte("vt")},
		{"nil", nil, nil},
		{"struct{}", struct{}{}, nil},
		{"*struct{}", new(struct{}), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := protobuf.Codec{}.AppendMarshal([]byte("--"), tt.v)
			if err != nil || !bytes.Equal(got, append([]byte("--"), tt.want...)) {
				t.Errorf("got %x, %v; want %x after two dashes", got, err, tt.want)
			}
		})
	}
}

func TestCodec_RoundTrips(t *testing.T) {
	c := protobuf.Codec{}
	v1 := &oldMessage{A: 9, C: []byte("old")}
	b, err := c.Marshal(&oldMessage{A: 1, B: -2, C: []byte("new")})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Unmarshal(b, v1); err != nil || v1.A != 1 || v1.B != -2 || string(v1.C) != "new" {
		t.Errorf("v1: %v %q, %v", v1, v1.C, err)
	}
	clear(b)
	if string(v1.C) != "new" {
		t.Errorf("the decoded bytes changed with the input: %q", v1.C)
	}
	var filled *wrapperspb.StringValue
	if err := c.Unmarshal([]byte("\x0a\x02hi"), &filled); err != nil || filled.GetValue() != "hi" {
		t.Errorf("pointer to a nil message pointer: %v, %v", filled, err)
	}
	if err := c.Unmarshal([]byte("\x0a\x02ho"), &filled); err != nil || filled.GetValue() != "ho" {
		t.Errorf("pointer to a message pointer: %v, %v", filled, err)
	}
	vt := &vtMessage{data: []byte("old")}
	if err := c.Unmarshal([]byte("new"), vt); err != nil || string(vt.data) != "new" || vt.resets != 1 {
		t.Errorf("vt: %q after %d resets, %v; want the old content gone", vt.data, vt.resets, err)
	}
	fresh := new(vtMessage)
	if err := c.Unmarshal([]byte("new"), fresh); err != nil || string(fresh.data) != "new" || fresh.resets != 0 {
		t.Errorf("fresh: %q after %d resets, %v; there was nothing to reset", fresh.data, fresh.resets, err)
	}
	if err := c.Unmarshal([]byte("\x08\x01"), new(struct{})); err != nil {
		t.Errorf("struct{}: %v; unknown fields are skipped", err)
	}
}

func TestCodec_Refuses(t *testing.T) {
	c := protobuf.Codec{}
	for _, v := range []any{"string", 1, struct{ A int }{}, []byte("x")} {
		if _, err := c.Marshal(v); err == nil {
			t.Errorf("Marshal %T: want an error", v)
		}
	}
	s := "x"
	for _, v := range []any{nil, s, &s, (*oldMessage)(nil), (*wrapperspb.StringValue)(nil), (*vtMessage)(nil)} {
		if err := c.Unmarshal([]byte{8, 1}, v); err == nil {
			t.Errorf("Unmarshal into %T: want an error", v)
		}
	}
	for _, v := range []any{new(oldMessage), new(wrapperspb.StringValue), new(struct{})} {
		if err := c.Unmarshal([]byte{0xff}, v); err == nil {
			t.Errorf("broken bytes into %T: want an error", v)
		}
	}
	var p *oldMessage
	if err := c.Unmarshal([]byte{0xff}, &p); err == nil || p != nil {
		t.Errorf("broken bytes into **oldMessage: %v, target %v; want an error and nil", err, p)
	}
}

func TestCodec_VTFaults(t *testing.T) {
	boom := errors.New("boom")
	if got, err := (protobuf.Codec{}).AppendMarshal([]byte("k"), &vtMessage{fail: boom}); !errors.Is(err, boom) || string(got) != "k" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := (protobuf.Codec{}).Marshal(&vtMessage{data: []byte("a"), wrong: -1}); err == nil || !strings.Contains(err.Error(), "size") {
		t.Errorf("a wrong count: %v, want an error about the size", err)
	}
}

// vtPlain has MarshalVT alone.
type vtPlain struct{ fail error }

func (m *vtPlain) MarshalVT() ([]byte, error) { return []byte("vt"), m.fail }

func TestCodec_VTWithoutSize(t *testing.T) {
	c := protobuf.Codec{}
	if got, err := c.AppendMarshal([]byte("-"), new(vtPlain)); err != nil || string(got) != "-vt" {
		t.Errorf("got %q, %v", got, err)
	}
	boom := errors.New("boom")
	if got, err := c.AppendMarshal([]byte("-"), &vtPlain{fail: boom}); !errors.Is(err, boom) || string(got) != "-" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := c.Marshal((*vtPlain)(nil)); err != nil || len(got) != 0 {
		t.Errorf("nil: %q, %v", got, err)
	}
	if c.Id() != 'p' || c.Name() != "protobuf" {
		t.Errorf("id %d, name %q", c.Id(), c.Name())
	}
}

func TestCodec_InvalidUTF8IsRefused(t *testing.T) {
	if got, err := (protobuf.Codec{}).AppendMarshal([]byte("-"), wrapperspb.String("\xff")); err == nil || string(got) != "-" {
		t.Errorf("got %q, %v; proto3 strings are UTF-8", got, err)
	}
}

func TestCodec_MapsAreDeterministic(t *testing.T) {
	fields := make(map[string]any)
	for i := range 20 {
		fields[fmt.Sprint("k", i)] = i
	}
	m, err := structpb.NewStruct(fields)
	if err != nil {
		t.Fatal(err)
	}
	first, err := protobuf.Codec{}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, _ := (protobuf.Codec{}).Marshal(m); !bytes.Equal(first, again) {
			t.Fatal("the same message gives other bytes")
		}
	}
}

func Example() {
	c := protobuf.Codec{}
	b, err := c.Marshal(wrapperspb.String("hi"))
	fmt.Printf("%x %v\n", b, err)

	var got wrapperspb.StringValue
	err = c.Unmarshal(b, &got)
	fmt.Println(got.GetValue(), err)
	// Output:
	// 0a026869 <nil>
	// hi <nil>
}
