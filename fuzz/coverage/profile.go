package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

const module = "github.com/henrylee2cn/teleport/"

// block is a run of statements with one way in, as a cover profile has it.
type block struct {
	file            string // in the module
	line, col       int
	endLine, endCol int
	statements      int
	function, text  string // the function as Type.Name, and the source of the block
}

type place struct {
	file      string
	line, col int
}

var profileLine = regexp.MustCompile(`^(\S+):(\d+)\.(\d+),(\d+)\.(\d+) (\d+) (\d+)$`)

// readProfile gives the blocks of a cover profile by where they begin, and whether each was reached.
func readProfile(path string) (blocks map[place]block, reached map[place]bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	blocks, reached = map[place]block{}, map[place]bool{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		m := profileLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue // the mode
		}
		var n [6]int
		for i := range n {
			if n[i], err = strconv.Atoi(m[i+2]); err != nil {
				return nil, nil, fmt.Errorf("%s: %q: %w", path, lines.Text(), err)
			}
		}
		b := block{file: strings.TrimPrefix(m[1], module), line: n[0], col: n[1], endLine: n[2], endCol: n[3], statements: n[4]}
		at := place{b.file, b.line, b.col}
		blocks[at] = b
		reached[at] = reached[at] || n[5] > 0
	}
	return blocks, reached, lines.Err()
}

// source is a file of the module with where its functions are.
type source struct {
	lines     []string
	functions []function
}

type function struct {
	name        string
	first, last int // lines
}

func readSource(root, file string) (*source, error) {
	raw, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, raw, 0)
	if err != nil {
		return nil, err
	}
	s := &source{lines: strings.Split(string(raw), "\n")}
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			s.functions = append(s.functions, function{functionName(f), set.Position(f.Pos()).Line, set.Position(f.End()).Line})
		}
	}
	return s, nil
}

// functionName gives Name, or Type.Name for a method.
func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

// at gives the function that a line is in, "" outside of all.
func (s *source) at(line int) string {
	for _, f := range s.functions {
		if f.first <= line && line <= f.last {
			return f.name
		}
	}
	return ""
}

// text gives the source of a block on one line.
func (s *source) text(b block) string {
	var out []string
	for n := b.line; n <= b.endLine && n <= len(s.lines); n++ {
		line := s.lines[n-1]
		if n == b.endLine {
			line = line[:min(b.endCol-1, len(line))]
		}
		if n == b.line {
			line = line[min(b.col-1, len(line)):]
		}
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, " ")
}
