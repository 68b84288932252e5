package vectorgen

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// aeadArea is the two filters that encrypt, under the test keys of the standard. One of the two is as good as the other,
// so each has the same cases.
func aeadArea() *area {
	a := newArea("aead", "Encryption: AES-256-GCM (a) and ChaCha20-Poly1305 (x) under the test keys; what is changed, cut, sealed by another or with another; their order with the other filters. The reader has the sender id 2.", map[string]string{
		"Forged":     "The payload was changed, or sealed without the key: a reader that does not look at the tag, or looks behind the deciphering, hands on an attacker's bytes.",
		"Associated": "The associated data are others: an implementation that authenticates more, less or nothing beside the ciphertext.",
		"KeyId":      "The key id stands for another key, or for none.",
		"Reflected":  "The payload carries the reader's own sender id: a reader that opens it takes its own packets for the other side's.",
		"Truncated":  "There is no room for what every sealed payload has: a reader that subtracts reads past its buffer.",
		"Layout":     "The parts are in another place.",
		"Order":      "The filters must be undone in the order of the list, and encryption around compression is the order that senders use.",
	})
	for _, id := range []byte{oracle.FilterAES, oracle.FilterChaCha} {
		b := aead{a, id, string(id), map[byte]string{'a': "aes", 'x': "chacha"}[id], map[byte]string{'a': "TP-XFER-044", 'x': "TP-XFER-045"}[id]}
		b.forms()
		b.order()
		b.forged()
		b.cut()
	}
	return a
}

// aead builds the cases of one of the two.
type aead struct {
	*area
	id         byte
	ids        string
	name, mine string // the topic, and the requirement of the cipher
}

// by is what a test seals with, as a sender would.
func (a aead) by() oracle.Sealed {
	return oracle.Sealed{Filter: a.id, Key: 1, Sender: oracle.Sealer, Run: oracle.TestRun()}
}

func (a aead) forms() {
	form := func(comment string, f frame, s oracle.Sealed, req string) {
		a.reads(a.name, reqs("TP-XFER-046", "TP-XFER-047", req), comment, f.withPipe(a.ids, s.Seal(f.payload())), needs(a.ids))
	}
	e := examplePiped()
	a.reads("example", reqs(a.mine, "TP-XFER-046"), "A worked example of the chapter.", e.withPipe(a.ids, a.by().Seal(e.payload())), needs(a.ids))
	f, s := base(), a.by()
	form("A payload of 27 bytes.", f, s, a.mine)
	s.Key = 2
	form("The second key.", f, s, "TP-XFER-053")
	s = a.by()
	s.Counter = 1
	form("The second packet of a run.", f, s, "TP-XFER-046")
	s.Counter = 1<<32 - 1
	form("The last packet of a run.", f, s, "TP-XFER-046")
	s = a.by()
	s.Run = make([]byte, 8)
	form("A run of zeros: any eight bytes may be drawn.", f, s, "TP-XFER-046")
	for _, sender := range []uint32{0, 3, 0x02000000, 1<<32 - 1} {
		s = a.by()
		s.Sender = sender
		form(fmt.Sprintf("Sender %d.", sender), f, s, "TP-XFER-054")
	}
	form("A body of every byte: several blocks of the cipher, the last one not full.", plain(7, oracle.Push, "/echo", 's', everyByte()), a.by(), a.mine)
	form("The smallest payload.", plain(0, 0, "", 0, ""), a.by(), a.mine)
	form("A payload of 64 bytes: full blocks of either cipher.", plain7("a body of exactly forty-one bytes, so many"), a.by(), a.mine)
	a.reads(a.name, reqs(a.mine, "TP-LIM-005"), "A payload of as many bytes as the payload limit allows.", f.withPipe(a.ids, a.by().Seal(f.payload())), needs(a.ids),
		limits(vectors.Limits{MaxPayload: uint32(len(f.payload()))}))
	a.bad(a.name, reqs("TP-FAST-005", a.mine), at(oracle.Header, oracle.StagePayload, 0), "36 bytes, the shortest: the payload is sealed, and empty.",
		framedPipe(a.ids, a.by().Seal(nil)), needs(a.ids), piped(1, 0))
}

