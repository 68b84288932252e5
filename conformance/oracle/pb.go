package oracle

// The payload of pb/1, written and read by hand from chapter 21.

// Varint is a number as Protocol Buffers write it: seven bits a byte, the lowest first, the top bit set but in the last.
func Varint(n uint64) []byte {
	out := []byte{}
	for n > 127 {
		out = append(out, byte(n%128)+128)
		n /= 128
	}
	return append(out, byte(n))
}

// PBNumber is a field of wire type 0, whatever its value.
func PBNumber(field uint64, n uint64) []byte { return Cat(Varint(field*8), Varint(n)) }

// PBBytes is a field of wire type 2, whatever its value.
func PBBytes(field uint64, b []byte) []byte {
	return Cat(Varint(field*8+2), Varint(uint64(len(b))), b)
}

// PBPayload lays out the payload of pb/1 around an encoded meta field.
// req: TP-PB-002, TP-PB-003
func PBPayload(seq uint64, ptype byte, uri, meta []byte, codec byte, body []byte) []byte {
	number := func(field, n uint64) []byte {
		if n == 0 {
			return nil
		}
		return PBNumber(field, n)
	}
	bytes := func(field uint64, b []byte) []byte {
		if len(b) == 0 {
			return nil
		}
		return PBBytes(field, b)
	}
	return Cat(number(1, seq), number(2, uint64(ptype)), bytes(3, uri), bytes(4, meta), number(5, uint64(codec)), bytes(6, body))
}

// varint reads a number; ok is false where it is cut or has more than 64 bits.
func varint(b []byte) (n uint64, length int, ok bool) {
	for i, c := range b {
		if i == 10 || i == 9 && c > 1 {
			return 0, 0, false
		}
		n += uint64(c%128) << (7 * i)
		if c < 128 {
			return n, i + 1, true
		}
	}
	return 0, 0, false
}

// decodeProtobufPayload reads the fields of a message from left to right.
// req: TP-PB-004
func decodeProtobufPayload(b []byte, l Limits) (Packet, *Error) {
	var p Packet
	wires := map[uint64]uint64{1: 0, 2: 0, 3: 2, 4: 2, 5: 0, 6: 2} // field number to wire type
	seen := map[uint64]bool{}
	at := 0
	for at < len(b) {
		tag, n, ok := varint(b[at:])
		field, wire := tag/8, tag%8
		want, ours := wires[field]
		switch {
		case !ok || field == 0 || field > 1<<29-1: // req: TP-PB-006
			return p, fail(Header, StagePayload, at, "no tag")
		case wire == 3 || wire == 4 || wire == 6 || wire == 7: // req: TP-PB-007
			return p, fail(Header, StagePayload, at, "wire type %d", wire)
		case field == 4 && wire != want: // req: TP-PB-016
			return p, fail(MetaClass, StagePayload, at, "the metadata has wire type %d", wire)
		case ours && wire != want: // req: TP-PB-009
			return p, fail(Header, StagePayload, at, "field %d has wire type %d", field, wire)
		case ours && seen[field]: // req: TP-PB-008
			return p, fail(Header, StagePayload, at, "field %d is there twice", field)
		}
		seen[field] = true
		at += n

		// The value: a number, or the bytes from value to end.
		number, value, end := uint64(0), at, at
		switch wire {
		case 0, 2:
			number, n, ok = varint(b[at:])
			if !ok { // req: TP-PB-010
				return p, fail(Header, StagePayload, at, "no number")
			}
			value, end = at+n, at+n
			if wire == 2 {
				if number > uint64(len(b)-value) { // req: TP-PB-011
					return p, fail(Header, StagePayload, at, "%d bytes, %d follow", number, len(b)-value)
				}
				end = value + int(number)
			}
		case 1, 5:
			end = at + map[uint64]int{1: 8, 5: 4}[wire]
			if end > len(b) { // req: TP-PB-010
				return p, fail(Header, StagePayload, at, "a value of %d bytes, %d follow", end-at, len(b)-at)
			}
		}
		switch field {
		case 1:
			p.Seq = number
		case 2, 5:
			if number > 255 { // req: TP-PB-012
				return p, fail(Header, StagePayload, at, "%d is no byte", number)
			}
			if field == 2 {
				p.Ptype = byte(number)
			} else {
				p.Codec, p.CodecOffset = byte(number), at
			}
		case 3:
			if end-value > int(l.MaxUri) { // req: TP-PB-013
				return p, fail(Limit, StagePayload, at, "the uri has %d bytes", end-value)
			}
			p.Uri = b[value:end]
		case 4:
			p.Meta = DecodeMeta(b[value:end])
			if end-value > int(l.MaxMeta) || len(p.Meta) > l.MaxMetaPairs { // req: TP-PB-014
				return p, fail(Limit, StagePayload, at, "the metadata has %d bytes and %d pairs", end-value, len(p.Meta))
			}
		case 6:
			p.Body, p.BodyOffset = b[value:end], value
		default: // req: TP-PB-005
		}
		at = end
	}
	return p, nil
}
