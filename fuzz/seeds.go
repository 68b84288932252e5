package fuzz

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/henrylee2cn/teleport/vectors"
)

// texts gives strings as bytes.
func texts(list ...string) [][]byte {
	out := make([][]byte, len(list))
	for i, s := range list {
		out[i] = []byte(s)
	}
	return out
}

// vectorWires gives the wires of the golden vectors of a Proto, "" for every one: valid, invalid and quirks alike. Those
// that are too long for a target are left out. Without vectors, which are a part of the program, there are none.
func vectorWires(proto string) [][]byte { return wiresOf()[proto] }

// wiresOf has the wires of each Proto, and under "" all of them. They are shared: nobody changes them.
var wiresOf = sync.OnceValue(func() map[string][][]byte {
	out := map[string][][]byte{}
	for _, name := range []string{"", "fast", "json", "pb"} {
		out[name] = writeVectorWires(name)
	}
	return out
})

func writeVectorWires(proto string) [][]byte {
	cases, err := vectors.All()
	if err != nil {
		return nil
	}
	var out [][]byte
	for _, c := range cases {
		wire, err := c.WireBytes()
		if err == nil && len(wire) > 0 && len(wire) <= MaxInput && (proto == "" || c.ProtoName() == proto) {
			out = append(out, wire)
		}
	}
	return out
}

// vectorPayloads gives what stands behind the frames' heads.
func vectorPayloads(proto string) [][]byte {
	var out [][]byte
	for _, wire := range vectorWires(proto) {
		if len(wire) > 6 {
			out = append(out, wire[6:])
		}
	}
	return out
}

// vectorPackets gives the packets of all golden vectors.
func vectorPackets() []vectors.Packet {
	cases, err := vectors.All()
	if err != nil {
		return nil
	}
	var out []vectors.Packet
	for _, c := range cases {
		if c.Packet != nil {
			out = append(out, *c.Packet)
		}
		out = append(out, c.Packets...)
	}
	return out
}

// recorded gives the texts under a name, wherever it stands in one of the recorded files of vectors/interop.
func recorded(file, name string) [][]byte {
	raw, err := fs.ReadFile(vectors.FS(), "interop/"+file)
	if err != nil {
		return nil
	}
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	var out [][]byte
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for key, e := range v {
				s, isText := e.(string)
				if in, ok := e.(map[string]any); ok {
					s, isText = in["text"].(string)
				}
				if isText && key == name {
					out = append(out, []byte(strings.Clone(s)))
				} else {
					walk(e)
				}
			}
		}
	}
	walk(v)
	slices.SortFunc(out, bytes.Compare) // maps have no order
	return out
}

// distinct sorts nothing and keeps the first of equal seeds, so that seeds are the same in every run.
func distinct(lists ...[][]byte) [][]byte {
	seen := map[string]bool{}
	var out [][]byte
	for _, list := range lists {
		for _, seed := range list {
			if len(seed) <= MaxInput && !seen[string(seed)] {
				seen[string(seed)] = true
				out = append(out, seed)
			}
		}
	}
	return out
}

// recordedWires gives the frames that were recorded from the original.
func recordedWires() [][]byte {
	var out [][]byte
	for _, text := range recorded("fast-original.json", "wire") {
		if wire, err := hex.DecodeString(string(text)); err == nil {
			out = append(out, wire)
		}
	}
	return out
}
