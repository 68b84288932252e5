package auth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// maxMessage bounds the body of one packet of the handshake, bytes.
const maxMessage = 64 << 10

// errLate ends a connection whose handshake takes too long.
var errLate = errors.New("auth: the handshake was not through in time")

// message is the body of the packets; see the package comment.
type message struct {
	Method string `json:"method,omitempty"`
	Name   string `json:"name,omitempty"`
	Nonce  []byte `json:"nonce,omitempty"`
	Want   string `json:"want,omitempty"`
	Proof  []byte `json:"proof,omitempty"`
}

// refusal is how a handshake fails: what the hook returns, in words of our own,
// and the cause for OnRefuse.
type refusal struct {
	rerr  *tp.Rerror
	cause error
}

// refuse makes a refusal of code 401; a nil cause is the detail itself.
func refuse(cause error, detail string) *refusal {
	rerr := tp.NewRerror(tp.CodeUnauthorized, tp.CodeText(tp.CodeUnauthorized), detail)
	if cause == nil {
		cause = errors.New("auth: " + detail)
	}
	return &refusal{rerr, cause}
}

// exchange is one handshake.
type exchange struct {
	sess    tp.PreSession
	claimed string // the other side's name, not proved
}

// run does one handshake within its time, and keeps who it was.
func (a *Auth) run(sess tp.PreSession, shake func(*exchange) (*Identity, *refusal)) *tp.Rerror {
	sess.Public().Delete(PublicKey) // of an earlier connection
	var late atomic.Bool
	timer := time.AfterFunc(a.cfg.Timeout, func() {
		late.Store(true)
		endLink(sess)
	})
	defer timer.Stop() // where shake panics
	x := &exchange{sess: sess}
	id, ref := shake(x)
	if !timer.Stop() || late.Load() {
		detail := fmt.Sprintf("the handshake was not through within %s", a.cfg.Timeout)
		ref = &refusal{tp.NewRerror(tp.CodeTimeout, tp.CodeText(tp.CodeTimeout), detail), errLate}
	}
	if ref != nil {
		if a.cfg.OnRefuse != nil {
			a.cfg.OnRefuse(sess, x.claimed, ref.cause)
		}
		return ref.rerr
	}
	if id != nil {
		sess.Public().Store(PublicKey, *id)
	}
	return nil
}

// endLink interrupts Send and Receive. A session that redials goes on to its
// next attempt, which Close would forbid.
func endLink(sess tp.PreSession) {
	if e, ok := sess.(tp.LinkEnder); ok {
		e.EndLink(errLate)
		return
	}
	sess.Close()
}

// send writes one packet of the handshake.
func (x *exchange) send(p *packet.Packet) *refusal {
	if err := x.sess.Send(p); err != nil {
		return broken(err)
	}
	return nil
}

// receive reads one packet, its body not decoded.
func (x *exchange) receive() (*packet.Packet, *refusal) {
	in := packet.NewPacket()
	if err := x.sess.Receive(in); err != nil {
		return nil, broken(err)
	}
	return in, nil
}

// broken is a connection that failed, or brought what is no packet.
func broken(err error) *refusal {
	code, detail := int32(tp.CodeConnClosed), "the connection ended during the handshake"
	if pe := new(packet.Error); errors.As(err, &pe) && pe.Class != packet.ClassShort {
		code, detail = tp.CodeUnauthorized, "what came is no packet"
	}
	if t := (interface{ Timeout() bool })(nil); errors.As(err, &t) && t.Timeout() {
		code, detail = tp.CodeTimeout, "nothing came in time during the handshake"
	}
	return &refusal{tp.NewRerror(code, tp.CodeText(code), detail), err}
}

// read decodes the body of a packet of the handshake. Its error tells nothing
// of what the body holds.
func read(in *packet.Packet) (m message, err error) {
	body := in.RawBody()
	switch {
	case in.BodyCodec() != codec.JSONId:
		return m, fmt.Errorf("its body is under codec %d, want %d (JSON)", in.BodyCodec(), codec.JSONId)
	case len(body) > maxMessage:
		return m, fmt.Errorf("its body has %d bytes, at most %d are allowed", len(body), maxMessage)
	case in.Bind(&m) != nil:
		return m, errors.New("its body is not the JSON object that is expected")
	}
	return m, nil
}

// newPacket makes a packet of the handshake.
func newPacket(ptype byte, seq uint64, m message) *packet.Packet {
	return packet.NewPacket(packet.WithPtype(ptype), packet.WithSeq(seq), packet.WithUri(Uri),
		packet.WithBodyCodec(codec.JSONId), packet.WithBody(&m))
}

func newNonce() (n [NonceSize]byte) {
	rand.Read(n[:]) // it never fails: the process would have ended
	return n
}

// verify asks the Verifier, and refuses in words that tell nothing.
func (a *Auth) verify(name string, proof []byte, c Challenge) (*Identity, *refusal) {
	id, err := a.cfg.Verifier.Verify(name, proof, c)
	if err != nil {
		return nil, refuse(err, "the name is unknown or the proof is wrong")
	}
	id.Method = c.Method
	return &id, nil
}

// prove asks the Credential; what it says when it fails stays here.
func (a *Auth) prove(c Challenge) ([]byte, *refusal) {
	proof, err := a.cfg.Credential.Prove(c)
	switch {
	case err != nil:
		return nil, refuse(err, "this peer's credential gave no proof")
	case len(proof) == 0:
		return nil, refuse(nil, "this peer's credential gave an empty proof")
	}
	return proof, nil
}
