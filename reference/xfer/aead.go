package xfer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The ids of the AEAD filters.
const (
	AESGCMId byte = 'a' // req: TP-XFER-044
	ChaChaId byte = 'x' // req: TP-XFER-045
)

// The layout of a sealed payload: key id, sender id, nonce, ciphertext, tag.
const (
	keyIdLen   = 4
	senderLen  = 4
	nonceLen   = 12
	sealedHead = keyIdLen + senderLen + nonceLen
	tagLen     = 16

	// SealedOverhead is how many bytes a sealed payload is longer than the
	// payload.
	SealedOverhead = sealedHead + tagLen
)

// Reasons for which a sealed payload is not opened. They are for this side's
// logs; the other side is told none of them.
var (
	// ErrNotAuthentic says that the payload was not sealed with the key that it
	// names, or was changed since. Nothing says which byte.
	ErrNotAuthentic = errors.New("xfer: the payload is not authentic")
	// ErrReflected says that the payload was sealed by this side itself.
	ErrReflected = errors.New("xfer: the payload carries this side's own sender id: it was sent back, or two parties share an id")
	// ErrReplayed says that the ReplayGuard has met the payload before, or that
	// it is too old to tell.
	ErrReplayed = errors.New("xfer: the payload was received before, or is too old to tell")
)

// AEADOptions say who seals, and with what.
type AEADOptions struct {
	// Sender is the id of this party among those that hold the keys. A payload
	// with this id is not opened, so that nobody can send a party its own
	// packets back: the two ends of a connection need different ones. Where
	// many clients share keys and never talk to each other, one id for all
	// clients and one for all servers is enough.
	Sender uint32
	// Keys are the keys of the ring: the first one seals, all open.
	Keys []Key
	// Guard, where not nil, rejects payloads that were opened before.
	Guard *ReplayGuard
}

// AEAD is a filter that encrypts and authenticates the payload (spec section
// 22.4), and the ring of its keys. It is safe for concurrent use, also while
// keys change. It is not in Default: make one with keys and register it.
//
// To rotate: Add the new key on every side, then Use it on every side, then
// Remove the old one once no packet sealed with it can be on its way.
//
// It implements Bounded and Appender. Undoing takes memory for the payload at
// most, and hands nothing on that is not authentic.
type AEAD struct {
	id     byte
	sender uint32
	max    uint64 // packets a key seals: maxSealed, or fewer in tests
	guard  *ReplayGuard
	ring   ring
}

// NewAESGCM makes a filter of AES-256 in Galois/Counter Mode; its id is
// AESGCMId. The error says what is wrong with the keys.
func NewAESGCM(o AEADOptions) (*AEAD, error) { return newAEAD(AESGCMId, newAES, o) }

// NewChaCha20Poly1305 makes a filter of ChaCha20 and Poly1305 (RFC 8439), for
// machines without instructions for AES; its id is ChaChaId. The error says
// what is wrong with the keys.
func NewChaCha20Poly1305(o AEADOptions) (*AEAD, error) { return newAEAD(ChaChaId, newChaCha, o) }

