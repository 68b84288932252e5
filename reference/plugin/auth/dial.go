package auth

import (
	"fmt"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// dial is the dialing side: steps 1 and 3 of the exchange. The identity is the
// accepter's, nil where none is demanded.
func (a *Auth) dial(x *exchange) (*Identity, *refusal) {
	c := Challenge{Prover: Dialer, Method: a.cfg.Credential.Method(), DialerName: a.cfg.Credential.Name(), DialerNonce: newNonce()}
	defer a.ask(c.DialerNonce)()
	hello := message{Method: c.Method, Name: c.DialerName, Nonce: c.DialerNonce[:]}
	if a.cfg.Mutual {
		hello.Want = a.cfg.Verifier.Method()
	}
	reply, ref := x.pull(0, hello)
	if ref != nil {
		return nil, ref
	}
	if len(reply.Nonce) != NonceSize {
		return nil, refuse(nil, fmt.Sprintf("the other peer's nonce has %d bytes, want %d", len(reply.Nonce), NonceSize))
	}
	copy(c.AccepterNonce[:], reply.Nonce)
	c.AccepterName, x.claimed = reply.Name, reply.Name
	proof, ref := a.prove(c)
	if ref != nil {
		return nil, ref
	}
	if reply, ref = x.pull(1, message{Proof: proof}); ref != nil || !a.cfg.Mutual {
		return nil, ref
	}
	c.Prover, c.Method = Accepter, hello.Want
	id, ref := a.verify(c.AccepterName, reply.Proof, c)
	if ref != nil {
		ref.rerr.Detail = "the other peer did not prove itself: " + ref.rerr.Detail
	}
	return id, ref
}

// pull sends one PULL of the handshake and reads its REPLY.
func (x *exchange) pull(seq uint64, m message) (message, *refusal) {
	if ref := x.send(newPacket(packet.TypePull, seq, m)); ref != nil {
		return message{}, ref
	}
	in, ref := x.receive()
	if ref != nil {
		return message{}, ref
	}
	if in.Ptype() != packet.TypeReply || in.Seq() != seq {
		return message{}, refuse(nil, fmt.Sprintf("a %s with seq %d came, expected the REPLY to %s with seq %d",
			packet.TypeText(in.Ptype()), in.Seq(), Uri, seq))
	}
	switch rerr := tp.NewRerrorFromMeta(in.Meta()); {
	case rerr == nil:
	case rerr.Code == tp.CodeNotFound:
		return message{}, refuse(rerr, "the other peer does not authenticate: it answered 404 to "+Uri)
	default:
		return message{}, &refusal{rerr, rerr}
	}
	reply, err := read(in)
	if err != nil {
		return message{}, refuse(err, "the REPLY to "+Uri+" cannot be read: "+err.Error())
	}
	return reply, nil
}
