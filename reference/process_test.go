package tp

import (
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

func TestSetReadLimit_RefusesWhatNoPacketFits(t *testing.T) {
	old := GetReadLimit()
	t.Cleanup(func() {
		if err := SetReadLimit(old); err != nil {
			t.Error(err)
		}
	})
	if old != 4<<20 {
		t.Errorf("default limit %d, want 4 MiB", old)
	}
	for _, n := range []uint32{1, 10, 23} { // 10 is what the design document tries
		if err := SetReadLimit(n); err == nil || GetReadLimit() != old {
			t.Errorf("SetReadLimit(%d) gives %v, limit %d", n, err, GetReadLimit())
		}
	}
	if err := SetReadLimit(24); err != nil || GetReadLimit() != 24 {
		t.Errorf("SetReadLimit(24) gives %v, limit %d", err, GetReadLimit())
	}
	if err := SetReadLimit(0); err != nil || GetReadLimit() != 1<<32-1 {
		t.Errorf("SetReadLimit(0) gives %v, limit %d", err, GetReadLimit())
	}
}

func TestSetDefaultProtoFunc_NilIsFast(t *testing.T) {
	if _, name := DefaultProtoFunc()(nil).Version(); name != "fast" {
		t.Errorf("default Proto is %q", name)
	}
	SetDefaultProtoFunc(nil)
	if id, _ := DefaultProtoFunc()(nil).Version(); id != 'f' {
		t.Errorf("nil gives the Proto %q", id)
	}
}

func TestPackets_FromThePoolAreEmpty(t *testing.T) {
	p := GetPacket(packet.WithUri("/a"), packet.WithPtype(packet.TypePush))
	if p.Uri() != "/a" || TypeText(p.Ptype()) != "PUSH" || TypeText(9) != "Undefined" {
		t.Errorf("got %v", p)
	}
	PutPacket(p)
	if q := GetPacket(); q.Uri() != "" || q.Ptype() != packet.TypeUndefined {
		t.Errorf("the pool gave %v", q)
	}
}
