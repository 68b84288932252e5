package vectorgen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/vectors"
)

func TestREADME_ShowsTheCaseAsItIs(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := vectors.ByID("fast-uri-length-0001")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"` + c.Wire[0].Hex + `"`, c.Comment, `"stage": "` + c.Stage + `"`, `"maxAlloc": ` + itoa(int(c.MaxAlloc))} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the README does not show %s of case %s", want, c.ID)
		}
	}
	files, err := vectors.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.Contains(string(raw), "`"+f.Area+".json`") {
			t.Errorf("the README does not name %s.json", f.Area)
		}
	}
}
