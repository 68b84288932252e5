package attack

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// dialects are the Protos in the order in which the scripts of DecodeStream number them.
var dialects = []oracle.Proto{oracle.Fast, oracle.JSON, oracle.PB}

// Wire gives the bytes of a stream that an input of a target stands for, and the name of the Proto. target is the name
// of a target of package fuzz, with or without "Fuzz", or exec-fast, exec-json or exec-pb. Inputs of other targets are
// scripts for more than a stream: an error.
func Wire(target string, data []byte) (proto string, wire []byte, err error) {
	switch target = trimFuzz(target); target {
	case "DecodeFast", "exec-fast":
		return oracle.Fast.Name, bytes.Clone(data), nil
	case "exec-json", "exec-pb":
		return target[len("exec-"):], bytes.Clone(data), nil
	case "DecodeJSON":
		return oracle.JSON.Name, framed(oracle.JSON, data), nil
	case "DecodePB":
		return oracle.PB.Name, framed(oracle.PB, data), nil
	case "DecodeStream":
		pr, wire := streamOf(data)
		return pr.Name, wire, nil
	case "Metadata":
		return oracle.Fast.Name, oracle.Frame(nil, oracle.Payload(0, oracle.Push, []byte("/a"), data, 0, nil)), nil
	case "Unzstd":
		return oracle.Fast.Name, piped([]byte{oracle.FilterZstd}, rightSum(data)), nil
	case "XferPipe": // the half of it that undoes a pipe over the bytes themselves
		ids, behind := pipeOf(data)
		return oracle.Fast.Name, piped(ids, behind), nil
	case "ReplyError":
		meta := oracle.EncodeMeta([]oracle.Pair{{Key: []byte(oracle.ErrorKey), Value: data}})
		return oracle.Fast.Name, oracle.Frame(nil, oracle.Payload(0, oracle.Reply, []byte("/a"), meta, oracle.CodecJSON, []byte("null"))), nil
	}
	return "", nil, fmt.Errorf("an input of the target %s is no stream of bytes: a case for it has to be written by hand", target)
}

// Input is an input of the target that decodes packets of that Proto, and one of DecodeStream, for the bytes of a stream.
// ok is false where the bytes are no input of the former: its name is then empty.
func Input(proto string, wire []byte) (target string, data, stream []byte, ok bool) {
	for i, pr := range dialects {
		if pr.Name != proto {
			continue
		}
		stream = append([]byte{byte(i), 0, 0, 0}, wire...)
		switch {
		case pr.ID == oracle.Fast.ID:
			return "DecodeFast", bytes.Clone(wire), stream, true
		case len(wire) >= headLen && wire[4] == pr.ID && wire[5] == 0:
			first := split(wire)
			if pr.ID == oracle.JSON.ID {
				return "DecodeJSON", first.payload, stream, true
			}
			return "DecodePB", first.payload, stream, true
		}
	}
	return "", nil, stream, false
}

func framed(pr oracle.Proto, payload []byte) []byte {
	return oracle.RawFrame(uint32(headLen+len(payload)), pr.ID, 0, nil, payload)
}

// piped puts the frame of fast/1 around what comes behind a pipe.
func piped(ids, data []byte) []byte {
	return oracle.RawFrame(uint32(headLen+len(ids)+len(data)), oracle.Fast.ID, byte(len(ids)), ids, data)
}

// pipeOf reads a script of XferPipe: how many filters, each filter, the bytes.
func pipeOf(data []byte) (ids, behind []byte) {
	if len(data) == 0 {
		return nil, nil
	}
	n, data := int(data[0])%6, data[1:]
	for range n {
		at := 0
		if len(data) > 0 {
			at, data = int(data[0]), data[1:]
		}
		ids = append(ids, filterIDs[at%len(filterIDs)])
	}
	return ids, data
}

// rightSum gives a Zstandard frame the checksum of its content, as the target does, where it has a content.
func rightSum(frame []byte) []byte {
	z, err := zstd.NewReader(nil, zstd.IgnoreChecksum(true), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<20))
	if err != nil {
		return bytes.Clone(frame)
	}
	defer z.Close()
	content, err := z.DecodeAll(frame, nil)
	if err != nil || len(frame) < 9 {
		return bytes.Clone(frame)
	}
	return append(bytes.Clone(frame[:len(frame)-4]), oracle.ZstdSum(content)...)
}

// streamOf reads a script of DecodeStream: the Proto, the lengths of segments, the bytes cut off, the stream.
func streamOf(data []byte) (oracle.Proto, []byte) {
	at := func(i int) int {
		if i < len(data) {
			return int(data[i])
		}
		return 0
	}
	plan := at(1) % 8
	cut := at(2+plan) | at(3+plan)<<8
	wire := bytes.Clone(data[min(4+plan, len(data)):])
	return dialects[at(0)%len(dialects)], wire[:len(wire)-min(cut, len(wire))]
}

func trimFuzz(name string) string {
	if len(name) > 4 && name[:4] == "Fuzz" {
		return name[4:]
	}
	return name
}
