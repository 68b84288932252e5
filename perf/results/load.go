package main

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/harness/bars"
)

// result is a folder YYYY-MM-DD-<machine> with what a full run left there.
type result struct {
	dir string // its path
	// reports are the folder's own, and those of folders in it: what one does
	// not have is looked for in the next.
	reports  []harness.Report
	bars     []bars.Outcome // none where the run had none
	pictures []string       // SVG files, below dir
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
	below, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading a result: %w", err)
	}
	folders := []string{"."}
	for _, e := range below {
		if e.IsDir() {
			folders = append(folders, e.Name())
		}
	}
	for _, f := range folders {
		if err := r.read(f); err != nil {
			return nil, err
		}
	}
	if len(r.reports) == 0 {
		return nil, fmt.Errorf("%s has neither report.json nor report.json.gz", dir)
	}
	return r, nil
}

// read takes what a folder of the result has.
func (r *result) read(below string) error {
	dir := filepath.Join(r.dir, below)
	var report harness.Report
	found, err := readJSON(filepath.Join(dir, "report.json"), &report)
	if err != nil {
		return err
	}
	if found {
		if report.Version != harness.ReportVersion {
			return fmt.Errorf("%s: the report has version %d, this program reads %d", dir, report.Version, harness.ReportVersion)
		}
		r.reports = append(r.reports, report)
	}
	if len(r.bars) == 0 {
		if _, err := readJSON(filepath.Join(dir, "bars.json"), &r.bars); err != nil {
			return err
		}
	}
	pictures, err := filepath.Glob(filepath.Join(dir, "*.svg"))
	for _, p := range pictures {
		r.pictures = append(r.pictures, path.Join(filepath.ToSlash(below), filepath.Base(p)))
	}
	return err
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