func newAEAD(id byte, c newCipher, o AEADOptions) (*AEAD, error) {
	a := &AEAD{id: id, sender: o.Sender, guard: o.Guard, max: maxSealed, ring: ring{newCipher: c}}
	if len(o.Keys) == 0 {
		return nil, ErrNoKeys
	}
	for _, k := range o.Keys {
		if err := a.Add(k); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Id gives the filter's id.
func (a *AEAD) Id() byte { return a.id }

// String names the cipher and the key ids.
func (a *AEAD) String() string {
	return fmt.Sprintf("xfer.AEAD %q, sender %d, keys %d", a.id, a.sender, a.KeyIds())
}

// Add adds a key that opens and does not seal. The error wraps ErrKeyIdTaken,
// or says what is wrong with the key.
func (a *AEAD) Add(k Key) error { return a.ring.add(k) }

// Use makes a key of the ring the one that seals; the others go on opening.
// The error wraps ErrKeyUnknown.
func (a *AEAD) Use(id uint32) error { return a.ring.use(id) }

// Remove drops a key: what it has sealed is not opened any more. The error
// wraps ErrKeyUnknown, or ErrKeySeals for the key that seals.
func (a *AEAD) Remove(id uint32) error { return a.ring.remove(id) }

// KeyIds gives the ids of the keys, the one that seals first.
func (a *AEAD) KeyIds() []uint32 {
	keys := a.ring.list()
	ids := make([]uint32, len(keys))
	for i, k := range keys {
		ids[i] = k.id
	}
	return ids
}

// Sealed gives how many packets the key that seals has sealed, to be watched
// and rotated in time; at 2^32 sealing fails with ErrKeyUsedUp.
func (a *AEAD) Sealed() uint64 { return a.ring.list()[0].sealed.Load() }

// OnPack seals src.
func (a *AEAD) OnPack(src []byte) ([]byte, error) {
	return a.AppendPack(make([]byte, 0, len(src)+SealedOverhead), src)
}

// OnUnpack is OnUnpackLimit without a limit.
func (a *AEAD) OnUnpack(src []byte) ([]byte, error) { return a.OnUnpackLimit(src, math.MaxInt) }

// OnUnpackLimit opens src.
func (a *AEAD) OnUnpackLimit(src []byte, max int) ([]byte, error) {
	return a.AppendUnpack(nil, src, max)
}

// additional gives what is authenticated and not encrypted: the filter's id
// and the two ids in front of the nonce.
//
// req: TP-XFER-047
func (a *AEAD) additional(head []byte) []byte {
	ad := append(make([]byte, 0, 1+keyIdLen+senderLen), a.id)
	return append(ad, head[:keyIdLen+senderLen]...)
}

// AppendPack appends the sealed src to dst.
//
// req: TP-XFER-046, TP-XFER-047, TP-XFER-049, TP-XFER-050, TP-XFER-051
func (a *AEAD) AppendPack(dst, src []byte) ([]byte, error) {
	k := a.ring.list()[0]
	count, err := k.take(a.max)
	if err != nil {
		return dst, fmt.Errorf("%w (key %d)", err, k.id)
	}
	at := len(dst)
	out := binary.BigEndian.AppendUint32(dst, k.id)
	out = binary.BigEndian.AppendUint32(out, a.sender)
	out = append(out, k.run[:]...)
	out = binary.BigEndian.AppendUint32(out, count)
	head := out[at:]
	return k.cipher.Seal(out, head[sealedHead-nonceLen:], src, a.additional(head)), nil
}

// AppendUnpack appends the opened src to dst.
//
// req: TP-XFER-029, TP-XFER-048, TP-XFER-053, TP-XFER-054, TP-XFER-055, TP-XFER-056
func (a *AEAD) AppendUnpack(dst, src []byte, max int) ([]byte, error) {
	if len(src) < SealedOverhead {
		return dst, fmt.Errorf("xfer: a sealed payload has at least %d bytes, this one has %d", SealedOverhead, len(src))
	}
	if len(src)-SealedOverhead > max {
		return dst, exceeds(max)
	}
	head, keyId, sender := src[:sealedHead], binary.BigEndian.Uint32(src), binary.BigEndian.Uint32(src[keyIdLen:])
	k := a.ring.find(keyId)
	if k == nil {
		return dst, fmt.Errorf("%w: %d", ErrKeyUnknown, keyId)
	}
	if sender == a.sender {
		return dst, ErrReflected
	}
	nonce := head[sealedHead-nonceLen:]
	out, err := k.cipher.Open(dst, nonce, src[sealedHead:], a.additional(head))
	if err != nil {
		return dst, ErrNotAuthentic // what the cipher says adds nothing
	}
	// Only what is authentic may change the guard.
	if a.guard != nil && !a.guard.accept(a.id, keyId, sender, nonce) {
		clear(out[len(dst):])
		return dst, ErrReplayed
	}
	return out, nil
}
