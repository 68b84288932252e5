package tp

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var updateAPI = flag.Bool("update", false, "write api.txt anew")

// api.txt lists what the public packages below this folder export: a promise.
// After a wanted change: go test -run TestAPI -update ./reference
func TestAPI_IsTheGoldenList(t *testing.T) {
	got := apiText(t)
	if *updateAPI {
		if err := os.WriteFile("api.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	golden, err := os.ReadFile("api.txt")
	if err != nil {
		t.Fatal(err)
	}
	have, want := strings.Split(got, "\n"), strings.Split(string(golden), "\n")
	for _, line := range want {
		if !slices.Contains(have, line) {
			t.Errorf("gone or changed: %s", line)
		}
	}
	for _, line := range have {
		if !slices.Contains(want, line) {
			t.Errorf("new, and not in api.txt: %s", line)
		}
	}
	if !t.Failed() && got != string(golden) {
		t.Error("api.txt is not in order: write it anew with -update")
	}
}

// apiText lists the packages, each with its exported names, one a line.
func apiText(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# What the public packages of the reference export. Checked by TestAPI_IsTheGoldenList;\n# written by: go test -run TestAPI -update ./reference\n")
	err := filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		switch d.Name() {
		case "internal", "example", "testdata":
			return filepath.SkipDir
		}
		name, lines := exported(t, dir)
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\npackage %s // reference/%s\n", name, strings.TrimPrefix(filepath.ToSlash(dir), "."))
			b.WriteString(strings.Join(lines, "\n") + "\n")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// exported lists the exported names of a folder's package, as it is built for linux.
func exported(t *testing.T, dir string) (name string, lines []string) {
	t.Helper()
	on := build.Default
	on.GOOS, on.GOARCH, on.CgoEnabled = "linux", "amd64", false
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if ok, err := on.MatchFile(dir, filepath.Base(path)); err != nil || !ok || strings.HasSuffix(path, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		name = f.Name.Name
		ast.FileExports(f)
		for _, decl := range f.Decls {
			lines = append(lines, declLines(t, fset, decl)...)
		}
	}
	if name == "main" {
		return name, nil
	}
	slices.Sort(lines)
	return name, lines
}

// declLines shows what a declaration exports, one name, method or field a line.
func declLines(t *testing.T, fset *token.FileSet, decl ast.Decl) (lines []string) {
	show := func(n ast.Node) string {
		var b bytes.Buffer
		if err := format.Node(&b, fset, n); err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(b.String()), " ")
	}
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil && !exportedType(d.Recv.List[0].Type) {
			return nil
		}
		d.Body, d.Doc = nil, nil
		return []string{show(d)}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				for i, n := range s.Names {
					if !n.IsExported() {
						continue
					}
					line := d.Tok.String() + " " + n.Name
					if s.Type != nil {
						line += " " + show(s.Type)
					}
					if d.Tok == token.CONST && i < len(s.Values) {
						line += " = " + show(s.Values[i])
					}
					lines = append(lines, line)
				}
			case *ast.TypeSpec:
				lines = append(lines, typeLines(show, s)...)
			}
		}
	}
	return lines
}

// exportedType says whether a receiver's type is exported.
func exportedType(x ast.Expr) bool {
	for {
		switch r := x.(type) {
		case *ast.StarExpr:
			x = r.X
		case *ast.IndexExpr:
			x = r.X
		case *ast.IndexListExpr:
			x = r.X
		case *ast.Ident:
			return r.IsExported()
		default:
			return false
		}
	}
}

func typeLines(show func(ast.Node) string, s *ast.TypeSpec) []string {
	head := "type " + s.Name.Name
	if s.TypeParams != nil {
		var params []string
		for _, p := range s.TypeParams.List {
			for _, n := range p.Names {
				params = append(params, n.Name+" "+show(p.Type))
			}
		}
		head += "[" + strings.Join(params, ", ") + "]"
	}
	var fields *ast.FieldList
	kind := ""
	switch x := s.Type.(type) {
	case *ast.StructType:
		kind, fields = "struct", x.Fields
	case *ast.InterfaceType:
		kind, fields = "interface", x.Methods
	default:
		if s.Assign.IsValid() {
			return []string{head + " = " + show(s.Type)}
		}
		return []string{head + " " + show(s.Type)}
	}
	lines := []string{head + " " + kind}
	for _, f := range fields.List {
		text := show(f.Type)
		if len(f.Names) == 0 {
			lines = append(lines, head+" "+kind+": "+text)
		}
		for _, n := range f.Names {
			if kind == "interface" {
				lines = append(lines, head+" interface: "+n.Name+strings.TrimPrefix(text, "func"))
			} else {
				lines = append(lines, head+" struct: "+n.Name+" "+text)
			}
		}
	}
	return lines
}
