package oracle

import (
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"math/big"
	"math/bits"
)

// The functions of this file are RFC 8439 as it is written: no care is taken of timing, so they are fit for tests alone.

// chachaBlock is one block of the key stream (2.3).
func chachaBlock(key []byte, counter uint32, nonce []byte) []byte {
	s := [16]uint32{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}
	for i := range 8 {
		s[4+i] = binary.LittleEndian.Uint32(key[4*i:])
	}
	s[12] = counter
	for i := range 3 {
		s[13+i] = binary.LittleEndian.Uint32(nonce[4*i:])
	}
	w := s
	quarter := func(a, b, c, d int) {
		w[a] += w[b]
		w[d] = bits.RotateLeft32(w[d]^w[a], 16)
		w[c] += w[d]
		w[b] = bits.RotateLeft32(w[b]^w[c], 12)
		w[a] += w[b]
		w[d] = bits.RotateLeft32(w[d]^w[a], 8)
		w[c] += w[d]
		w[b] = bits.RotateLeft32(w[b]^w[c], 7)
	}
	for range 10 {
		for i := range 4 {
			quarter(i, 4+i, 8+i, 12+i)
		}
		for i := range 4 {
			quarter(i, 4+(i+1)%4, 8+(i+2)%4, 12+(i+3)%4)
		}
	}
	var out []byte
	for i := range w {
		out = binary.LittleEndian.AppendUint32(out, w[i]+s[i])
	}
	return out
}

// chacha20 encrypts, and decrypts, from block 1 on (2.4).
func chacha20(key, nonce, b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		if i%64 == 0 {
			copy(out[i:], chachaBlock(key, uint32(1+i/64), nonce))
		}
		out[i] ^= b[i]
	}
	return out
}

// poly1305 is the tag of a message under a one-time key (2.5).
func poly1305(key, message []byte) []byte {
	number := func(b []byte) *big.Int { // little-endian
		r := make([]byte, len(b))
		for i := range b {
			r[len(b)-1-i] = b[i]
		}
		return new(big.Int).SetBytes(r)
	}
	r := append([]byte(nil), key[:16]...)
	for _, i := range []int{3, 7, 11, 15} {
		r[i] &= 15
	}
	for _, i := range []int{4, 8, 12} {
		r[i] &= 252
	}
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 130), big.NewInt(5))
	acc := new(big.Int)
	for len(message) > 0 {
		n := min(16, len(message))
		acc.Add(acc, number(append(append([]byte(nil), message[:n]...), 1)))
		acc.Mod(acc.Mul(acc, number(r)), p)
		message = message[n:]
	}
	acc.Add(acc, number(key[16:32]))
	whole := acc.FillBytes(make([]byte, 32)) // big-endian, and at most 17 bytes of it
	tag := make([]byte, 16)
	for i := range tag {
		tag[i] = whole[31-i]
	}
	return tag
}

// chachaTag is the tag over associated data and ciphertext (2.8).
func chachaTag(key, nonce, ciphertext, ad []byte) []byte {
	pad := func(b []byte) []byte { return make([]byte, (16-len(b)%16)%16) }
	lengths := binary.LittleEndian.AppendUint64(nil, uint64(len(ad)))
	lengths = binary.LittleEndian.AppendUint64(lengths, uint64(len(ciphertext)))
	return poly1305(chachaBlock(key, 0, nonce)[:32], Cat(ad, pad(ad), ciphertext, pad(ciphertext), lengths))
}

// ChaChaSeal is AEAD_CHACHA20_POLY1305: ciphertext and tag.
func ChaChaSeal(key, nonce, plain, ad []byte) []byte {
	ciphertext := chacha20(key, nonce, plain)
	return Cat(ciphertext, chachaTag(key, nonce, ciphertext, ad))
}

// ChaChaOpen undoes [ChaChaSeal].
func ChaChaOpen(key, nonce, sealed, ad []byte) ([]byte, error) {
	n := len(sealed) - 16
	if n < 0 || subtle.ConstantTimeCompare(chachaTag(key, nonce, sealed[:n], ad), sealed[n:]) != 1 {
		return nil, errors.New("the tag does not hold")
	}
	return chacha20(key, nonce, sealed[:n]), nil
}
