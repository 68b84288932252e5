package oracle

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
)

// The parties of the vectors: Sealer has sealed them, Judged is the sender id of whoever is judged by them.
const (
	Sealer uint32 = 1
	Judged uint32 = 2
)

// TestRun is the run of the vectors: the random part of their nonces.
func TestRun() []byte { return []byte{0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7} }

// TestKey gives the secret of a test key of the standard (22.9), nil where there is none.
func TestKey(filter byte, id uint32) []byte {
	first := map[byte]byte{FilterAES: 0x00, FilterChaCha: 0x80}
	from, ok := first[filter]
	if !ok || id < 1 || id > 2 {
		return nil
	}
	key := make([]byte, 32)
	for i := range key {
		key[i] = from + byte(32*(id-1)) + byte(i)
	}
	return key
}

// Sealed is a payload of filter a or x before it is sealed, every part as it is told, true or not.
type Sealed struct {
	Filter      byte
	Key, Sender uint32
	Run         []byte // 8 bytes
	Counter     uint32
	Secret      []byte // nil: the test key with that id
	Additional  []byte // nil: the filter id, the key id and the sender id
}

// Head is what comes before the ciphertext.
// req: TP-XFER-046, TP-XFER-050
func (s Sealed) Head() []byte { return Cat(U32(s.Key), U32(s.Sender), s.Run, U32(s.Counter)) }

// Seal gives the output of the filter.
// req: TP-XFER-046, TP-XFER-047
func (s Sealed) Seal(plain []byte) []byte {
	secret, ad, head := s.Secret, s.Additional, s.Head()
	if secret == nil {
		secret = TestKey(s.Filter, s.Key)
	}
	if ad == nil {
		ad = Cat(U8(s.Filter), head[:8])
	}
	if s.Filter == FilterChaCha {
		return Cat(head, ChaChaSeal(secret, head[8:20], plain, ad))
	}
	return gcm(secret).Seal(head, head[8:20], plain, ad)
}

func gcm(secret []byte) cipher.AEAD {
	b, err := aes.NewCipher(secret)
	if err != nil {
		panic(err) // a secret of the caller's with another length
	}
	c, err := cipher.NewGCM(b)
	if err != nil {
		panic(err)
	}
	return c
}

// OpenSealed undoes filter a or x for the party with the sender id self, which has the test keys.
func OpenSealed(filter byte, b []byte, limit int, self uint32) ([]byte, error) {
	if len(b) < 36 { // req: TP-XFER-048
		return nil, errors.New("too short for what comes before and behind the ciphertext")
	}
	if len(b)-36 > limit { // req: TP-XFER-029
		return nil, errOver
	}
	secret := TestKey(filter, binary.BigEndian.Uint32(b))
	if secret == nil { // req: TP-XFER-053
		return nil, errors.New("no such key")
	}
	if binary.BigEndian.Uint32(b[4:]) == self { // req: TP-XFER-054
		return nil, errors.New("sealed by this party itself")
	}
	ad, nonce := Cat(U8(filter), b[:8]), b[8:20] // req: TP-XFER-047
	if filter == FilterChaCha {
		return ChaChaOpen(secret, nonce, b[20:], ad) // req: TP-XFER-055
	}
	return gcm(secret).Open(nil, nonce, b[20:], ad) // req: TP-XFER-055
}

// sealFilter is filter a or x of one party.
func sealFilter(id byte, self uint32) Filter {
	return Filter{
		Do: func(b []byte) []byte {
			return Sealed{Filter: id, Key: 1, Sender: self, Run: TestRun()}.Seal(b)
		},
		Undo: func(b []byte, limit int) ([]byte, error) { return OpenSealed(id, b, limit, self) },
	}
}
