package mutants

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// write is the clean encoder: the oracle's payload, through the pipe.
func (p *naivePeer) write(out oracle.Packet) ([]byte, error) {
	ids := out.Pipe
	out.Pipe = nil
	plain, refused := oracle.Encode(out, oracle.Limits{MaxPacket: 1 << 30, MaxUri: 1 << 20})
	if refused != nil {
		return nil, refused
	}
	payload, err := p.done(ids, plain[6:])
	if err != nil {
		return nil, err
	}
	if limit := cmp.Or(p.limits.MaxPacket, 4<<20); 6+len(ids)+len(payload) > int(limit) {
		return nil, fmt.Errorf("the packet is longer than %d bytes", limit)
	}
	return oracle.Frame(ids, payload), nil
}

// throughPipe does the filters, the last listed first.
func (p *naivePeer) throughPipe(ids, payload []byte) ([]byte, error) {
	for _, id := range slices.Backward(ids) {
		f, ok := p.filters[id]
		switch {
		case id == oracle.FilterGzip:
			payload = gzipped(payload)
		case ok:
			payload = f.Do(payload)
		default:
			return nil, fmt.Errorf("no filter has the id %d", id)
		}
	}
	return payload, nil
}

// gunzipped undoes a member as chapter 7 says, and within a reasonable time: the oracle's own way takes seconds for megabytes.
func gunzipped(b []byte, limit int) ([]byte, error) {
	pipe := xfer.NewXferPipe()
	if err := pipe.Append(oracle.FilterGzip); err != nil {
		return nil, err
	}
	return pipe.OnUnpackLimit(b, limit)
}

// undone is the clean decoder: the oracle, but for gzip.
func (p *naivePeer) undone(wire []byte, l oracle.Limits) (oracle.Packet, int, *oracle.Error) {
	ids, payload, ok := p.gzipFrame(wire, l)
	size := 6 + len(ids) + len(payload)
	if !ok {
		return oracle.Fast.With(p.filters).Decode(wire, l)
	}
	for i, id := range ids {
		var err error
		limit := int(cmp.Or(l.MaxPayload, 4<<20))
		if id == oracle.FilterGzip {
			payload, err = gunzipped(payload, limit)
		} else {
			payload, err = p.filters[id].Undo(payload, limit)
		}
		if err != nil {
			class := oracle.FilterData
			if errors.Is(err, xfer.ErrExceedLimit) || errors.Is(err, oracle.ErrLimit) {
				class = oracle.Limit
			}
			return oracle.Packet{}, 0, &oracle.Error{Class: class, Stage: oracle.StageFrame, Offset: int64(6 + i), Detail: err.Error()}
		}
	}
	l.MaxPacket = 1 << 31
	in, _, err := oracle.Decode(oracle.Frame(nil, payload), l)
	in.Pipe = ids
	return in, size, err
}

// gzipFrame gives the parts of a whole frame whose pipe is known and has gzip in it.
func (p *naivePeer) gzipFrame(wire []byte, l oracle.Limits) (ids, payload []byte, ok bool) {
	if len(wire) < 6 || wire[4] != oracle.ProtoID {
		return nil, nil, false
	}
	size, n := int(binary.BigEndian.Uint32(wire)), 6+int(wire[5])
	if size > int(cmp.Or(l.MaxPacket, 4<<20)) || size > len(wire) || n > size {
		return nil, nil, false
	}
	ids = wire[6:n]
	for _, id := range ids {
		if _, known := p.filters[id]; !known && id != oracle.FilterGzip {
			return nil, nil, false
		}
	}
	return ids, wire[n:size], slices.Contains(ids, oracle.FilterGzip)
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b) // neither it nor Close fails on a Buffer
	w.Close()
	return out.Bytes()
}
