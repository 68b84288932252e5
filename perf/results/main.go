// Command results writes the performance tables of README.md from the newest
// results that are committed here.
//
//	go run ./perf/results           # print the tables
//	go run ./perf/results --write   # write them into README.md
//	go run ./perf/results --check   # say whether README.md has them; 1 if not
//
// See README.md in this folder for the format of the results.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

const (
	begin = "<!-- perf:begin -->"
	end   = "<!-- perf:end -->"
)

var errStale = errors.New("README.md does not have the tables of the newest results: run `go run ./perf/results --write`")

func main() {
	switch err := run(os.Args[1:], os.Stdout, os.Stderr); {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errStale):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "results:", err)
		os.Exit(2)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("results", flag.ContinueOnError)
	flags.SetOutput(stderr)
	write := flags.Bool("write", false, "write the tables into README.md between its markers")
	check := flags.Bool("check", false, "exit with 1 if README.md has other tables")
	root := flags.String("root", ".", "the `folder` of README.md and perf/results")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *write && *check {
		return errors.New("expected --write or --check and nothing else, as `go run ./perf/results --write`")
	}
	const folder = "perf/results"
	r, err := newest(filepath.Join(*root, filepath.FromSlash(folder)))
	if err != nil {
		return err
	}
	link := folder
	if r != nil {
		link = path.Join(folder, filepath.Base(r.dir))
	}
	text := section(r, link)
	if !*write && !*check {
		_, err := io.WriteString(stdout, text)
		return err
	}
	readme := filepath.Join(*root, "README.md")
	old, err := os.ReadFile(readme)
	if err != nil {
		return fmt.Errorf("the tables go into README.md of the folder given by --root: %w", err)
	}
	page, err := between(string(old), text)
	if err != nil {
		return fmt.Errorf("%s: %w", readme, err)
	}
	switch {
	case page == string(old):
		return nil
	case *check:
		return errStale
	}
	return os.WriteFile(readme, []byte(page), 0o644)
}

// between puts text on the lines between the two markers.
func between(page, text string) (string, error) {
	head, rest, ok := strings.Cut(page, begin+"\n")
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", fmt.Errorf("the lines %s and %s are not there: put both where the tables shall stand", begin, end)
	}
	return head + begin + "\n" + text + end + tail, nil
}
