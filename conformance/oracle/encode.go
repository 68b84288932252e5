package oracle

// Encode is Fast.Encode.
func Encode(p Packet, limits Limits) ([]byte, *Error) { return Fast.Encode(p, limits) }

// Encode writes a packet as a frame, or nothing and an error. The gzip filter writes members of stored blocks: any
// conforming receiver reads them, and nobody may expect particular compressed bytes (req: TP-XFER-020).
func (pr Proto) Encode(p Packet, limits Limits) ([]byte, *Error) {
	l := limits.withDefaults()
	if len(p.Pipe) > 255 { // req: TP-FAST-019
		return nil, fail(Limit, StageFrame, 0, "the pipe has %d filters, a frame can list 255", len(p.Pipe))
	}
	for _, id := range p.Pipe {
		if !pr.filters.knows(id) { // req: TP-FAST-018
			return nil, fail(FilterUnknown, StageFrame, 0, "no filter has the id %d", id)
		}
	}
	meta := EncodeMeta(p.Meta)
	switch {
	case len(p.Uri) > int(l.MaxUri):
		return nil, fail(Limit, StagePayload, 0, "the uri has %d bytes, the uri limit is %d", len(p.Uri), l.MaxUri)
	case len(meta) > int(l.MaxMeta): // req: TP-META-019
		return nil, fail(Limit, StagePayload, 0, "the metadata has %d bytes, the metadata limit is %d", len(meta), l.MaxMeta)
	case len(DecodeMeta(meta)) > l.MaxMetaPairs: // req: TP-META-019
		return nil, fail(Limit, StagePayload, 0, "the metadata has more than %d pairs", l.MaxMetaPairs)
	}
	payload := pr.payload(p.Seq, p.Ptype, p.Uri, meta, p.Codec, p.Body) // req: TP-FAST-015, TP-FAST-021
	for i := len(p.Pipe) - 1; i >= 0; i-- {                             // req: TP-XFER-002
		payload = pr.filters.do(p.Pipe[i], payload)
	}
	frame := RawFrame(uint32(6+len(p.Pipe)+len(payload)), pr.ID, byte(len(p.Pipe)), p.Pipe, payload)
	if int64(len(frame)) > int64(l.MaxPacket) { // req: TP-FRAME-014
		return nil, fail(Limit, StageFrame, 0, "the frame has %d bytes, the packet limit is %d", len(frame), l.MaxPacket)
	}
	return frame, nil
}
