package vectorgen

import (
	"strconv"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// frame is one frame: what it says, and the bytes that say it, both by hand.
type frame struct {
	packet vectors.Packet
	seq    uint64
	ptype  byte
	uri    []byte
	meta   []byte // as on the wire
	codec  byte
	body   []byte
	pipe   []byte
	piped  []byte // the payload with the filters applied, when pipe is not empty

	proto byte   // protocol id, where it is not that of fast/1; the payload is then made of parts
	parts []part // in order
}

// part is a named part of a payload.
type part struct {
	name string
	b    []byte
}

// pair is one pair of metadata.
func pair(key, value string) vectors.Pair {
	return vectors.Pair{Key: text(key), Value: text(value)}
}

// base is the plain packet on which faults are put: a PULL of 33 bytes, its payload of 27 from byte 6.
//
//	wire  payload
//	   0           00000021          size
//	   4           66                protocol id
//	   5           00                filter count
//	   6        0  0000000000000007  seq
//	  14        8  01                ptype
//	  15        9  00000005          uri length
//	  19       13  2f6563686f        uri
//	  24       18  00000000          meta length
//	  28       22  73                codec
//	  29       23  68657921          body
func base() frame { return plain(7, oracle.Pull, "/echo", 's', "hey!") }

// plain is a frame without metadata and filters.
func plain(seqNo uint64, ptype byte, uri string, codec byte, body string) frame {
	return frame{
		packet: vectors.Packet{Seq: seq(seqNo), Ptype: int(ptype), Uri: text(uri), Meta: []vectors.Pair{},
			BodyCodec: int(codec), Pipe: vectors.Pipe{}, Body: text(body)},
		seq: seqNo, ptype: ptype, uri: []byte(uri), codec: codec, body: []byte(body),
	}
}

// withMeta gives the frame metadata: the bytes on the wire and the pairs they mean.
func (f frame) withMeta(wire string, pairs ...vectors.Pair) frame {
	f.meta = []byte(wire)
	f.packet.Meta = append([]vectors.Pair{}, pairs...)
	return f
}

// withPipe gives the frame filters, and the payload after they were applied.
func (f frame) withPipe(ids string, piped []byte) frame {
	f.pipe, f.piped = []byte(ids), piped
	f.packet.Pipe = vectors.Pipe(ids)
	return f
}

// payload is the payload before the pipe.
func (f frame) payload() []byte {
	if f.proto != 0 {
		var b []byte
		for _, p := range f.parts {
			b = append(b, p.b...)
		}
		return b
	}
	return oracle.Payload(f.seq, f.ptype, f.uri, f.meta, f.codec, f.body)
}

// wire is the frame on the wire, field by field.
func (f frame) wire() wire {
	payload := f.payload()
	if len(f.pipe) > 0 {
		payload = f.piped
	}
	var w wire
	id := byte(oracle.ProtoID)
	if f.proto != 0 {
		id = f.proto
	}
	w.head(uint32(6+len(f.pipe)+len(payload)), id, byte(len(f.pipe)), string(f.pipe))
	if len(f.pipe) > 0 {
		return w.put("piped payload", payload)
	}
	return w.fieldsOf(f)
}

// wire is bytes with the names of their ranges.
type wire struct {
	b      []byte
	fields []vectors.Field
}

// put appends bytes under a name.
func (w *wire) put(name string, b []byte) wire {
	if len(b) > 0 {
		w.fields = append(w.fields, vectors.Field{Name: name, At: len(w.b), Len: len(b)})
		w.b = append(w.b, b...)
	}
	return *w
}

// head appends what comes before the payload, true or not.
func (w *wire) head(size uint32, proto, count byte, ids string) wire {
	w.put("size", oracle.U32(size))
	w.put("proto", oracle.U8(proto))
	w.put("filter count", oracle.U8(count))
	return w.put("filter ids", []byte(ids))
}

// fieldsOf appends the fields of a payload.
func (w *wire) fieldsOf(f frame) wire {
	if f.proto != 0 {
		for _, p := range f.parts {
			w.put(p.name, p.b)
		}
		return *w
	}
	w.put("seq", oracle.U64(f.seq))
	w.put("ptype", oracle.U8(f.ptype))
	w.put("uri length", oracle.U32(uint32(len(f.uri))))
	w.put("uri", f.uri)
	w.put("meta length", oracle.U32(uint32(len(f.meta))))
	w.put("meta", f.meta)
	w.put("codec", oracle.U8(f.codec))
	return w.put("body", f.body)
}

// join appends another wire, its names under a prefix.
func (w *wire) join(prefix string, o wire) {
	for _, f := range o.fields {
		w.fields = append(w.fields, vectors.Field{Name: prefix + ": " + f.Name, At: len(w.b) + f.At, Len: f.Len})
	}
	w.b = append(w.b, o.b...)
}

// cut keeps the first n bytes.
func (w wire) cut(n int) wire {
	out := wire{b: w.b[:n]}
	for _, f := range w.fields {
		if f.At < n {
			f.Len = min(f.Len, n-f.At)
			out.fields = append(out.fields, f)
		}
	}
	return out
}

// set overwrites the bytes at a place.
func (w wire) set(at int, b ...byte) wire {
	out := append([]byte(nil), w.b...)
	copy(out[at:], b)
	return wire{b: out, fields: w.fields}
}

// setU32 overwrites a number.
func (w wire) setU32(at int, v uint32) wire { return w.set(at, oracle.U32(v)...) }

// framed is a frame without filters around any payload.
func framed(payload []byte) wire {
	var w wire
	w.head(uint32(6+len(payload)), oracle.ProtoID, 0, "")
	return w.put("payload", payload)
}

// framedPipe is a frame with filters around any piped payload.
func framedPipe(ids string, piped []byte) wire {
	var w wire
	w.head(uint32(6+len(ids)+len(piped)), oracle.ProtoID, byte(len(ids)), ids)
	return w.put("piped payload", piped)
}

// itoa is a number in a comment.
func itoa(n int) string { return strconv.Itoa(n) }
