package fuzz

import (
	"encoding/json"
	"errors"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// The types that bodies are decoded into, ordinary ones first.
type (
	named  string
	number int8
	flat   struct {
		A int8    `json:"a"`
		B uint64  `json:"b,string"`
		C float32 `json:"c,omitempty"`
		D []byte  `json:"d"`
		E *bool   `json:"e"`
		F named
		G [3]number
	}
	tree struct {
		Name  string           `json:"name"`
		Kids  []*tree          `json:"kids"`
		ByKey map[string]*tree `json:"by_key"`
		Any   any              `json:"any"`
		flat
	}
	// refusing is a type whose decoder always fails; closed an interface that nothing fits.
	refusing struct{}
	closed   interface{ Never() }
)

var errRefusing = errors.New("this type takes no value")

// UnmarshalJSON implements json.Unmarshaler.
func (*refusing) UnmarshalJSON([]byte) error { return errRefusing }

// oldMessage is what github.com/golang/protobuf made of a message.
type oldMessage struct {
	Text string   `protobuf:"bytes,1,opt,name=text"`
	Nums []int32  `protobuf:"varint,2,rep,packed,name=nums"`
	Raw  [][]byte `protobuf:"bytes,3,rep,name=raw"`
}

func (m *oldMessage) Reset()         { *m = oldMessage{} }
func (m *oldMessage) String() string { return m.Text }
func (*oldMessage) ProtoMessage()    {}

// vtMerging has the methods that vtprotobuf generates; what it decodes it merges into what is there.
type vtMerging struct{ m wrapperspb.BytesValue }

func (v *vtMerging) Reset() { v.m.Reset() }

// UnmarshalVT merges.
func (v *vtMerging) UnmarshalVT(b []byte) error {
	return proto.UnmarshalOptions{Merge: true}.Unmarshal(b, &v.m)
}

// SizeVT gives how many bytes MarshalToSizedBufferVT writes.
func (v *vtMerging) SizeVT() int { return proto.Size(&v.m) }

// MarshalToSizedBufferVT writes to the end of b, as vtprotobuf does.
func (v *vtMerging) MarshalToSizedBufferVT(b []byte) (int, error) {
	out, err := proto.Marshal(&v.m)
	return copy(b[len(b)-len(out):], out), err
}

// vtPlain has fewer of these methods: no Reset, and an encoder with memory of its own.
type vtPlain struct{ m wrapperspb.StringValue }

// UnmarshalVT decodes.
func (v *vtPlain) UnmarshalVT(b []byte) error { return proto.Unmarshal(b, &v.m) }

// MarshalVT encodes.
func (v *vtPlain) MarshalVT() ([]byte, error) { return proto.Marshal(&v.m) }

// receivers make the pointers that bodies are decoded into. Those from hostile on have no encoding, or only for some
// values.
func receivers() (list []func() any, hostile int) {
	list = []func() any{
		func() any { return new(any) },
		func() any { return new(map[string]any) },
		func() any { return new(tree) },
		func() any { return new(flat) },
		func() any { return new([]int) },
		func() any { return new([3]uint16) },
		func() any { return new(string) },
		func() any { return new([]byte) },
		func() any { return new(named) },
		func() any { return new(**number) },
		func() any { return new(json.RawMessage) },
		func() any { return new(float64) },
		func() any { return new(map[int8]bool) },
		func() any { return new([][]any) },
		func() any { return new(*string) },
		func() any { return new(emptypb.Empty) },
		func() any { return new(wrapperspb.BytesValue) },
		func() any { return new(wrapperspb.StringValue) },
		func() any { return new(structpb.Struct) },
		func() any { return new(anypb.Any) },
		func() any { return new(descriptorpb.FileDescriptorProto) },
		func() any { return new(struct{}) },
		func() any { return new(oldMessage) },
		func() any { v := new(vtMerging); v.m.Value = []byte("was there"); return v },
		func() any { return new(vtPlain) },
	}
	hostile = len(list)
	list = append(list,
		func() any { return new(json.Number) },
		func() any { return new(refusing) },
		func() any { return new(closed) },
		func() any { return new(chan int) },
		func() any { return new(func()) },
		func() any { return new(map[any]int) },
		func() any { return new(complex128) },
		func() any { return (*tree)(nil) },
		func() any { return tree{} },
		func() any { return nil },
		func() any { return new(*wrapperspb.BytesValue) },
		func() any { m := wrapperspb.String("was there"); return &m },
		func() any { return (*emptypb.Empty)(nil) },
		func() any { return (*vtPlain)(nil) })
	return list, hostile
}