func (a aead) order() {
	f := base()
	p := f.payload()
	seal := func(b []byte) []byte { return a.by().Seal(b) }
	z, g, c := oracle.ZstdRaw, oracle.Gzip, oracle.AppendCrc32c
	order := func(comment, ids, need string, done []byte) {
		a.reads(a.name+"-order", reqs("TP-XFER-003", a.mine), comment, f.withPipe(ids, done), needs(need), flags("Order"))
	}
	i := a.ids
	order("Compressed and then encrypted.", i+"g", i, seal(g(p)))
	order("Zstandard, and then encrypted.", i+"z", i+"z", seal(z(p)))
	order("Encrypted and then compressed: legal, and of no use.", "g"+i, i, g(seal(p)))
	order("Encrypted, then in a Zstandard frame.", "z"+i, i+"z", z(seal(p)))
	order("A checksum around the sealed payload.", "c"+i, i+"c", c(seal(p)))
	order("A checksum inside.", i+"c", i+"c", seal(c(p)))
	order("Encrypted around Zstandard around a checksum.", i+"zc", i+"zc", seal(z(c(p))))
	order("The same filter twice.", i+i, i, seal(seal(p)))
	wrong := func(n int64, comment, ids, need string, done []byte) {
		a.bad(a.name+"-order", reqs("TP-XFER-003", "TP-XFER-006"), at(oracle.FilterData, oracle.StageFrame, n), comment, framedPipe(ids, done),
			needs(need), flags("Order"), piped(len(ids), 2*len(done)), zstdState(1))
	}
	wrong(6, "Compressed last and listed last: the member is not sealed.", i+"g", i, g(seal(p)))
	wrong(6, "Encrypted last and listed last.", "g"+i, i, seal(g(p)))
	wrong(7, "Twice listed and once sealed.", i+i, i, seal(p))
	wrong(7, "Encrypted, and not compressed as is listed.", i+"z", i+"z", seal(p))
	wrong(6, "Not encrypted at all, only compressed.", i+"g", i, g(p))
	wrong(6, "A checksum listed inside and done outside: four bytes follow the tag.", i+"c", i+"c", c(seal(p)))
	if a.id == oracle.FilterChaCha {
		other := aead{a.area, oracle.FilterAES, "a", "aes", "TP-XFER-044"}
		order("ChaCha20-Poly1305 around AES-GCM.", "xa", "ax", seal(other.by().Seal(p)))
		order("AES-GCM around ChaCha20-Poly1305.", "ax", "ax", other.by().Seal(seal(p)))
		wrong(6, "Sealed as x a and listed as a x.", "ax", "ax", seal(other.by().Seal(p)))
	}
}

// reject is a sealed payload that must not open.
func (a aead) reject(req, comment string, sealed []byte, names ...string) {
	a.bad(a.name+"-forged", reqs("TP-XFER-006", req), at(oracle.FilterData, oracle.StageFrame, 6), comment, framedPipe(a.ids, sealed),
		needs(a.ids), flags(names...), piped(1, len(sealed)))
}

