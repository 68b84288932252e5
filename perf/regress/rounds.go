package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// measure runs both programs in turns, old new old new, so that what disturbs
// the machine disturbs both, and collects their reports.
func measure(ctx context.Context, programs [2]string, sides [2]*side, args []string, rounds int, progress io.Writer) error {
	for round := range rounds {
		for i, program := range programs {
			fmt.Fprintf(progress, "round %d of %d: %s\n", round+1, rounds, sides[i].label)
			r, err := runOnce(ctx, program, args)
			if err != nil {
				return fmt.Errorf("measuring %s: %w", sides[i].label, err)
			}
			sides[i].add(r)
		}
	}
	return nil
}

// runOnce runs a benchmark program and reads the report it leaves.
func runOnce(ctx context.Context, program string, args []string) (harness.Report, error) {
	dir, err := os.MkdirTemp(filepath.Dir(program), "out-*")
	if err != nil {
		return harness.Report{}, err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, program, append(args, "--out", dir)...)
	said := &tail{max: 4 << 10}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return harness.Report{}, ctx.Err()
		}
		// Rows that are not valid end it with an error as well, and the report names them.
		if r, unread := readReport(dir); unread == nil {
			return r, nil
		}
		return harness.Report{}, fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, said)
	}
	return readReport(dir)
}

// readReport reads a report.json or .json.gz, given itself or by its folder.
func readReport(path string) (r harness.Report, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "report.json")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			path += ".gz"
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return r, fmt.Errorf("reading a report: %w", err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return r, fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return r, fmt.Errorf("%s is not a report of the harness: %w", path, err)
	}
	if r.Version != harness.ReportVersion {
		return r, fmt.Errorf("%s has version %d, this program reads %d", path, r.Version, harness.ReportVersion)
	}
	return r, nil
}

// tail keeps the end of what a program says.
type tail struct {
	max  int
	kept []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	t.kept = t.kept[max(0, len(t.kept)-t.max):]
	return len(b), nil
}

func (t *tail) String() string { return string(t.kept) }
