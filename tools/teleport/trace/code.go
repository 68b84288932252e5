package trace

import (
	"bufio"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	tagLine = regexp.MustCompile(`//\s*req:\s*(.*)$`)
	tagID   = regexp.MustCompile(`TP-[A-Za-z0-9-]+`)
)

// Code collects the `// req: TP-...` tags of the Go files below root, tests and generated files aside.
func Code(root fs.FS) ([]Source, error) {
	var out []Source
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != "." && (strings.HasPrefix(name, ".") || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".pb.go") {
			return nil
		}
		tags, err := fileTags(root, path)
		out = append(out, tags...)
		return err
	})
	return out, err
}

func fileTags(root fs.FS, path string) ([]Source, error) {
	f, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []Source
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for line := 1; scanner.Scan(); line++ {
		m := tagLine.FindStringSubmatch(scanner.Text())
		if m == nil {
			continue
		}
		// Whatever begins like an id counts: one that is misspelt is found to be unknown.
		if ids := tagID.FindAllString(m[1], -1); len(ids) > 0 {
			out = append(out, Source{ID: fmt.Sprintf("%s:%d", path, line), Requirements: ids})
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("reading the req: tags of %s: %w", path, err)
	}
	return out, nil
}