func (a aead) forged() {
	p := base().payload()
	good := wire{b: a.by().Seal(p)}
	last := len(good.b) - 1
	for _, c := range []struct {
		at   int
		what string
	}{{8, "first byte of the run"}, {15, "last byte of the run"}, {16, "first byte of the counter"}, {19, "last byte of the counter"},
		{20, "first byte of the ciphertext"}, {30, "eleventh byte of the ciphertext"}, {last - 16, "last byte of the ciphertext"},
		{last - 15, "first byte of the tag"}, {last, "last byte of the tag"}} {
		for _, bit := range []byte{0x01, 0x80} {
			a.reject("TP-XFER-055", fmt.Sprintf("Bit %#02x of the %s is changed.", bit, c.what), good.set(c.at, good.b[c.at]^bit).b, "Forged")
		}
	}
	a.reject("TP-XFER-055", "A tag of zeros.", oracle.Cat(good.b[:last-15], make([]byte, 16)), "Forged")
	a.reject("TP-XFER-055", "The payload in clear, and a tag of zeros.", oracle.Cat(a.by().Head(), p, make([]byte, 16)), "Forged")
	a.reject("TP-XFER-055", "Two bytes of the ciphertext have changed places.", good.set(25, good.b[26], good.b[25]).b, "Forged")
	a.reject("TP-XFER-055", "A byte behind the tag.", oracle.Cat(good.b, []byte{0}), "Forged")
	a.reject("TP-XFER-055", "The tag has lost its last byte.", good.b[:last], "Forged")
	a.reject("TP-XFER-055", "The tag stands in front of the ciphertext.", oracle.Cat(good.b[:20], good.b[last-15:], good.b[20:last-15]), "Layout")
	a.reject("TP-XFER-046", "The nonce stands first.", oracle.Cat(good.b[8:20], good.b[:8], good.b[20:]), "Layout")
	a.reject("TP-XFER-046", "The ids are little-endian.", good.set(0, 1, 0, 0, 0, 1, 0, 0, 0).b, "Layout")
	s := a.by()
	s.Secret = oracle.TestKey(a.id, 2)
	a.reject("TP-XFER-055", "Sealed with the second key and named as the first.", s.Seal(p), "Forged", "KeyId")
	s.Secret = make([]byte, 32)
	a.reject("TP-XFER-055", "Sealed with a key of zeros.", s.Seal(p), "Forged")
	a.reject("TP-XFER-047", "Sealed under the first key, the key id changed to the second.", good.set(3, 2).b, "KeyId", "Associated")
	a.reject("TP-XFER-047", "The sender id is changed from 1 to 3.", good.set(7, 3).b, "Forged", "Associated")
	for _, key := range []uint32{0, 3, 0x01000000, 1<<32 - 1} {
		s := a.by()
		s.Key, s.Secret = key, oracle.TestKey(a.id, 1)
		a.reject("TP-XFER-053", fmt.Sprintf("Key %d, which the reader does not have.", key), s.Seal(p), "KeyId")
	}
	own := a.by()
	own.Sender = oracle.Judged
	a.reject("TP-XFER-054", "Sealed by sender 2, which is the reader itself.", own.Seal(p), "Reflected")
	own.Key = 2
	a.reject("TP-XFER-054", "The same with the second key.", own.Seal(p), "Reflected")
	a.reject("TP-XFER-054", "The sender id is changed from 1 to 2: neither the tag nor the id is right.", good.set(7, 2).b, "Reflected", "Forged")
	ad := func(comment string, additional []byte) {
		s := a.by()
		s.Additional = additional
		a.reject("TP-XFER-047", comment, s.Seal(p), "Associated")
	}
	head := a.by().Head()
	ad("No associated data.", []byte{})
	ad("The filter id alone is authenticated.", []byte{a.id})
	ad("The key id and the sender id are authenticated, the filter id is not.", head[:8])
	ad("The filter id and the key id are authenticated, the sender id is not.", oracle.Cat(oracle.U8(a.id), head[:4]))
	ad("The nonce is authenticated, too.", oracle.Cat(oracle.U8(a.id), head))
	ad("The id of the other filter is authenticated.", oracle.Cat(oracle.U8('a'+'x'-a.id), head[:8]))
	ad("The filter id stands behind the others.", oracle.Cat(head[:8], oracle.U8(a.id)))
	other := a.by()
	other.Filter, other.Secret = 'a'+'x'-a.id, oracle.TestKey(a.id, 1)
	a.reject("TP-XFER-055", "Sealed with this key by the other cipher.", other.Seal(p), "Forged")
	a.reject(a.mine, "An empty payload with a tag that is not its own.", oracle.Cat(a.by().Head(), good.b[last-15:]), "Forged")
}

func (a aead) cut() {
	p := base().payload()
	good := wire{b: a.by().Seal(p)}
	for _, n := range []int{0, 1, 4, 8, 16, 20, 35} {
		a.bad(a.name+"-cut", reqs("TP-XFER-006", "TP-XFER-048"), at(oracle.FilterData, oracle.StageFrame, 6), "The first "+itoa(n)+" bytes of a sealed payload.",
			framedPipe(a.ids, good.b[:n]), needs(a.ids), flags("Truncated"), piped(1, 0))
	}
	a.bad(a.name+"-cut", reqs("TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, 0), "The stream ends somewhere inside the frame.",
		framedPipe(a.ids, good.b), needs(a.ids), flags("Truncated"), expand(vectors.ExpandTruncate), piped(1, len(good.b)))
	limit := func(comment string, sealed []byte) {
		a.bad(a.name+"-limit", reqs("TP-XFER-007", "TP-XFER-029"), at(oracle.Limit, oracle.StageFrame, 6), comment, framedPipe(a.ids, sealed),
			needs(a.ids), limits(vectors.Limits{MaxPayload: uint32(len(p) - 1)}), piped(1, 0))
	}
	limit("The payload has one byte more than the payload limit allows.", good.b)
	limit("The same with a changed tag: the length is looked at first.", good.set(len(good.b)-1, good.b[len(good.b)-1]^1).b)
	limit("The same with a key that the reader does not have.", good.set(3, 9).b)
	limit("The same with the reader's own sender id.", good.set(7, 2).b)
	a.bad(a.name+"-limit", reqs("TP-XFER-009"), at(oracle.Limit, oracle.StageFrame, 7), "The sealed member's output passes the limit, the member does not.",
		framedPipe(a.ids+"g", a.by().Seal(oracle.GzipRun(0, 20_000))), needs(a.ids), limits(vectors.Limits{MaxPayload: 10_000}), piped(2, 10_000))
	a.bad(a.name+"-limit", reqs("TP-FRAME-007"), at(oracle.FilterUnknown, oracle.StageFrame, 7), "Sealed, and listed with a filter that is not known: nothing is opened.",
		framedPipe(a.ids+"X", good.b), needs(a.ids))
}
