package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/spec"
	"github.com/henrylee2cn/teleport/vectors"
)

// The README's counts are those of this checkout.
func TestReadme_CountsAreTrue(t *testing.T) {
	raw, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	reqs, err := spec.Requirements()
	if err != nil {
		t.Fatal(err)
	}
	all, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		fmt.Sprintf("%d requirements", len(reqs)),
		grouped(len(all)) + " golden vectors",
		grouped(len(conformance.Cases())) + " cases",
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("README.md does not say %q", want)
		}
	}
}

// grouped writes thousands apart, as the README does.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// The programs that the README shows are those that are tested.
func TestReadme_ProgramsAreTheExamples(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"server", "client"} {
		source, err := os.ReadFile("../../../reference/example/hello/" + name + "/main.go")
		if err != nil {
			t.Fatal(err)
		}
		_, program, _ := strings.Cut(string(source), "package main")
		if !strings.Contains(string(readme), "package main"+strings.TrimRight(program, "\n")) {
			t.Errorf("README.md does not show reference/example/hello/%s/main.go as it is", name)
		}
	}
}
