package oracle

import "encoding/binary"

// Decode is Fast.Decode.
func Decode(wire []byte, limits Limits) (Packet, int, *Error) { return Fast.Decode(wire, limits) }

// Decode reads the first frame of a stream of which wire is all that will ever come. It gives the packet and how many
// bytes the frame has. At a clean end (wire is empty) it gives 0 bytes and no error.
//
// The slices of the packet are parts of wire, of what the pipe was undone to, or of what the payload was unescaped to.
func (pr Proto) Decode(wire []byte, limits Limits) (Packet, int, *Error) {
	l := limits.withDefaults()

	if len(wire) == 0 { // req: TP-FRAME-011
		return Packet{}, 0, nil
	}
	// The checks of the frame, in the order of TP-FRAME-008: each as soon as its bytes are there.
	short := func() (Packet, int, *Error) { // req: TP-FRAME-012
		return Packet{}, 0, fail(Short, StageFrame, len(wire), "the stream ends inside a frame, after %d of its bytes", len(wire))
	}
	if len(wire) < 4 {
		return short()
	}
	size := binary.BigEndian.Uint32(wire) // req: TP-FRAME-001, TP-FRAME-002
	if size < 6 {                         // req: TP-FRAME-003
		return Packet{}, 0, fail(Length, StageFrame, 0, "the size is %d, no frame has fewer than 6 bytes", size)
	}
	if size > l.MaxPacket { // req: TP-FRAME-004, TP-LIM-005
		return Packet{}, 0, fail(Limit, StageFrame, 0, "the size is %d, the packet limit is %d", size, l.MaxPacket)
	}
	if len(wire) < 5 {
		return short()
	}
	if wire[4] != pr.ID { // req: TP-FRAME-005
		return Packet{}, 0, fail(Version, StageFrame, 4, "the protocol id is 0x%02x, must be 0x%02x", wire[4], pr.ID)
	}
	if len(wire) < 6 {
		return short()
	}
	n := uint32(wire[5])
	if 6+n > size { // req: TP-FRAME-006
		return Packet{}, 0, fail(Length, StageFrame, 5, "%d filter ids do not fit into a frame of %d bytes", n, size)
	}
	if n == 0 && size-6 > l.MaxPayload { // req: TP-XFER-008
		return Packet{}, 0, fail(Limit, StageFrame, 0, "the payload has %d bytes, the payload limit is %d", size-6, l.MaxPayload)
	}
	for i := 6; i < 6+int(n); i++ {
		if len(wire) <= i {
			return short()
		}
		if !pr.filters.knows(wire[i]) { // req: TP-FRAME-007
			return Packet{}, 0, fail(FilterUnknown, StageFrame, i, "no filter has the id %d", wire[i])
		}
	}
	if uint32(len(wire)) < size {
		return short()
	}

	// The frame is there: size bytes, not one more.  req: TP-FRAME-017
	frame := wire[:size]
	ids := frame[6 : 6+n]  // req: TP-XFER-001
	payload := frame[6+n:] // req: TP-XFER-003
	for i, id := range ids {
		out, err := pr.filters.undo(id, payload, int(l.MaxPayload))
		if err == errOver { // req: TP-XFER-007, TP-XFER-009
			return Packet{}, 0, fail(Limit, StageFrame, 6+i, "filter %d: the output is longer than %d bytes", id, l.MaxPayload)
		}
		if err != nil { // req: TP-XFER-006
			return Packet{}, 0, fail(FilterData, StageFrame, 6+i, "filter %d: %v", id, err)
		}
		payload = out
	}
	p, e := pr.decode(payload, l)
	if e != nil {
		return Packet{}, 0, e
	}
	p.Pipe = ids
	p.Size = int(size) // req: TP-FAST-017
	return p, int(size), nil
}

// decodePayload reads the fields of an undone payload of fast/1 from left to right.
func decodePayload(b []byte, l Limits) (Packet, *Error) {
	var p Packet
	at := 0
	fits := func(n int, what string) *Error { // req: TP-FAST-005, TP-FAST-008
		if len(b)-at < n {
			return fail(Header, StagePayload, at, "the payload ends before or inside the %s", what)
		}
		return nil
	}
	// req: TP-FAST-002
	if e := fits(8, "seq"); e != nil {
		return p, e
	}
	p.Seq = binary.BigEndian.Uint64(b[at:]) // req: TP-FAST-003
	at += 8

	if e := fits(1, "ptype"); e != nil {
		return p, e
	}
	p.Ptype = b[at] // req: TP-FAST-004
	at++

	if e := fits(4, "uri length"); e != nil {
		return p, e
	}
	uriLen, uriLenAt := int64(binary.BigEndian.Uint32(b[at:])), at
	at += 4
	if uriLen > int64(len(b)-at) { // req: TP-FAST-006, TP-LIM-011
		return p, fail(Header, StagePayload, uriLenAt, "the uri length is %d, %d bytes follow", uriLen, len(b)-at)
	}
	if uriLen > int64(l.MaxUri) { // req: TP-LIM-003
		return p, fail(Limit, StagePayload, uriLenAt, "the uri length is %d, the uri limit is %d", uriLen, l.MaxUri)
	}
	p.Uri = b[at : at+int(uriLen)] // req: TP-FAST-011, TP-FAST-012
	at += int(uriLen)

	if e := fits(4, "meta length"); e != nil {
		return p, e
	}
	metaLen, metaLenAt := int64(binary.BigEndian.Uint32(b[at:])), at
	at += 4
	if metaLen > int64(len(b)-at) { // req: TP-FAST-007, TP-LIM-011
		return p, fail(Header, StagePayload, metaLenAt, "the meta length is %d, %d bytes follow", metaLen, len(b)-at)
	}
	if metaLen > int64(l.MaxMeta) { // req: TP-META-016
		return p, fail(Limit, StagePayload, metaLenAt, "the meta length is %d, the metadata limit is %d", metaLen, l.MaxMeta)
	}
	p.Meta = DecodeMeta(b[at : at+int(metaLen)])
	if len(p.Meta) > l.MaxMetaPairs { // req: TP-META-017
		return p, fail(Limit, StagePayload, metaLenAt, "the metadata has %d pairs, the limit is %d", len(p.Meta), l.MaxMetaPairs)
	}
	at += int(metaLen)

	if e := fits(1, "codec"); e != nil {
		return p, e
	}
	p.Codec, p.CodecOffset = b[at], at // req: TP-FAST-014
	p.Body = b[at+1:]                  // req: TP-FAST-009, TP-FAST-013
	return p, nil
}

// DecodeStream is Fast.DecodeStream.
func DecodeStream(wire []byte, limits Limits) ([]Packet, *Error) {
	return Fast.DecodeStream(wire, limits)
}

// DecodeStream reads frames one after the other until the stream ends or a frame is bad; after a bad one it reads no
// further. An error's offset counts from the first byte of its frame.
// req: TP-FRAME-010, TP-FRAME-015
func (pr Proto) DecodeStream(wire []byte, limits Limits) ([]Packet, *Error) {
	var out []Packet
	for len(wire) > 0 {
		p, n, err := pr.Decode(wire, limits)
		if err != nil {
			return out, err
		}
		out = append(out, p)
		wire = wire[n:]
	}
	return out, nil
}
