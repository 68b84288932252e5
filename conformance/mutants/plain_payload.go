package mutants

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// payload lays out the fields of chapter 6.
func (x *plain) payload(p *packet.Packet, l packet.Limits) ([]byte, error) {
	uri := p.Uri()
	if x.is("uri-escaped") {
		uri = (&url.URL{Path: uri}).EscapedPath()
	}
	if x.over("write-uri", uint64(len(uri)), uint64(l.MaxUri)) {
		return nil, packet.PackError(packet.ClassLimit, errors.New("the uri is over its limit"))
	}
	meta, pairs := x.encodeMeta(p.Meta())
	if x.over("write-meta", uint64(len(meta)), uint64(l.MaxMeta)) {
		return nil, packet.PackError(packet.ClassLimit, errors.New("the metadata is over its limit"))
	}
	if x.over("write-pairs", uint64(pairs), uint64(l.MaxMetaPairs)) {
		return nil, packet.PackError(packet.ClassLimit, errors.New("too many metadata pairs"))
	}
	body, err := x.body(p)
	if err != nil {
		return nil, err
	}
	seq := p.Seq()
	if x.is("seq-32-bits") {
		seq &= 1<<32 - 1
	}
	out := binary.BigEndian.AppendUint64(nil, seq)
	out = append(out, p.Ptype())
	out = binary.BigEndian.AppendUint32(out, uint32(len(uri)))
	out = append(out, uri...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(meta)))
	out = append(out, meta...)
	if x.is("codec-lost") && len(body) == 0 {
		return append(out, 0), nil
	}
	return append(append(out, p.BodyCodec()), body...), nil
}

// parsePayload reads the fields from left to right.
func (x *plain) parsePayload(b []byte, p *packet.Packet, l packet.Limits) error {
	if len(b) < 8 {
		return header(0, "the payload ends inside seq")
	}
	if len(b) < 9 {
		return header(8, "the payload ends before the type")
	}
	seq := binary.BigEndian.Uint64(b)
	if x.is("seq-53-bits") {
		seq = uint64(float64(seq))
	}
	p.SetSeq(seq)
	p.SetPtype(b[8])
	if x.is("unknown-type-refused") && (b[8] < packet.TypePull || b[8] > packet.TypePush) {
		return packet.PayloadError(packet.ClassType, 8, errors.New("no such type"))
	}
	if x.is("unknown-type-zeroed") && b[8] > packet.TypePush {
		p.SetPtype(0)
	}
	uri, metaAt, err := x.field(b, 9, "uri")
	if err != nil {
		return err
	}
	if x.over("read-uri", uint64(len(uri)), uint64(l.MaxUri)) {
		return packet.PayloadError(packet.ClassLimit, 9, errors.New("the uri is over its limit"))
	}
	p.SetUri(x.readUri(string(uri)))
	if x.is("empty-uri-refused") && len(uri) == 0 {
		return header(9, "no uri")
	}
	meta, at, err := x.field(b, metaAt, "metadata")
	if err != nil {
		return err
	}
	if x.over("read-meta", uint64(len(meta)), uint64(l.MaxMeta)) {
		return packet.PayloadError(packet.ClassLimit, metaAt, errors.New("the metadata is over its limit"))
	}
	if !x.decodeMeta(p.Meta(), meta, l.MaxMetaPairs) {
		return packet.PayloadError(packet.ClassLimit, metaAt, errors.New("too many metadata pairs"))
	}
	if x.is("bad-meta-refused") && bytes.Contains(meta, []byte("%zz")) {
		return packet.PayloadError(packet.ClassMeta, metaAt, errors.New("a broken escape"))
	}
	if at == len(b) {
		if x.is("missing-codec-taken") {
			return nil
		}
		return header(at, "the payload ends before the codec")
	}
	if x.is("no-codec-refused") && b[at] == 0 {
		return header(at, "no codec")
	}
	p.SetBodyCodec(b[at])
	p.SetRawBody(x.readBody(b[at+1:]), at+1)
	return nil
}

// readUri gives the uri of the bytes that came.
func (x *plain) readUri(uri string) string {
	switch {
	case x.is("uri-made-valid-utf8"):
		return strings.ToValidUTF8(uri, "\uFFFD")
	case x.is("uri-cleaned"):
		return strings.TrimSuffix(uri, "/")
	}
	return uri
}

// readBody gives the body of the bytes behind the codec.
func (x *plain) readBody(b []byte) []byte {
	switch {
	case x.is("body-ends-at-zero"):
		b, _, _ = bytes.Cut(b, []byte{0})
	case x.is("body-trimmed"):
		b = bytes.TrimSpace(b)
	case x.is("body-in-16-bits"):
		b = b[:min(len(b), 1<<16-1)]
	}
	return b
}

// field gives the bytes behind the length at b[at], and where they end.
func (x *plain) field(b []byte, at int, name string) ([]byte, int, error) {
	if len(b)-at < 4 {
		return nil, 0, header(at, "the payload ends inside the length of the "+name)
	}
	n := uint64(binary.BigEndian.Uint32(b[at:]))
	from := at + 4
	if n > uint64(len(b)-from) {
		if x.is("field-cut-to-fit") {
			return b[from:], len(b), nil
		}
		return nil, 0, header(at, fmt.Sprintf("the %s should have %d bytes, %d are there", name, n, len(b)-from))
	}
	to := from + int(n)
	return b[from:to], to, nil
}

func header(at int, text string) error {
	return packet.PayloadError(packet.ClassHeader, at, errors.New(text))
}
