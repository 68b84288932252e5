package service

import (
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// Pushback sends the body to the caller as a PUSH, then answers it.
//
// req: TP-CONF-014
func (c *Conformance) Pushback(body *[]byte) (packet.RawBody, *tp.Rerror) {
	raw := packet.RawBody(*body)
	if rerr := c.Session().Push("/conformance/pushed", raw, socket.WithBodyCodec(c.GetBodyCodec())); rerr != nil {
		return nil, rerr
	}
	return raw, nil
}

// Pullback asks the caller what it answers to the body, and passes that on.
//
// req: TP-CONF-015, TP-DEAD-011
func (c *Conformance) Pullback(body *[]byte) (packet.RawBody, *tp.Rerror) {
	var answer packet.RawBody
	cmd := c.Session().PullContext(c.Context(), "/conformance/callback", packet.RawBody(*body), &answer, socket.WithBodyCodec(c.GetBodyCodec()))
	return answer, cmd.Rerror()
}
