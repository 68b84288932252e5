package xfer_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// secret is KeyLen bytes for tests.
func secret(first byte) []byte {
	b := make([]byte, xfer.KeyLen)
	for i := range b {
		b[i] = first + byte(i)
	}
	return b
}

func key(id uint32) xfer.Key { return xfer.Key{Id: id, Secret: secret(byte(id))} }

// ciphers are the two constructors, by filter id.
var ciphers = map[byte]func(xfer.AEADOptions) (*xfer.AEAD, error){
	xfer.AESGCMId: xfer.NewAESGCM,
	xfer.ChaChaId: xfer.NewChaCha20Poly1305,
}

// party makes a filter of one party.
func party(t testing.TB, id byte, sender uint32, keys ...uint32) *xfer.AEAD {
	t.Helper()
	o := xfer.AEADOptions{Sender: sender}
	for _, k := range keys {
		o.Keys = append(o.Keys, key(k))
	}
	a, err := ciphers[id](o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAEAD_RoundTrip(t *testing.T) {
	for id := range ciphers {
		a, b := party(t, id, 1, 1), party(t, id, 2, 1)
		for _, want := range samples() {
			sealed := must(a.OnPack([]byte(want)))
			if len(sealed) != len(want)+xfer.SealedOverhead {
				t.Errorf("%c: %d bytes sealed to %d", id, len(want), len(sealed))
			}
			if got, err := b.OnUnpack(sealed); err != nil || string(got) != want {
				t.Errorf("%c: %d bytes back, %v; want %d", id, len(got), err, len(want))
			}
			if len(want) > 16 && bytes.Contains(sealed, []byte(want)) {
				t.Errorf("%c: the payload is in clear", id)
			}
			back := must(b.OnPack([]byte(want)))
			if got, err := a.OnUnpack(back); err != nil || string(got) != want {
				t.Errorf("%c: the other way: %d bytes, %v", id, len(got), err)
			}
		}
	}
}

// The layout is that of the chapter, opened here with the libraries alone.
func TestAEAD_Layout(t *testing.T) {
	block, err := aes.NewCipher(secret(7))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	chacha, err := chacha20poly1305.New(secret(7))
	if err != nil {
		t.Fatal(err)
	}
	for id, c := range map[byte]cipher.AEAD{'a': gcm, 'x': chacha} {
		a := party(t, id, 0x01020304, 7)
		var run []byte
		for n := range uint32(3) {
			s := must(a.OnPack([]byte("payload")))
			if k, from := binary.BigEndian.Uint32(s), binary.BigEndian.Uint32(s[4:]); k != 7 || from != 0x01020304 {
				t.Errorf("%c: key %d, sender %#x", id, k, from)
			}
			if got := binary.BigEndian.Uint32(s[16:]); got != n {
				t.Errorf("%c: packet %d has the counter %d", id, n, got)
			}
			if run == nil {
				run = s[8:16]
			} else if !bytes.Equal(run, s[8:16]) {
				t.Errorf("%c: the run changes from %x to %x", id, run, s[8:16])
			}
			got, err := c.Open(nil, s[8:20], s[20:], append([]byte{id}, s[:8]...))
			if err != nil || string(got) != "payload" {
				t.Errorf("%c: %q, %v", id, got, err)
			}
		}
		if other := must(party(t, id, 1, 7).OnPack(nil)); bytes.Equal(run, other[8:16]) {
			t.Errorf("%c: two filters have the same run", id)
		}
	}
}

func TestAEAD_EveryTruncationAndCorruption(t *testing.T) {
	for id := range ciphers {
		a, b := party(t, id, 1, 1, 0x81), party(t, id, 2, 1, 0x81)
		for _, want := range []string{"", "x", "some payload of forty bytes, or a few more"} {
			sealed := must(a.OnPack([]byte(want)))
			for n := range sealed {
				if _, err := b.OnUnpack(sealed[:n]); err == nil {
					t.Errorf("%c: cut at %d of %d: want an error", id, n, len(sealed))
				}
				for bit := range 8 {
					bad := bytes.Clone(sealed)
					bad[n] ^= 1 << bit
					got, err := b.OnUnpack(bad)
					if err == nil || got != nil {
						t.Errorf("%c: bit %d of byte %d: %q, %v; want nothing and an error", id, bit, n, got, err)
						continue
					}
					if n >= 8 && err.Error() != xfer.ErrNotAuthentic.Error() {
						t.Errorf("%c: bit %d of byte %d: %v; want the same for every byte", id, bit, n, err)
					}
				}
			}
			if _, err := b.OnUnpack(append(bytes.Clone(sealed), 0)); !errors.Is(err, xfer.ErrNotAuthentic) {
				t.Errorf("%c: a byte more: %v", id, err)
			}
		}
	}
}

func TestAEAD_Reasons(t *testing.T) {
	for id := range ciphers {
		a, b := party(t, id, 1, 1), party(t, id, 2, 1)
		sealed := must(a.OnPack([]byte("payload")))
		if _, err := a.OnUnpack(sealed); !errors.Is(err, xfer.ErrReflected) {
			t.Errorf("%c: sent back to its sender: %v", id, err)
		}
		if _, err := party(t, id, 2, 9).OnUnpack(sealed); !errors.Is(err, xfer.ErrKeyUnknown) {
			t.Errorf("%c: another ring: %v", id, err)
		}
		mine, err := ciphers[id](xfer.AEADOptions{Sender: 2, Keys: []xfer.Key{{Id: 1, Secret: secret(99)}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mine.OnUnpack(sealed); !errors.Is(err, xfer.ErrNotAuthentic) {
			t.Errorf("%c: another secret under the same id: %v", id, err)
		}
		// The other cipher under the same secret: the filter's id is bound.
		other := byte('a' + 'x' - id)
		if _, err := party(t, other, 2, 1).OnUnpack(sealed); !errors.Is(err, xfer.ErrNotAuthentic) {
			t.Errorf("%c: the other cipher: %v", id, err)
		}
		if got, err := b.OnUnpackLimit(sealed, 7); err != nil || string(got) != "payload" {
			t.Errorf("%c: at the limit: %q, %v", id, got, err)
		}
		bad := bytes.Clone(sealed)
		bad[0]++ // the length is looked at first
		if _, err := b.OnUnpackLimit(bad, 6); !errors.Is(err, xfer.ErrExceedLimit) {
			t.Errorf("%c: over the limit: %v", id, err)
		}
		if got, err := b.OnUnpack(sealed); err != nil || string(got) != "payload" {
			t.Errorf("%c: a second time, without a guard: %q, %v", id, got, err)
		}
	}
}

func TestNewAEAD_Refuses(t *testing.T) {
	for id, make := range ciphers {
		if _, err := make(xfer.AEADOptions{}); !errors.Is(err, xfer.ErrNoKeys) {
			t.Errorf("%c: no keys: %v", id, err)
		}
		if _, err := make(xfer.AEADOptions{Keys: []xfer.Key{key(1), key(1)}}); !errors.Is(err, xfer.ErrKeyIdTaken) {
			t.Errorf("%c: an id twice: %v", id, err)
		}
		for _, n := range []int{0, 16, 31, 33} {
			if _, err := make(xfer.AEADOptions{Keys: []xfer.Key{{Id: 1, Secret: slices.Repeat([]byte{9}, n)}}}); err == nil {
				t.Errorf("%c: a secret of %d bytes: want an error", id, n)
			}
		}
	}
}

func TestAEAD_Rotation(t *testing.T) {
	for id := range ciphers {
		a, b := party(t, id, 1, 1), party(t, id, 2, 1)
		check := func(step string, wantKey uint32) {
			t.Helper()
			sealed := must(a.OnPack([]byte("p")))
			if got := binary.BigEndian.Uint32(sealed); got != wantKey {
				t.Errorf("%c, %s: sealed with key %d, want %d", id, step, got, wantKey)
			}
			if _, err := b.OnUnpack(sealed); err != nil {
				t.Errorf("%c, %s: %v", id, step, err)
			}
		}
		check("before", 1)
		old := must(a.OnPack([]byte("on its way")))
		for _, p := range []*xfer.AEAD{a, b} {
			if err := p.Add(key(2)); err != nil {
				t.Fatal(err)
			}
		}
		check("added", 1)
		if err := a.Use(2); err != nil {
			t.Fatal(err)
		}
		check("in use", 2)
		if a.Sealed() != 1 || !slices.Equal(a.KeyIds(), []uint32{2, 1}) {
			t.Errorf("%c: %d sealed, keys %d", id, a.Sealed(), a.KeyIds())
		}
		if got, err := b.OnUnpack(old); err != nil || string(got) != "on its way" {
			t.Errorf("%c: sealed before the rotation: %q, %v", id, got, err)
		}
		if err := a.Remove(1); err != nil {
			t.Fatal(err)
		}
		if err := b.Remove(1); !errors.Is(err, xfer.ErrKeySeals) {
			t.Errorf("%c: removing the key that seals: %v", id, err)
		}
		if err := b.Use(2); err != nil {
			t.Fatal(err)
		}
		if err := b.Remove(1); err != nil {
			t.Fatal(err)
		}
		check("removed", 2)
		if _, err := b.OnUnpack(old); !errors.Is(err, xfer.ErrKeyUnknown) {
			t.Errorf("%c: sealed with a removed key: %v", id, err)
		}
		for name, err := range map[string]error{"Use": a.Use(1), "Remove": a.Remove(1)} {
			if !errors.Is(err, xfer.ErrKeyUnknown) {
				t.Errorf("%c: %s of a removed key: %v", id, name, err)
			}
		}
		if err := a.Add(key(2)); !errors.Is(err, xfer.ErrKeyIdTaken) {
			t.Errorf("%c: adding a key that is there: %v", id, err)
		}
		// A key that comes back has another run: no nonce comes twice.
		if err := a.Add(key(1)); err != nil {
			t.Fatal(err)
		}
		if err := a.Use(1); err != nil {
			t.Fatal(err)
		}
		if again := must(a.OnPack(nil)); bytes.Equal(again[8:16], old[8:16]) {
			t.Errorf("%c: the key came back with its old run", id)
		}
	}
}

// The ring does not keep the caller's secret.
func TestAEAD_SecretMayBeWiped(t *testing.T) {
	for id, make := range ciphers {
		s := secret(1)
		a, err := make(xfer.AEADOptions{Sender: 1, Keys: []xfer.Key{{Id: 1, Secret: s}}})
		if err != nil {
			t.Fatal(err)
		}
		clear(s)
		if _, err := party(t, id, 2, 1).OnUnpack(must(a.OnPack([]byte("p")))); err != nil {
			t.Errorf("%c: %v", id, err)
		}
	}
}

func TestKey_NeverShown(t *testing.T) {
	k := xfer.Key{Id: 5, Secret: bytes.Repeat([]byte("S"), xfer.KeyLen)}
	o := xfer.AEADOptions{Sender: 1, Keys: []xfer.Key{k}}
	a, err := xfer.NewAESGCM(o)
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	for _, v := range []any{k, &k, o, &o, a, []xfer.Key{k}, map[int]xfer.Key{1: k}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o"} {
			fmt.Fprintf(&shown, verb+"\n", v)
		}
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(raw)
		slog.New(slog.NewJSONHandler(&shown, nil)).Info("m", "v", v)
		slog.New(slog.NewTextHandler(&shown, nil)).Info("m", "v", v)
	}
	bad := xfer.Key{Id: 6, Secret: []byte("SSSS")}
	shown.WriteString(a.Add(bad).Error())
	for _, leak := range []string{"SSS", "5353", "83 83", "123 123", "U1NT"} { // text, hex, decimal, octal, base64
		if strings.Contains(shown.String(), leak) {
			t.Errorf("the secret is shown: %q in\n%s", leak, shown.String())
		}
	}
	if !strings.Contains(shown.String(), "key 5") {
		t.Error("the id is not shown")
	}
}

// Sealing, opening and rotating at once; under -race this is the test of the
// ring's locks. No nonce comes twice.
func TestAEAD_Concurrently(t *testing.T) {
	for id := range ciphers {
		guard, err := xfer.NewReplayGuard(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		a := party(t, id, 1, 1, 2)
		b, err := ciphers[id](xfer.AEADOptions{Sender: 2, Keys: []xfer.Key{key(1), key(2), key(3)}, Guard: guard})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for n := range 200 {
					want := fmt.Sprint(i, "-", n)
					if got, err := b.OnUnpack(must(a.OnPack([]byte(want)))); err != nil || string(got) != want {
						t.Errorf("%c: %q, %v; want %q", id, got, err, want)
						return
					}
				}
			})
		}
		wg.Go(func() {
			for n := range 60 {
				if err := a.Use(uint32(1 + n%2)); err != nil {
					t.Error(err)
				}
				if n%2 == 0 {
					if err := a.Add(key(3)); err != nil {
						t.Error(err)
					}
				} else if err := a.Remove(3); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Wait()
	}
}
