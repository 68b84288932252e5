package gofuzz

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz"
)

// The entry points are behind a build tag, so that they are read, not called.
func TestEntries_OneForEachTarget(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "entries.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(f.Name.Name, "Fuzz") {
			continue
		}
		got = append(got, f.Name.Name)
		call := f.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.CallExpr)
		if name := call.Args[0].(*ast.BasicLit).Value; name != `"`+strings.TrimPrefix(f.Name.Name, "Fuzz")+`"` {
			t.Errorf("%s runs the target %s", f.Name.Name, name)
		}
	}
	for _, target := range fuzz.Targets() {
		want = append(want, "Fuzz"+target.Name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("entries.go has %q, package fuzz has the targets %q", got, want)
	}
}
