package kaitai_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/tools/needs"
	"github.com/henrylee2cn/teleport/vectors"
)

// request and answer are the lines of check.js.
type request struct {
	ID      string    `json:"id"`
	Wire    string    `json:"wire"`
	Proto   byte      `json:"proto"`
	Limits  *limits   `json:"limits,omitempty"`
	Offered []int     `json:"offered"`
	Undone  []*string `json:"undone"`
}

type limits struct {
	MaxPacket  uint32 `json:"maxPacket"`
	MaxPayload uint32 `json:"maxPayload"`
	MaxUri     uint32 `json:"maxUri"`
	MaxMeta    uint32 `json:"maxMeta"`
}

type answer struct {
	ID     string  `json:"id"`
	Frames []frame `json:"frames"`
	Error  *fault  `json:"error"`
}

type frame struct {
	Size    int         `json:"size"`
	Pipe    []int       `json:"pipe"`
	PipeBy  string      `json:"pipeBy"`
	Seq     string      `json:"seq"`
	Ptype   int         `json:"ptype"`
	Uri     string      `json:"uri"`
	MetaRaw string      `json:"metaRaw"`
	Meta    [][2]string `json:"meta"`
	Codec   int         `json:"codec"`
	Body    string      `json:"body"`
}

type fault struct {
	Class  string `json:"class"`
	Stage  string `json:"stage"`
	Offset int64  `json:"offset"`
	Field  string `json:"field"`
}

// newRequest is what check.js is asked about these bytes of a case.
func newRequest(c *vectors.Case, id string, wire []byte) request {
	proto, _ := oracle.ProtoByName(c.ProtoName())
	l := c.EffectiveLimits()
	if c.Kind == vectors.KindEncode {
		l = vectors.DefaultLimits() // the case's own are those of the sender
	}
	r := request{ID: id, Wire: hex.EncodeToString(wire), Proto: proto.ID, Offered: []int{oracle.FilterGzip}}
	if proto.ID != oracle.ProtoID || l != vectors.DefaultLimits() || len(c.Filters) > 0 {
		r.Limits = &limits{l.MaxPacket, l.MaxPayload, l.MaxUri, l.MaxMeta}
	}
	for _, id := range c.Filters {
		r.Offered = append(r.Offered, int(id))
	}
	for len(wire) >= 6 {
		size, n := int(binary.BigEndian.Uint32(wire)), int(wire[5])
		if size < 6+n || size > len(wire) {
			break
		}
		r.Undone = append(r.Undone, undo(wire[6:6+n], wire[6+n:size], int(l.MaxPayload)))
		wire = wire[size:]
	}
	return r
}

// undo gives the payload behind a pipe, undone by the oracle: check.js has no zstd and no keys. Nil where that fails.
func undo(ids, data []byte, limit int) *string {
	filters := oracle.TestFilters(oracle.Judged)
	for _, id := range ids {
		var err error
		if f, ok := filters[id]; ok {
			data, err = f.Undo(data, limit)
		} else {
			data, err = oracle.Gunzip(data, limit)
		}
		if err != nil {
			return nil
		}
	}
	s := hex.EncodeToString(data)
	return &s
}

// check gives the answers of check.js by id.
func check(t *testing.T, requests []request) map[string]answer {
	t.Helper()
	node := needs.Program(t, "node")
	if _, err := os.Stat("node_modules/kaitai-struct-compiler"); err != nil {
		needs.Missing(t, "npm ci has not been run in tools/kaitai")
	}
	var in, stderr bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, r := range requests {
		if err := enc.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), node, "check.js")
	cmd.Stdin, cmd.Stderr = &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node check.js: %v\n%s", err, stderr.String())
	}
	answers := map[string]answer{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var a answer
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			t.Fatalf("a line of check.js: %v", err)
		}
		answers[a.ID] = a
	}
	if lines.Err() != nil || len(answers) != len(requests) {
		t.Fatalf("check.js answered %d of %d requests (%v)", len(answers), len(requests), lines.Err())
	}
	return answers
}
