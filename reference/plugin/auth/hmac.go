package auth

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
)

// MethodHMAC is the method of HMAC and VerifyHMAC.
const MethodHMAC = "hmac-sha256"

// MinSecret is the length that a secret of HMAC has at least, bytes.
const MinSecret = 16

// Secrets gives the secrets under which a name is known: one, or several while
// they are being changed, or none for a name that is unknown. It is called for
// each handshake, several at once, with a name that a stranger has sent. The
// secrets are lent.
type Secrets func(name string) [][]byte

// StaticSecrets gives one secret a name. It copies the map.
func StaticSecrets(secrets map[string][]byte) Secrets {
	own := make(map[string][]byte, len(secrets))
	for name, secret := range secrets {
		own[name] = bytes.Clone(secret)
	}
	return func(name string) [][]byte {
		if secret, ok := own[name]; ok {
			return [][]byte{secret}
		}
		return nil
	}
}

// HMAC is a Credential that proves the knowledge of a secret, which it copies,
// and never sends it. The secret has MinSecret bytes at least and comes from a
// random generator.
func HMAC(name string, secret []byte) Credential {
	own := bytes.Clone(secret)
	c := CredentialFunc(MethodHMAC, name, func(c Challenge) ([]byte, error) { return sign(own, c), nil })
	if len(secret) < MinSecret {
		c.(*credential).fault = fmt.Sprintf("a secret of at least %d bytes, from a random generator", MinSecret)
	}
	return c
}

func sign(secret []byte, c Challenge) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(c.Bytes())
	return mac.Sum(nil)
}

// VerifyHMAC is the Verifier of HMAC. A secret shorter than MinSecret refuses.
func VerifyHMAC(secrets Secrets) Verifier {
	nobody := make([]byte, sha256.Size)
	rand.Read(nobody)
	v := VerifyFunc(MethodHMAC, func(name string, proof []byte, c Challenge) (Identity, error) {
		known := secrets(name)
		list := known
		if len(list) == 0 {
			list = [][]byte{nobody} // an unknown name takes its time too
		}
		good := false
		for _, secret := range list {
			if len(secret) < MinSecret {
				return Identity{}, fmt.Errorf("auth: a secret is configured with %d bytes, want at least %d", len(secret), MinSecret)
			}
			if hmac.Equal(proof, sign(secret, c)) {
				good = true
			}
		}
		if !good || len(known) == 0 {
			return Identity{}, errRefused
		}
		return Identity{Name: name}, nil
	})
	if secrets == nil {
		v.(*verifier).fault = "a function that knows the secrets"
	}
	return v
}
