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
		name                 string
		req                  spec.Requirement
		vectors, cases, code []Source
		want                 string // part of the one problem; "": none
	}{
		{"a vector is enough", must, names("TP-X-001"), nil, nil, ""},
		{"a case is enough", must, nil, names("TP-X-001"), nil, ""},
		{"code alone is not", must, nil, nil, names("TP-X-001"), "spec/05-x.md:7: TP-X-001 is a MUST that no vector and no case can falsify"},
		{"nothing", must, nil, nil, nil, "TP-X-001 is a MUST that no vector"},
		{"a reason is enough", untested, nil, nil, nil, ""},
		{"a reason that is not true", untested, nil, names("TP-X-001"), nil, "says that it is not tested, but it names it"},
		{"a MAY needs nothing", may, nil, nil, nil, ""},
		{"unknown in a vector", may, names("TP-X-002"), nil, nil, "vector it: names TP-X-002"},
		{"unknown in a case", may, nil, names("TP-Y-001"), nil, "case it: names TP-Y-001"},
		{"unknown in the code", may, nil, nil, names("TP-X-01"), "code it: names TP-X-01"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := Build([]spec.Requirement{tt.req}, tt.vectors, tt.cases, tt.code)
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
