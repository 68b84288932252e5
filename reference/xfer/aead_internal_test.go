package xfer

import (
	"encoding/binary"
	"errors"
	"testing"
)

func testKey(id uint32) Key { return Key{Id: id, Secret: make([]byte, KeyLen)} }

// The last counter is used, and then no more, however often one tries.
func TestAEAD_KeyUsedUp(t *testing.T) {
	a, err := NewAESGCM(AEADOptions{Sender: 1, Keys: []Key{testKey(1), testKey(2)}})
	if err != nil {
		t.Fatal(err)
	}
	if a.max != 1<<32 {
		t.Fatalf("a key seals %d packets, want 2^32", a.max)
	}
	a.ring.list()[0].sealed.Store(1<<32 - 2)
	for _, want := range []uint32{1<<32 - 2, 1<<32 - 1} {
		s, err := a.OnPack(nil)
		if err != nil || binary.BigEndian.Uint32(s[16:]) != want {
			t.Fatalf("%x, %v; want the counter %#x", s, err, want)
		}
	}
	for range 3 {
		if s, err := a.AppendPack([]byte("kept"), []byte("p")); !errors.Is(err, ErrKeyUsedUp) || string(s) != "kept" {
			t.Fatalf("%x, %v; want ErrKeyUsedUp and the slice as it was", s, err)
		}
	}
	if a.Sealed() != 1<<32 {
		t.Errorf("%d sealed", a.Sealed())
	}
	if err := a.Use(2); err != nil {
		t.Fatal(err)
	}
	if _, err := a.OnPack(nil); err != nil {
		t.Errorf("after a rotation: %v", err)
	}
}
