package auth

import (
	"encoding/binary"
	"errors"
)

// Credential is what a peer shows of itself. Implementations are safe for
// concurrent use.
type Credential interface {
	// Method names the way of proving; the Verifier of the other side must
	// have the same.
	Method() string
	// Name is what the peer claims to be, sent in clear; it may be "".
	Name() string
	// Prove gives the proof for one handshake. The bytes go over the wire.
	Prove(c Challenge) ([]byte, error)
}

// Verifier checks what the other side shows. Implementations are safe for
// concurrent use, and compare in constant time.
type Verifier interface {
	// Method names the way of proving that it understands.
	Method() string
	// Verify checks the proof of a peer that claims the name, and gives the
	// identity that it proves. Any error refuses; its text stays on this side.
	// Name and proof come from a stranger.
	Verify(name string, proof []byte, c Challenge) (Identity, error)
}

// Role tells who proves in a Challenge.
type Role byte

// The two roles, as they stand in the transcript.
const (
	Dialer   Role = 'D'
	Accepter Role = 'A'
)

// NonceSize is the length of a nonce, bytes.
const NonceSize = 32

// Challenge is what one proof of one handshake is about. A proof that covers
// Bytes is good for this handshake and this role only.
type Challenge struct {
	// Prover is who proves.
	Prover Role
	// Method is the way of proving.
	Method string
	// The names that both sides claim; that of the accepter is "" where the
	// dialer wants no proof of it.
	DialerName, AccepterName string
	// The nonces of both sides, each fresh: one side's suffices to make a
	// challenge that never was before.
	DialerNonce, AccepterNonce [NonceSize]byte
}

// Bytes gives the transcript to sign: unambiguous, the same on both sides. The
// package comment has its layout.
func (c Challenge) Bytes() []byte {
	b := append([]byte("teleport-auth-1"), byte(c.Prover))
	for _, s := range []string{c.Method, c.DialerName, c.AccepterName} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	b = append(b, c.DialerNonce[:]...)
	return append(b, c.AccepterNonce[:]...)
}

// errRefused is what the verifiers here say of an unknown name and of a wrong
// proof alike.
var errRefused = errors.New("auth: the name is unknown or the proof is wrong")

// credential and verifier keep secrets in closures only: printing one, with any
// verb, shows addresses of functions.
type credential struct {
	method, name string
	fault        string // what is wrong with it, for New; "" for nothing
	prove        func(Challenge) ([]byte, error)
}

func (c *credential) Method() string                     { return c.method }
func (c *credential) Name() string                       { return c.name }
func (c *credential) Prove(ch Challenge) ([]byte, error) { return c.prove(ch) }

type verifier struct {
	method string
	fault  string
	verify func(name string, proof []byte, c Challenge) (Identity, error)
}

func (v *verifier) Method() string { return v.method }
func (v *verifier) Verify(name string, proof []byte, c Challenge) (Identity, error) {
	return v.verify(name, proof, c)
}

// CredentialFunc makes a Credential of a function.
func CredentialFunc(method, name string, prove func(Challenge) ([]byte, error)) Credential {
	c := &credential{method: method, name: name, prove: prove}
	if method == "" || prove == nil {
		c.fault = "a method that is not empty, and a function"
	}
	return c
}

// VerifyFunc makes a Verifier of a function. The function names who it is
// itself, in the Identity: a name that it did not check is a claim only.
func VerifyFunc(method string, verify func(name string, proof []byte, c Challenge) (Identity, error)) Verifier {
	v := &verifier{method: method, verify: verify}
	if method == "" || verify == nil {
		v.fault = "a method that is not empty, and a function"
	}
	return v
}
