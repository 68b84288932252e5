package properties

import (
	"os"
	"strings"
	"testing"
)

func TestReadme_ListsTheLaws(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range Laws() {
		if line := "| `" + l.Name + "` | " + l.Title + " |\n"; !strings.Contains(string(text), line) {
			t.Errorf("README.md lacks the line %q", line)
		}
	}
	if got := strings.Count(string(text), "\n| `"); got < len(Laws()) {
		t.Errorf("README.md has %d rows", got)
	}
}
