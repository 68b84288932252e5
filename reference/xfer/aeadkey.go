package xfer

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/crypto/chacha20poly1305"
)

// KeyLen is the length of the secret of a Key, in bytes, for both ciphers.
const KeyLen = 32

// maxSealed is how many packets one run seals under one key: the counter in
// the nonce has four bytes.
const maxSealed = 1 << 32 // req: TP-XFER-052

// Reasons for which a payload is not sealed, or keys are not changed.
var (
	// ErrKeyUsedUp says that the sealing key has sealed 2^32 packets: rotate.
	ErrKeyUsedUp = errors.New("xfer: the sealing key has sealed as many packets as it may: rotate to a new key")
	// ErrKeyIdTaken says that the ring already holds a key with that id.
	ErrKeyIdTaken = errors.New("xfer: the ring already holds a key with that id: give each key an id of its own, for ever")
	// ErrKeyUnknown says that the ring holds no key with that id.
	ErrKeyUnknown = errors.New("xfer: no key with that id")
	// ErrKeySeals says that the key is the one that seals and cannot be removed.
	ErrKeySeals = errors.New("xfer: the key is in use for sealing: rotate to another one before removing it")
	// ErrNoKeys says that a ring was to be made without a key.
	ErrNoKeys = errors.New("xfer: a ring needs at least one key")
)

// Key is one secret of an AEAD filter. Printing, logging or marshaling a Key
// shows its id alone.
type Key struct {
	// Id stands for the key on the wire, in clear. It is never used for
	// another secret, not even after the key is gone.
	Id uint32
	// Secret is KeyLen random bytes, for one cipher only. It is not kept: the
	// caller may wipe it once the key is in a ring.
	Secret []byte
}

// String gives the id, never the secret.
func (k Key) String() string { return fmt.Sprintf("key %d", k.Id) }

// GoString gives the id, never the secret.
func (k Key) GoString() string { return k.String() }

// Format writes the id under every verb and flag, never the secret.
func (k Key) Format(s fmt.State, _ rune) { fmt.Fprint(s, k.String()) }

// LogValue gives the id, never the secret.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText gives the id, never the secret; encoding/json uses it too.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// newCipher makes the cipher of one of the two AEAD filters.
type newCipher func(secret []byte) (cipher.AEAD, error)

func newAES(secret []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

func newChaCha(secret []byte) (cipher.AEAD, error) { return chacha20poly1305.New(secret) }

// runLen is the length of the random part of a nonce.
const runLen = 8

// heldKey is a key of a ring, ready for use.
type heldKey struct {
	id     uint32
	cipher cipher.AEAD
	run    [runLen]byte  // the random part of this ring's nonces under the key
	sealed atomic.Uint64 // packets sealed so far: the next counter
}

// take gives the counter of the next nonce.
func (k *heldKey) take(max uint64) (uint32, error) {
	n := k.sealed.Add(1) - 1
	if n >= max {
		k.sealed.Store(max) // or the count would wrap, after another few centuries
		return 0, ErrKeyUsedUp
	}
	return uint32(n), nil
}

// ring is the keys of a filter: all open, the first one seals. Readers take
// the current list without a lock; mu lets one writer at a time replace it.
type ring struct {
	newCipher newCipher
	mu        sync.Mutex
	keys      atomic.Pointer[[]*heldKey]
}

func (r *ring) list() []*heldKey { return *r.keys.Load() }

func (r *ring) find(id uint32) *heldKey {
	for _, k := range r.list() {
		if k.id == id {
			return k
		}
	}
	return nil
}

// hold makes a key ready. Its run is drawn here, so a key that comes back into
// a ring never repeats a nonce.
//
// req: TP-XFER-050, TP-XFER-051
func (r *ring) hold(k Key) (*heldKey, error) {
	if len(k.Secret) != KeyLen {
		return nil, fmt.Errorf("xfer: %v has a secret of %d bytes, expected %d", k, len(k.Secret), KeyLen)
	}
	c, err := r.newCipher(k.Secret)
	if err != nil {
		return nil, fmt.Errorf("xfer: %v: %w", k, err)
	}
	h := &heldKey{id: k.Id, cipher: c}
	if _, err := rand.Read(h.run[:]); err != nil {
		return nil, fmt.Errorf("xfer: %v: drawing a nonce: %w", k, err)
	}
	return h, nil
}

// change replaces the list by what edit makes of a copy of it.
func (r *ring) change(edit func(keys []*heldKey) ([]*heldKey, error)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var keys []*heldKey
	if p := r.keys.Load(); p != nil {
		keys = slices.Clone(*p)
	}
	keys, err := edit(keys)
	if err == nil {
		r.keys.Store(&keys)
	}
	return err
}

func index(keys []*heldKey, id uint32) int {
	return slices.IndexFunc(keys, func(k *heldKey) bool { return k.id == id })
}

// add puts a key at the end, where it opens only.
func (r *ring) add(k Key) error {
	h, err := r.hold(k)
	if err != nil {
		return err
	}
	return r.change(func(keys []*heldKey) ([]*heldKey, error) {
		if index(keys, k.Id) >= 0 {
			return nil, fmt.Errorf("%w: %v", ErrKeyIdTaken, k)
		}
		return append(keys, h), nil
	})
}

// use puts a key that is held in front, where it seals.
func (r *ring) use(id uint32) error {
	return r.change(func(keys []*heldKey) ([]*heldKey, error) {
		i := index(keys, id)
		if i < 0 {
			return nil, fmt.Errorf("%w: %d", ErrKeyUnknown, id)
		}
		h := keys[i]
		return slices.Insert(slices.Delete(keys, i, i+1), 0, h), nil
	})
}

// remove drops a key that does not seal.
func (r *ring) remove(id uint32) error {
	return r.change(func(keys []*heldKey) ([]*heldKey, error) {
		switch i := index(keys, id); i {
		case -1:
			return nil, fmt.Errorf("%w: %d", ErrKeyUnknown, id)
		case 0:
			return nil, fmt.Errorf("%w: key %d", ErrKeySeals, id)
		default:
			return slices.Delete(keys, i, i+1), nil
		}
	})
}
