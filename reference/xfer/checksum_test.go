package xfer_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Check values of CRC-32C, RFC 3720 appendix B.4 among them, big-endian.
func TestCrc32c_KnownValues(t *testing.T) {
	up, down := make([]byte, 32), make([]byte, 32)
	for i := range up {
		up[i], down[31-i] = byte(i), byte(i)
	}
	for _, tt := range []struct {
		data []byte
		sum  string
	}{
		{nil, "00000000"},
		{[]byte("123456789"), "e3069283"},
		{make([]byte, 32), "8a9136aa"},
		{bytes.Repeat([]byte{0xff}, 32), "62a8ab43"},
		{up, "46dd794e"},
		{down, "113fdb5c"},
	} {
		packed := must(filter(t, 'c').OnPack(tt.data))
		if want := append(bytes.Clone(tt.data), unhex(t, tt.sum)...); !bytes.Equal(packed, want) {
			t.Errorf("%x: packed to %x, want %x", tt.data, packed, want)
		}
		if got, err := filter(t, 'c').OnUnpack(packed); err != nil || !bytes.Equal(got, tt.data) {
			t.Errorf("%x: %x, %v", tt.data, got, err)
		}
	}
}

func TestCrc32c_EveryTruncationAndCorruption(t *testing.T) {
	for _, data := range []string{"", "a", "some data that is checked"} {
		packed := must(filter(t, 'c').OnPack([]byte(data)))
		for n := range packed {
			if _, err := filter(t, 'c').OnUnpack(packed[:n]); err == nil {
				t.Errorf("%q cut to %d: want an error", data, n)
			}
			for bit := range 8 {
				bad := bytes.Clone(packed)
				bad[n] ^= 1 << bit
				if _, err := filter(t, 'c').OnUnpack(bad); err == nil {
					t.Errorf("%q, bit %d of byte %d: want an error", data, bit, n)
				}
			}
		}
		if _, err := filter(t, 'c').OnUnpack(append(bytes.Clone(packed), 1)); err == nil {
			t.Errorf("%q and one byte more: want an error", data)
		}
	}
}

func TestCrc32c_LimitBeforeChecksum(t *testing.T) {
	f := filter(t, 'c').(xfer.Bounded)
	packed := must(filter(t, 'c').OnPack([]byte("12345")))
	if got, err := f.OnUnpackLimit(packed, 5); err != nil || string(got) != "12345" {
		t.Errorf("at the limit: %q, %v", got, err)
	}
	packed[0] ^= 1
	if _, err := f.OnUnpackLimit(packed, 4); !errors.Is(err, xfer.ErrExceedLimit) {
		t.Errorf("over the limit and changed: %v, want ErrExceedLimit", err)
	}
}

func TestNewCrc32c(t *testing.T) {
	if _, err := xfer.NewCrc32c(0); !errors.Is(err, xfer.ErrZeroId) {
		t.Errorf("id 0: %v", err)
	}
	if f, err := xfer.NewCrc32c(0x90); err != nil || f.Id() != 0x90 {
		t.Errorf("%v, %v", f, err)
	}
}
