package packet

// Packet types (spec chapter 10). Others travel unchanged; the session that
// reads one ends.
//
// req: TP-SESS-001
const (
	TypeUndefined byte = 0
	TypePull      byte = 1
	TypeReply     byte = 2
	TypePush      byte = 3
)

// TypeText names a packet type for people: "PULL", "REPLY", "PUSH", and
// "Undefined" for every other byte.
func TypeText(ptype byte) string {
	switch ptype {
	case TypePull:
		return "PULL"
	case TypeReply:
		return "REPLY"
	case TypePush:
		return "PUSH"
	}
	return "Undefined"
}
