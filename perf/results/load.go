package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// result is a folder YYYY-MM-DD-<machine> with what a full run left there.
type result struct {
	dir      string // its path
	report   harness.Report
	bars     []bar    // none where the run had none
	pictures []string // names of SVG files
}

var folder = regexp.MustCompile(`^\d{4}-\d\d-\d\d-.+$`)

// newest reads the result whose name comes last, so the one with the latest
// date. It returns nil where there is none yet.
func newest(root string) (*result, error) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("reading the results: %w", err)
	}
	slices.Reverse(entries)
	for _, e := range entries {
		if e.IsDir() && folder.MatchString(e.Name()) {
			return load(filepath.Join(root, e.Name()))
		}
	}
	return nil, nil
}

func load(dir string) (*result, error) {
	r := &result{dir: dir}
	found, err := readJSON(filepath.Join(dir, "report.json"), &r.report)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%s has neither report.json nor report.json.gz", dir)
	}
	if r.report.Version != harness.ReportVersion {
		return nil, fmt.Errorf("%s: the report has version %d, this program reads %d", dir, r.report.Version, harness.ReportVersion)
	}
	if _, err := readJSON(filepath.Join(dir, "bars.json"), &r.bars); err != nil {
		return nil, err
	}
	pictures, err := filepath.Glob(filepath.Join(dir, "*.svg"))
	for _, p := range pictures {
		r.pictures = append(r.pictures, filepath.Base(p))
	}
	return r, err
}

// readJSON reads a file, or the same file with .gz, and says whether there was one.
func readJSON(path string, into any) (found bool, err error) {
	for _, p := range []string{path, path + ".gz"} {
		f, err := os.Open(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		defer f.Close()
		var r io.Reader = f
		if p != path {
			if r, err = gzip.NewReader(f); err != nil {
				return false, fmt.Errorf("%s: %w", p, err)
			}
		}
		if err := json.NewDecoder(r).Decode(into); err != nil {
			return false, fmt.Errorf("%s: %w", p, err)
		}
		return true, nil
	}
	return false, nil
}
