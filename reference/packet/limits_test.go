package packet_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

func TestDefaultLimits_AreTheStandards(t *testing.T) {
	want := packet.Limits{MaxPacket: 4194304, MaxPayload: 4194304, MaxUri: 65536, MaxMeta: 65536, MaxMetaPairs: 1024}
	if got := packet.DefaultLimits(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSetReadLimit_Values(t *testing.T) {
	defer func() {
		if err := packet.SetReadLimit(packet.DefaultMaxPacket); err != nil {
			t.Fatal(err)
		}
	}()
	for _, n := range []uint32{24, 25, 1 << 20, math.MaxUint32} {
		if err := packet.SetReadLimit(n); err != nil || packet.ReadLimit() != n {
			t.Errorf("SetReadLimit(%d): %v, then %d", n, err, packet.ReadLimit())
		}
	}
	if got := packet.DefaultLimits(); got.MaxPacket != math.MaxUint32 || got.MaxPayload != packet.DefaultMaxPayload {
		t.Errorf("limits %+v: only MaxPacket follows", got)
	}
	if err := packet.SetReadLimit(1000); err != nil {
		t.Fatal(err)
	}
	var le *packet.LimitError
	for _, n := range []uint32{1, 10, 23} {
		if err := packet.SetReadLimit(n); !errors.As(err, &le) || le.Min != 24 || packet.ReadLimit() != 1000 {
			t.Errorf("SetReadLimit(%d): %v, then %d; want a *LimitError and no change", n, err, packet.ReadLimit())
		}
	}
	if err := packet.SetReadLimit(0); err != nil || packet.ReadLimit() != math.MaxUint32 {
		t.Errorf("SetReadLimit(0): %v, then %d", err, packet.ReadLimit())
	}
}

func TestLimits_Validate(t *testing.T) {
	var le *packet.LimitError
	for _, l := range []packet.Limits{{MaxPacket: 1}, {MaxPacket: 23}, {MaxMetaPairs: -1}} {
		if err := l.Validate(); !errors.As(err, &le) {
			t.Errorf("%+v: %v, want a *LimitError", l, err)
		}
	}
	if err := (packet.Limits{MaxPacket: 10}).Validate(); err.Error() != "packet: MaxPacket cannot be 10: the least is 24" {
		t.Errorf("got %v", err)
	}
	for _, l := range []packet.Limits{{}, {MaxPacket: 24}, {MaxUri: 1, MaxMeta: 1, MaxPayload: 1, MaxMetaPairs: 1}} {
		if err := l.Validate(); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

func TestError_TextAndChain(t *testing.T) {
	err := fmt.Errorf("session: %w", packet.FrameError(packet.ClassShort, 7, io.ErrUnexpectedEOF))
	var pe *packet.Error
	if !errors.As(err, &pe) || pe.Class != "short" || pe.Stage != "frame" || pe.Offset != 7 || pe.Op != "unpack" ||
		!errors.Is(err, io.ErrUnexpectedEOF) || packet.ClassOf(err) != packet.ClassShort {
		t.Errorf("got %#v", pe)
	}
	tests := map[string]error{
		"short at byte 7 of the frame: unexpected EOF": err,
		"unpack: header at byte 9 of the payload":      packet.PayloadError(packet.ClassHeader, 9, nil),
		"packet: pack: body: oops":                     packet.PackError(packet.ClassBody, errors.New("oops")),
	}
	for want, err := range tests {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not contain %q", err, want)
		}
	}
	if packet.ClassOf(io.EOF) != "" || packet.ClassOf(nil) != "" {
		t.Error("ClassOf of another error must be empty")
	}
	if s := packet.PackError(packet.ClassCodecUnknown, nil).Stage; s != packet.StageBody {
		t.Errorf("stage %q", s)
	}
}
