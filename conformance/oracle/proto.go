package oracle

// Proto is one of the Protos that the oracle knows: all have the frame of chapter 5, and differ in protocol id and payload.
type Proto struct {
	ID      byte
	Name    string
	decode  func(payload []byte, l Limits) (Packet, *Error)
	payload func(seq uint64, ptype byte, uri, meta []byte, codec byte, body []byte) []byte
	filters Filters // besides gzip; see With
}

// The Protos.
var (
	Fast = Proto{ProtoID, "fast", decodePayload, Payload, nil}     // req: TP-FAST-001
	JSON = Proto{'j', "json", decodeJSONPayload, JSONPayload, nil} // req: TP-JSON-001
	PB   = Proto{'p', "pb", decodeProtobufPayload, PBPayload, nil} // req: TP-PB-001
)

// ProtoByName finds one of them.
func ProtoByName(name string) (Proto, bool) {
	for _, pr := range []Proto{Fast, JSON, PB} {
		if pr.Name == name {
			return pr, true
		}
	}
	return Proto{}, false
}
