package auth

import (
	"fmt"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// accept is the accepting side: steps 2 and 4 of the exchange.
func (a *Auth) accept(x *exchange) (*Identity, *refusal) {
	in, hello, ref := x.request()
	if ref != nil {
		return nil, ref
	}
	x.claimed = hello.Name
	c := Challenge{Prover: Dialer, Method: a.cfg.Verifier.Method(), DialerName: hello.Name, AccepterNonce: newNonce()}
	switch {
	case hello.Method != c.Method:
		return nil, x.answerRefusal(in, refuse(nil, "this peer demands the method "+c.Method))
	case len(hello.Nonce) != NonceSize:
		return nil, x.answerRefusal(in, refuse(nil, fmt.Sprintf("the nonce has %d bytes, want %d", len(hello.Nonce), NonceSize)))
	case hello.Want != "" && (a.cfg.Credential == nil || a.cfg.Credential.Method() != hello.Want):
		return nil, x.answerRefusal(in, refuse(nil, "this peer cannot prove itself by the method that is wanted"))
	}
	copy(c.DialerNonce[:], hello.Nonce)
	if a.reflected(c.DialerNonce) {
		return nil, x.answerRefusal(in, refuse(nil, "this is a handshake of this peer's own"))
	}
	if hello.Want != "" {
		c.AccepterName = a.cfg.Credential.Name()
	}
	if ref := x.answer(in, message{Name: c.AccepterName, Nonce: c.AccepterNonce[:]}); ref != nil {
		return nil, ref
	}

	in, shown, ref := x.request()
	if ref != nil {
		return nil, ref
	}
	id, ref := a.verify(hello.Name, shown.Proof, c)
	if ref != nil {
		return nil, x.answerRefusal(in, ref)
	}
	var last message
	if hello.Want != "" { // only now: a stranger gets no proof
		c.Prover, c.Method = Accepter, hello.Want
		if last.Proof, ref = a.prove(c); ref != nil {
			return nil, x.answerRefusal(in, ref)
		}
	}
	return id, x.answer(in, last)
}

// request reads a PULL of the handshake. Whatever else comes is refused.
func (x *exchange) request() (in *packet.Packet, m message, ref *refusal) {
	if in, ref = x.receive(); ref != nil {
		return nil, m, ref
	}
	if in.Ptype() != packet.TypePull {
		return nil, m, refuse(nil, "a "+packet.TypeText(in.Ptype())+" came before the authentication")
	}
	if in.Uri() != Uri {
		return nil, m, x.answerRefusal(in, refuse(nil, "authenticate first: a PULL of "+Uri+" is expected before any other packet"))
	}
	m, err := read(in)
	if err != nil {
		return nil, m, x.answerRefusal(in, refuse(err, "the PULL of "+Uri+" cannot be read: "+err.Error()))
	}
	return in, m, nil
}

func (x *exchange) answer(in *packet.Packet, m message) *refusal {
	out := newPacket(packet.TypeReply, in.Seq(), m)
	out.AppendXferPipeFrom(in)
	return x.send(out)
}

// answerRefusal tells the other side and returns the refusal. That it was told
// makes no difference here, so a failure to tell is not looked at.
func (x *exchange) answerRefusal(in *packet.Packet, ref *refusal) *refusal {
	out := newPacket(packet.TypeReply, in.Seq(), message{})
	out.SetUri(in.Uri())
	out.AppendXferPipeFrom(in)
	ref.rerr.SetToMeta(out.Meta())
	out.SetBodyCodec(codec.JSONId)
	out.SetBody(packet.RawBody("null"))
	_ = x.send(out)
	return ref
}
