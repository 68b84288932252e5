package proxy

import "github.com/henrylee2cn/teleport/reference/xfer"

// Opaque makes a stand-in for a filter that is not known here: it changes
// nothing, so that what the filter has made passes as it is, and its id with it.
//
//	front.Filters().Reg(proxy.Opaque('z'))
//
// It is for Protos whose header lies outside of the pipe. In fast/1 the header
// lies inside: behind a filter that cannot be undone nobody knows where a packet
// is to go, and the session that has sent it ends.
func Opaque(id byte) xfer.XferFilter { return opaque(id) }

type opaque byte

func (o opaque) Id() byte                           { return byte(o) }
func (opaque) OnPack(body []byte) ([]byte, error)   { return body, nil }
func (opaque) OnUnpack(body []byte) ([]byte, error) { return body, nil }
