package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// House numbers.
const (
	maxLines        = 500
	maxGoStatements = 10 // in the peer and the socket together
)

// vagueNames are package names that say nothing.
var vagueNames = []string{"util", "utils", "common", "helper", "helpers", "base", "manager"}

// finding is one broken rule.
type finding struct {
	file string
	line int
	text string
}

func (f finding) String() string { return fmt.Sprintf("%s:%d: %s", f.file, f.line, f.text) }

// source is one parsed file.
type source struct {
	file  string // relative to the module, with slashes
	lines int
	fset  *token.FileSet
	ast   *ast.File
	test  bool
}

func parseSource(file string, text []byte) (*source, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &source{
		file:  file,
		lines: bytes.Count(text, []byte("\n")),
		fset:  fset,
		ast:   f,
		test:  strings.HasSuffix(file, "_test.go"),
	}, nil
}

func (s *source) dir() string { return path.Dir(s.file) }

func (s *source) at(n ast.Node, format string, args ...any) finding {
	return finding{s.file, s.fset.Position(n.Pos()).Line, fmt.Sprintf(format, args...)}
}

// check runs every rule that looks at one file alone.
func (s *source) check() []finding {
	var out []finding
	if !ast.IsGenerated(s.ast) {
		out = append(out, s.checkSize()...)
		out = append(out, s.checkUnsafe()...)
		out = append(out, s.checkInit()...)
	}
	out = append(out, s.checkName()...)
	out = append(out, s.checkFloors()...)
	return append(out, s.checkExits()...)
}

func (s *source) checkSize() []finding {
	if s.lines > maxLines {
		return []finding{s.at(s.ast, "%d lines, at most %d are allowed: split the file", s.lines, maxLines)}
	}
	return nil
}

func (s *source) checkUnsafe() (out []finding) {
	for _, spec := range s.ast.Imports {
		if importPath(spec) == "unsafe" {
			out = append(out, s.at(spec, "imports unsafe"))
		}
	}
	return out
}

func (s *source) checkInit() (out []finding) {
	if s.test {
		return nil
	}
	for _, d := range s.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			out = append(out, s.at(fn, "func init: use a variable's initialiser or an explicit call"))
		}
	}
	return out
}

func (s *source) checkName() []finding {
	if name := s.ast.Name.Name; slices.Contains(vagueNames, strings.TrimSuffix(name, "_test")) {
		return []finding{s.at(s.ast.Name, "package name %s says nothing: name what it does", name)}
	}
	return nil
}

// checkFloors looks at the imports. Floors bind non-test files only.
func (s *source) checkFloors() (out []finding) {
	if s.test {
		return nil
	}
	for _, spec := range s.ast.Imports {
		if text := checkImport(s.dir(), importPath(spec)); text != "" {
			out = append(out, s.at(spec, "%s", text))
		}
	}
	return out
}

// checkExits finds what ends the process in a library. The peer has one
// replaceable exit function, so it may name os.Exit in one place.
func (s *source) checkExits() (out []finding) {
	if s.test || s.ast.Name.Name == "main" {
		return nil
	}
	if r, _, ok := roomOf(s.dir()); !ok || r.roof {
		return nil
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		name := s.qualified(sel)
		switch {
		case name == "os.Exit" && s.dir() == "reference":
			// the replaceable function; checkTree counts it
		case name == "os.Exit", strings.HasPrefix(name, "log.Fatal"):
			out = append(out, s.at(sel, "%s in library code: return an error", name))
		}
		return true
	})
	return out
}

// exitNames counts the mentions of os.Exit that checkExits lets pass.
func (s *source) exitNames() (n int) {
	if s.test || s.dir() != "reference" {
		return 0
	}
	ast.Inspect(s.ast, func(node ast.Node) bool {
		if sel, ok := node.(*ast.SelectorExpr); ok && s.qualified(sel) == "os.Exit" {
			n++
		}
		return true
	})
	return n
}

// goStatements gives the go statements of the peer and the socket.
func (s *source) goStatements() (out []finding) {
	if s.test || s.dir() != "reference" && s.dir() != "reference/socket" {
		return nil
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			out = append(out, s.at(g, "go statement"))
		}
		return true
	})
	return out
}

// qualified gives "path.Name" for a name of an imported package, else "".
func (s *source) qualified(sel *ast.SelectorExpr) string {
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	for _, spec := range s.ast.Imports {
		p := importPath(spec)
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == id.Name {
			return p + "." + sel.Sel.Name
		}
	}
	return ""
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return p
}

// checkTree runs the rules that look at all files together.
func checkTree(files []*source) (out []finding) {
	var gos []finding
	exits := 0
	for _, s := range files {
		gos = append(gos, s.goStatements()...)
		exits += s.exitNames()
	}
	if len(gos) > maxGoStatements {
		for _, g := range gos {
			g.text += fmt.Sprintf(" (one of %d in the peer and the socket, at most %d are allowed)", len(gos), maxGoStatements)
			out = append(out, g)
		}
	}
	if exits > 1 {
		out = append(out, finding{file: "reference", text: fmt.Sprintf("os.Exit is named %d times, once is allowed", exits)})
	}
	return out
}
