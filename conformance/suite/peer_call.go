package suite

import (
	"net/url"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/report"
)

// call is a packet that a case sends.
type call struct {
	seq   uint64
	ptype byte
	uri   string
	meta  []oracle.Pair
	codec byte
	body  string
	pipe  []byte
}

// frame lays the call out, whatever its fields are.
func (c call) frame() []byte {
	payload := oracle.Payload(c.seq, c.ptype, []byte(c.uri), oracle.EncodeMeta(c.meta), c.codec, []byte(c.body))
	for range c.pipe { // gzip is the one filter of the battery
		payload = oracle.GzipFixed(payload)
	}
	return oracle.Frame(c.pipe, payload)
}

// announcement is the PUSH that tells a testee which case it is about to be judged by.
func announcement(id string) call {
	return push(0, "/conformance/case?id="+url.QueryEscape(id), 'j', "null")
}

func pull(seq uint64, uri string, codec byte, body string) call {
	return call{seq: seq, ptype: oracle.Pull, uri: uri, codec: codec, body: body}
}

func push(seq uint64, uri string, codec byte, body string) call {
	return call{seq: seq, ptype: oracle.Push, uri: uri, codec: codec, body: body}
}

// ask sends a PULL and gives its REPLY, which must be the next packet, with the PULL's seq and uri.
func (l *link) ask(c call) oracle.Packet {
	l.send(c.frame())
	p := l.read()
	l.isReply(p, c)
	return p
}

func (l *link) isReply(p oracle.Packet, to call) {
	if p.Ptype != oracle.Reply {
		l.t.Fatalf("expected a REPLY (2) to seq %d, got a packet of type %d for %q", to.seq, p.Ptype, p.Uri)
	}
	if p.Seq != to.seq {
		l.t.Fatalf("expected the REPLY to seq %d, got one with seq %d", to.seq, p.Seq)
	}
	if string(p.Uri) != to.uri {
		l.t.Fatalf("expected the REPLY to repeat the uri %q, got %q", to.uri, p.Uri)
	}
}

// success expects a REPLY without an error, with that codec and body.
func (l *link) success(p oracle.Packet, codec byte, body string) {
	if e, ok := oracle.ReplyErrorOf(p.Meta); ok {
		l.t.Fatalf("expected a result, got the error %d %q %q", e.Code, e.Message, e.Detail)
	}
	if p.Codec != codec && len(body) > 0 {
		l.t.Fatalf("expected codec %q, got %q", codec, p.Codec)
	}
	if string(p.Body) != body {
		l.t.Fatalf("the body is not the one expected:\n%s", report.HexDiff([]byte(body), p.Body, nil))
	}
}

// failure expects a REPLY with that error code and gives the error.
func (l *link) failure(p oracle.Packet, code int32) oracle.ReplyError {
	e, ok := oracle.ReplyErrorOf(p.Meta)
	if !ok {
		l.t.Fatalf("expected an error reply with code %d, got a result: codec %q, body %.60q", code, p.Codec, p.Body)
	}
	if e.Code != code {
		l.t.Fatalf("expected the error code %d, got %d %q %q", code, e.Code, e.Message, e.Detail)
	}
	return e
}

// goodSeq is the seq of the calls that prove a session good: one that no case uses.
const goodSeq = 0x600d600d600d600d

// good proves that the session works: an echo is the next thing answered.
func (l *link) good() {
	c := pull(goodSeq, "/conformance/echo", oracle.CodecString, "still good")
	l.success(l.ask(c), oracle.CodecString, "still good")
}

// alive proves that the session is served, by a peer with or without the conformance service: a PULL is answered.
func (l *link) alive() {
	l.ask(pull(goodSeq, "/conformance/echo", oracle.CodecString, "alive"))
}

// othersGood proves that the peer still serves a session of somebody else.
func (l *link) othersGood() {
	other := l.another()
	defer other.close()
	other.alive()
}
