package trace

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/henrylee2cn/teleport/spec"
)

func TestBuild_Problems(t *testing.T) {
	must := spec.Requirement{ID: "TP-X-001", Level: "MUST", Chapter: "05-x.md", Line: 7}
	untested := spec.Requirement{ID: "TP-X-001", Level: "MUST NOT", Untested: "local."}
	may := spec.Requirement{ID: "TP-X-001", Level: "MAY"}
	names := func(ids ...string) []Source { return []Source{{ID: "it", Requirements: ids}} }
	for _, tt := range []struct {
		name string
		req  spec.Requirement
		from Sources
		want string // part of the one problem; "": none
	}{
		{"a vector and a mutant", must, Sources{Vectors: names("TP-X-001"), Mutants: names("TP-X-001")}, ""},
		{"a case and a mutant", must, Sources{Cases: names("TP-X-001"), Mutants: names("TP-X-001")}, ""},
		{"an invalid vector", must, Sources{Vectors: names("TP-X-001"), Invalid: names("TP-X-001")}, ""},
		{"a vector that nothing falsifies", must, Sources{Vectors: names("TP-X-001")}, "TP-X-001 is a MUST that it names and nothing falsifies"},
		{"a case that nothing falsifies", must, Sources{Cases: names("TP-X-001")}, "TP-X-001 is a MUST that it names and nothing falsifies"},
		{"code alone is not", must, Sources{Code: names("TP-X-001")}, "spec/05-x.md:7: TP-X-001 is a MUST that no vector and no case can falsify"},
		{"nothing", must, Sources{}, "TP-X-001 is a MUST that no vector"},
		{"a mutant alone is not", must, Sources{Mutants: names("TP-X-001")}, "TP-X-001 is a MUST that no vector"},
		{"a reason is enough", untested, Sources{}, ""},
		{"a reason that is not true", untested, Sources{Cases: names("TP-X-001")}, "says that it is not tested, but it names it"},
		{"a MAY needs nothing", may, Sources{}, ""},
		{"unknown in a vector", may, Sources{Vectors: names("TP-X-002")}, "vector it: names TP-X-002"},
		{"unknown in an invalid vector", may, Sources{Vectors: names("TP-X-002"), Invalid: names("TP-X-002")}, "vector it: names TP-X-002"},
		{"unknown in a case", may, Sources{Cases: names("TP-Y-001")}, "case it: names TP-Y-001"},
		{"unknown in a mutant", may, Sources{Mutants: names("TP-Y-001")}, "mutant it: names TP-Y-001"},
		{"unknown in the code", may, Sources{Code: names("TP-X-01")}, "code it: names TP-X-01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := Build([]spec.Requirement{tt.req}, tt.from)
			if tt.want == "" {
				if len(m.Problems) != 0 {
					t.Fatalf("got %v", m.Problems)
				}
				return
			}
			if len(m.Problems) != 1 || !strings.Contains(m.Problems[0].String(), tt.want) {
				t.Fatalf("got %v, want one with %q", m.Problems, tt.want)
			}
		})
	}
}

func TestCode_FindsTags(t *testing.T) {
	got, err := Code(fstest.MapFS{
		"a/a.go":          {Data: []byte("package a\n\n// req: TP-X-001, TP-X-002\nfunc f() {} // req: TP-X-3\n// no tag: TP-X-004\n")},
		"a/a_test.go":     {Data: []byte("// req: TP-X-005\n")},
		"testdata/b.go":   {Data: []byte("// req: TP-X-006\n")},
		".hidden/c.go":    {Data: []byte("// req: TP-X-007\n")},
		"a/generated.txt": {Data: []byte("// req: TP-X-008\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, s := range got {
		said = append(said, s.ID+" "+strings.Join(s.Requirements, " "))
	}
	if text := strings.Join(said, "; "); text != "a/a.go:3 TP-X-001 TP-X-002; a/a.go:4 TP-X-3" {
		t.Fatalf("got %s", text)
	}
}

func TestMarkdown_NamesWhatFalsifies(t *testing.T) {
	reqs := []spec.Requirement{
		{ID: "TP-X-001", Level: "MUST", Chapter: "05-x.md"},
		{ID: "TP-X-002", Level: "MUST", Chapter: "05-x.md"},
		{ID: "TP-X-003", Level: "MUST NOT", Chapter: "05-x.md", Untested: "local | hidden."},
	}
	m := Build(reqs, Sources{
		Vectors: []Source{{"v-1", []string{"TP-X-001", "TP-X-002"}}},
		Mutants: []Source{{"proto-a", []string{"TP-X-001"}}},
		Invalid: []Source{{"v-1", []string{"TP-X-001", "TP-X-002"}}},
	})
	text := m.Markdown()
	for _, want := range []string{
		"| TP-X-001 | MUST | 05-x.md | v-1 | - | proto-a, v-1 | - |",
		"| TP-X-002 | MUST | 05-x.md | v-1 | - | v-1 | - |",
		`| TP-X-003 | MUST NOT | 05-x.md | - | - | (Not tested: local \| hidden.) | - |`,
		"1 falsified by a mutant, 1 by invalid vectors alone",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
