package vectorgen

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// recordedPackets is interop/fast-original.json.
type recordedPackets struct {
	Cases []struct {
		Name      string
		Seq       string
		Ptype     int
		Uri       vectors.Bytes
		MetaOps   []vectors.Op `json:"meta_ops"`
		Meta      []vectors.Pair
		MetaQuery string `json:"meta_query"`
		BodyCodec int    `json:"body_codec"`
		Body      string
		Pipe      []int
		Payload   string
		Wire      string
		Size      int
		Canonical bool
		PackError string `json:"pack_error"`
		Malformed bool
	}
}

func TestInterop_RecordedPackets(t *testing.T) {
	var table recordedPackets
	if err := recorded("fast-original.json", &table); err != nil {
		t.Fatal(err)
	}
	decoded, encoded := 0, 0
	for _, c := range table.Cases {
		if c.PackError != "" {
			continue
		}
		wire, err := hex.DecodeString(c.Wire)
		if err != nil {
			t.Fatal(err)
		}
		if c.Malformed { // 256 filters: a reader must reject it
			if _, _, err := oracle.Decode(wire, oracle.Limits{}); err == nil {
				t.Errorf("%s: accepted", c.Name)
			}
			continue
		}
		body, _ := hex.DecodeString(c.Body)
		want := vectors.Packet{Seq: c.Seq, Ptype: c.Ptype, Uri: c.Uri, BodyCodec: c.BodyCodec, Body: vectors.Text(body), Size: c.Size}
		for _, id := range c.Pipe {
			want.Pipe = append(want.Pipe, byte(id))
		}
		empties := false
		for _, m := range c.Meta {
			x := expander{}
			if len(x.bytes(m.Key))+len(x.bytes(m.Value)) == 0 {
				empties = true // not read back
				continue
			}
			want.Meta = append(want.Meta, m)
		}
		out := Oracle().Decode([][]byte{wire}, vectors.Limits{})
		if out.Failure != nil || len(out.Packets) != 1 {
			t.Errorf("%s: %d packets, %v", c.Name, len(out.Packets), out.Failure)
			continue
		}
		if err := samePacket(want, out.Packets[0]); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		decoded++
		if !c.Canonical || empties || strings.Contains(c.Name, "del-adjacent-dup") {
			continue
		}
		want.Meta = c.Meta
		got, failure := Oracle().Encode(want, nil, vectors.Limits{})
		if failure != nil || !bytes.Equal(got, wire) {
			t.Errorf("%s: encoded to %x, %v, must be %x", c.Name, got, failure, wire)
		}
		encoded++
	}
	if decoded != 274 || encoded < 130 {
		t.Errorf("%d packets decoded, %d encoded", decoded, encoded)
	}
}

// TestInterop_Dialogues decodes every frame that was recorded in a dialogue.
func TestInterop_Dialogues(t *testing.T) {
	names, err := fs.Glob(vectors.FS(), "interop/dialogue-*.json")
	if err != nil || len(names) != 4 {
		t.Fatalf("%d dialogues, %v", len(names), err)
	}
	frames := 0
	for _, name := range names {
		raw, err := fs.ReadFile(vectors.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(raw) {
			var event struct {
				Hex     string
				Decoded struct {
					Seq       string
					Ptype     int
					Uri       vectors.Bytes
					BodyCodec int `json:"body_codec"`
					Body      vectors.Bytes
					Size      int
				}
			}
			if err := json.Unmarshal(line, &event); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if event.Hex == "" || event.Decoded.Seq == "" {
				continue
			}
			wire, err := hex.DecodeString(event.Hex)
			if err != nil {
				t.Fatal(err)
			}
			p, n, e := oracle.Decode(wire, oracle.Limits{})
			x := expander{}
			if e != nil || n != len(wire) || seq(p.Seq) != event.Decoded.Seq || int(p.Ptype) != event.Decoded.Ptype || p.Size != event.Decoded.Size ||
				!bytes.Equal(p.Uri, x.bytes(event.Decoded.Uri)) || !bytes.Equal(p.Body, x.bytes(event.Decoded.Body)) {
				t.Errorf("%s: %s: %+v, %v", name, event.Hex, p, failureOf(e))
			}
			frames++
		}
	}
	if frames < 40 {
		t.Errorf("only %d frames", frames)
	}
}

// TestInterop_Tables counts that the recorded tables are cases, whole.
func TestInterop_Tables(t *testing.T) {
	cases, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string]int{"meta-recorded-encode-": 40, "meta-recorded-decode-": 76, "rerror-recorded-encode-": 21, "rerror-recorded-decode-": 27} {
		got := 0
		for _, c := range cases {
			if strings.HasPrefix(c.ID, prefix) {
				got++
			}
		}
		if got != want {
			t.Errorf("%s: %d cases, want %d", prefix, got, want)
		}
	}
}
