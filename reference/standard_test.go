package tp

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/spec"
	"github.com/henrylee2cn/teleport/vectors"
)

// rows returns the cells of the table in a chapter that follows the marker.
func rows(t *testing.T, chapter, marker string) [][]string {
	t.Helper()
	b, err := fs.ReadFile(spec.FS, chapter)
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), marker)
	if !ok {
		t.Fatalf("%s has no %q", chapter, marker)
	}
	var out [][]string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if len(out) > 0 {
				break
			}
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.Trim(cells[i], " `")
		}
		out = append(out, cells)
	}
	if len(out) < 3 {
		t.Fatalf("%s has no table after %q", chapter, marker)
	}
	return out[2:] // without head and rule
}

func TestClassCodes_AreTheStandardsTable(t *testing.T) {
	classes := 0
	for _, row := range rows(t, "11-errors.md", "<!-- class-to-action") {
		classes++
		want := []string{"close", "close", "close"}
		if code, ok := classCodes[packet.Class(row[0])]; ok {
			want = []string{fmt.Sprint("reply ", code), "ignore", fmt.Sprint("local ", code)}
		}
		if got := row[1:]; strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("class %s: the standard says %v, the code does %v", row[0], got, want)
		}
	}
	if classes != 11 {
		t.Errorf("%d classes, want 11", classes)
	}
}

func TestCodeText_IsTheStandardsRegistry(t *testing.T) {
	b, err := fs.ReadFile(spec.FS, "16-registries.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[int32]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| (\d{3}) \| ([^|]+?) \|`).FindAllStringSubmatch(string(b), -1) {
		code, _ := strconv.Atoi(m[1])
		listed[int32(code)] = true
		if got := CodeText(int32(code)); got != m[2] {
			t.Errorf("code %d is %q, the registry says %q", code, got, m[2])
		}
	}
	for code := range codeTexts {
		if !listed[code] {
			t.Errorf("code %d is not in the registry", code)
		}
	}
}

// Every golden vector that says what a reply's error is, is read so; the
// canonical ones are written so.
func TestRerror_AgreesWithTheVectors(t *testing.T) {
	cases, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	bytes := func(b vectors.Bytes) string {
		out, err := b.Expand()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	read, written := 0, 0
	for _, c := range cases {
		if c.Packet == nil || c.Packet.Error == nil && !c.HasFlag(vectors.FlagSuccess) {
			continue
		}
		var meta packet.Meta
		for _, p := range c.Packet.Meta {
			meta.Add(bytes(p.Key), bytes(p.Value))
		}
		got := NewRerrorFromMeta(&meta)
		if c.Packet.Error == nil {
			if got != nil {
				t.Errorf("%s: read as %v, want a success", c.ID, got)
			}
			continue
		}
		want := Rerror{c.Packet.Error.Code, bytes(c.Packet.Error.Message), bytes(c.Packet.Error.Detail)}
		if c.Kind != vectors.KindEncode {
			read++
			if got == nil || *got != want {
				t.Errorf("%s (%s): read as %v, want %+v", c.ID, c.Result, got, want)
			}
		}
		if c.Kind != vectors.KindDecode && c.Canonical {
			written++
			if v := meta.PeekString(MetaRerrorKey); want.String() != v {
				t.Errorf("%s: written as %s, want %s", c.ID, want.String(), v)
			}
		}
	}
	if read < 50 || written < 15 {
		t.Errorf("only %d read, %d written", read, written)
	}
}

// The names recorded from the original, whole.
func TestSnakeString_AgreesWithTheRecording(t *testing.T) {
	b, err := fs.ReadFile(vectors.FS(), "interop/snake-original.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Snake []struct{ Name, Snake string }
		Join  []struct {
			Group []string
			Name  string
		}
	}
	if err := json.Unmarshal(b, &table); err != nil || len(table.Snake) < 30 || len(table.Join) < 6 {
		t.Fatalf("%v: %d names, %d joins", err, len(table.Snake), len(table.Join))
	}
	for _, row := range table.Snake {
		if got := snakeString(row.Name); got != row.Snake {
			t.Errorf("%s gives %s, want %s", row.Name, got, row.Snake)
		}
	}
	for _, row := range table.Join {
		r := newRouter(false, newPluginContainer())
		for _, g := range row.Group {
			r = r.Group(g)
		}
		r.RegFunc("home/test", echo)
		if _, ok := r.lookup(row.Name); !ok {
			t.Errorf("groups %q do not give %s", row.Group, row.Name)
		}
	}
}
