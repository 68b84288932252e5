package message_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/henrylee2cn/teleport/perf/message"
)

func TestNew_Is581Bytes(t *testing.T) {
	m := message.New()
	for _, n := range []int{0, 1, 99999, 1 << 20, 1<<40 + 7} {
		if got := proto.Size(m); got != message.Size {
			t.Errorf("stamped for %d: %d bytes, want %d", n, got, message.Size)
		}
		if got := m.SizeVT(); got != message.Size {
			t.Errorf("stamped for %d: SizeVT %d, want %d", n, got, message.Size)
		}
		message.Stamp(m, n, n)
	}
}

func TestCodecs_AgreeOnTheBytes(t *testing.T) {
	m := message.New()
	message.Stamp(m, 3, 4)
	b, err := m.MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	var back message.BenchmarkMessage
	if err := proto.Unmarshal(b, &back); err != nil || !proto.Equal(m, &back) {
		t.Fatalf("vtprotobuf's bytes read by protobuf: %v, got %v", err, &back)
	}
}

func TestCheck_RightReply(t *testing.T) {
	request := message.New()
	message.Stamp(request, 5, 6)
	reply := proto.Clone(request).(*message.BenchmarkMessage)
	message.Handle(reply)
	if err := message.Check(request, reply); err != nil {
		t.Error(err)
	}
}

func TestCheck_RefusesWhatIsNoReply(t *testing.T) {
	request := message.New()
	if err := message.Check(request, nil); err == nil {
		t.Error("no reply: accepted")
	}
	if err := message.Check(request, proto.Clone(request).(*message.BenchmarkMessage)); err != message.ErrHandled {
		t.Errorf("an unhandled message: %v, want ErrHandled", err)
	}
	other := proto.Clone(request).(*message.BenchmarkMessage)
	message.Stamp(other, 1, 2)
	message.Handle(other)
	if err := message.Check(request, other); err == nil || !strings.Contains(err.Error(), "another call") {
		t.Errorf("another call's reply: %v", err)
	}
}

// Every field counts: a reply without it is refused.
func TestCheck_MissesNoField(t *testing.T) {
	request := message.New()
	fields := request.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if f.Cardinality() == protoreflect.Repeated {
			continue
		}
		reply := proto.Clone(request).(*message.BenchmarkMessage)
		message.Handle(reply)
		reply.ProtoReflect().Clear(f)
		if message.Check(request, reply) == nil {
			t.Errorf("%s: a reply without it is accepted", f.Name())
		}
	}
}
