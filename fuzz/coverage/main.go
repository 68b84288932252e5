package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	list := flag.Bool("list", false, "list what is not reached, with the reason")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: go run ./fuzz/coverage [-list] [FOLDER...]\n"+
			"FOLDER is a fuzz cache: inputs in FOLDER/FuzzNAME, beside those in fuzz/testdata/fuzz")
		flag.PrintDefaults()
	}
	flag.Parse()
	unexplained, err := run(flag.Args(), *list)
	if err != nil {
		fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(2)
	}
	if unexplained {
		os.Exit(1)
	}
}

// run measures and prints; unexplained tells whether something is not in order.
func run(folders []string, list bool) (unexplained bool, err error) {
	root, err := moduleRoot()
	if err != nil {
		return false, err
	}
	work, err := os.MkdirTemp("", "coverage")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(work)
	if err := gather(work, append([]string{filepath.Join(root, "fuzz/testdata/fuzz")}, folders...)); err != nil {
		return false, err
	}
	binary := filepath.Join(work, "fuzz.test")
	var packages []string
	for _, r := range rooms() {
		if p := "./" + r.dir; !slices.Contains(packages, p) {
			packages = append(packages, p)
		}
	}
	if err := command(root, "go", "test", "-c", "-cover", "-covermode=set", "-coverpkg="+strings.Join(packages, ","), "-o", binary, "./fuzz"); err != nil {
		return false, err
	}
	m := measurement{root: root, reached: map[string]map[place]bool{}, sources: map[string]*source{}}
	for _, r := range rooms() {
		for _, target := range r.targets {
			if m.reached[target] != nil {
				continue
			}
			profile := filepath.Join(work, target+".out")
			if err := command(work, binary, "-test.run", "^Fuzz"+target+"$", "-test.coverprofile", profile); err != nil {
				return false, err
			}
			if m.blocks, m.reached[target], err = readProfile(profile); err != nil {
				return false, err
			}
		}
	}
	report, err := m.report()
	if err != nil {
		return false, err
	}
	report.print(os.Stdout, list)
	return len(report.faults) > 0, nil
}

// moduleRoot gives the folder of go.mod.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	file := strings.TrimSpace(string(out))
	if filepath.Base(file) != "go.mod" {
		return "", errors.New("not inside of the module")
	}
	return filepath.Dir(file), nil
}

// command runs one and shows what it says where it fails.
func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", path.Base(name), strings.Join(args, " "), err, out.Bytes())
	}
	return nil
}

// gather copies the inputs of all folders to where the test binary looks for them.
func gather(work string, folders []string) error {
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "Fuzz*", "*"))
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return fmt.Errorf("%s has no inputs: expected files FuzzNAME/*", folder)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			dir := filepath.Join(work, "testdata", "fuzz", filepath.Base(filepath.Dir(file)))
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), raw, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}
