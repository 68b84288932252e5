package oracle

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "", "\t", "").Replace(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestXXH64_KnownValues(t *testing.T) {
	for s, want := range map[string]uint64{
		"":      0xef46db3751d8e999,
		"a":     0xd24ec4f1a98c6e5b,
		"abc":   0x44bc2cf5ad770999,
		"hello": 0x26c7827d889f6da3,
		"Nobody inspects the spammish repetition": 0xfbcea83c8a378bf1,
	} {
		if got := XXH64([]byte(s)); got != want {
			t.Errorf("%q: %016x, must be %016x", s, got, want)
		}
	}
}

func TestCrc32c_KnownValue(t *testing.T) {
	if got := Crc32c([]byte("123456789")); got != 0xe3069283 {
		t.Errorf("%08x", got)
	}
}

// The example of RFC 8439, 2.8.2.
func TestChaCha_RFC8439(t *testing.T) {
	plain := "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
	nonce, ad := unhex(t, "070000004041424344454647"), unhex(t, "50515253c0c1c2c3c4c5c6c7")
	want := unhex(t, `d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6 3dbea45e8ca9671282fafb69da92728b
		1a71de0a9e060b2905d6a5b67ecd3b36 92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
		3ff4def08e4b7a9de576d26586cec64b 6116 1ae10b594f09e26a7e902ecbd0600691`)
	got := ChaChaSeal(TestKey(FilterChaCha, 1), nonce, []byte(plain), ad)
	if !bytes.Equal(got, want) {
		t.Errorf("%x, must be %x", got, want)
	}
	if back, err := ChaChaOpen(TestKey(FilterChaCha, 1), nonce, want, ad); err != nil || string(back) != plain {
		t.Errorf("%q, %v", back, err)
	}
	want[3] ^= 1
	if _, err := ChaChaOpen(TestKey(FilterChaCha, 1), nonce, want, ad); err == nil {
		t.Error("changed ciphertext opens")
	}
}

func TestTestFilters_RoundTripAndLimit(t *testing.T) {
	there, here := TestFilters(Sealer), TestFilters(Judged)
	for _, plain := range [][]byte{nil, []byte("a"), make([]byte, 300), make([]byte, 300_000)} {
		for id := range there {
			done := there[id].Do(plain)
			if got, err := here[id].Undo(done, len(plain)); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%c, %d bytes: %d, %v", id, len(plain), len(got), err)
			}
			if len(plain) == 0 {
				continue
			}
			if _, err := here[id].Undo(done, len(plain)-1); !errors.Is(err, ErrLimit) {
				t.Errorf("%c, %d bytes, one over the limit: %v", id, len(plain), err)
			}
		}
	}
	for _, id := range []byte{FilterAES, FilterChaCha} {
		if _, err := there[id].Undo(there[id].Do(nil), 10); err == nil {
			t.Errorf("%c opens what it has sealed itself", id)
		}
	}
}

func TestUnzstd_PackedBlocks(t *testing.T) {
	frame := func(want string, block []byte) []byte {
		return Cat(ZstdSingleHeader(len(want)), block, ZstdSum([]byte(want)))
	}
	for _, tt := range []struct {
		name, want string
		block      []byte
	}{
		{"literals alone", "abc", ZstdPackedBlock(true, ZstdRawLiterals([]byte("abc")), ZstdNoSequences())},
		{"a run of literals", "zzzzzzz", ZstdPackedBlock(true, ZstdRunLiterals('z', 7), ZstdNoSequences())},
		// One sequence: 3 literals, a match of 6 bytes at offset 3 (value 6, code 2 and bits 10), and 1 literal behind.
		{"a sequence", "abcabcabcd", ZstdPackedBlock(true, ZstdRawLiterals([]byte("abcd")), ZstdSequences(3, 2, 3, ZstdExtra{2, 2}, ZstdExtra{}, ZstdExtra{}))},
		// Offset value 2 is the second repeated offset, 4.
		{"a repeated offset", "abcdabcd", ZstdPackedBlock(true, ZstdRawLiterals([]byte("abcd")), ZstdSequences(4, 1, 1, ZstdExtra{0, 1}, ZstdExtra{}, ZstdExtra{}))},
	} {
		if got, err := Unzstd(frame(tt.want, tt.block), 100); err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
	huffman := ZstdPackedBlock(true, []byte{0x02, 0, 0, 0}, ZstdNoSequences())
	if _, err := Unzstd(frame("abc", huffman), 100); !errors.Is(err, ErrBeyond) {
		t.Errorf("Huffman literals: %v", err)
	}
	if err := CheckZstd(frame("abc", huffman), 100); err != nil {
		t.Errorf("Huffman literals, from outside: %v", err)
	}
}
