package auth

import "sync"

// PublicKey is the key of the Identity in a session's Public data. It is set
// when the handshake is through: at accept, and at dial with Config.Mutual.
const PublicKey = "teleport.auth.identity"

// Identity is who the other side has proved to be.
type Identity struct {
	// Name is the proved name.
	Name string
	// Method is how it was proved; the plugin sets it.
	Method string
	// Data is what a Verifier wants handlers to know, such as rights. It is
	// shared by all who ask.
	Data any
}

// From gives the identity of the other side of a session. It takes a tp.Session,
// a tp.PreSession, a tp.PostSession or any context of a handler or hook; of a
// context, it is the identity at the time when its packet came. ok is false
// where nobody has proved anything.
func From(s interface{ Public() *sync.Map }) (id Identity, ok bool) {
	v, _ := s.Public().Load(PublicKey)
	id, ok = v.(Identity)
	return id, ok
}
