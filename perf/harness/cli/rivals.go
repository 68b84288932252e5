package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// rivalModules are the directories, below the checkout, of modules whose program holds rivals.
var rivalModules = []string{"perf/rivals", "perf/rivals/kitex"}

// buildRivals builds their programs. They are in modules of their own, so that nobody else downloads them.
func (s *session) buildRivals() ([]harness.Program, error) {
	root, err := checkout()
	if err != nil {
		return nil, fmt.Errorf("--rivals: %w", err)
	}
	dir, err := os.MkdirTemp("", "teleport-rivals-")
	if err != nil {
		return nil, err
	}
	s.cleanup = append(s.cleanup, func() { os.RemoveAll(dir) })
	var out []harness.Program
	for i, m := range rivalModules {
		if _, err := os.Stat(filepath.Join(root, m, "go.mod")); err != nil {
			continue
		}
		s.tell("Building %s ...", m)
		binary := filepath.Join(dir, fmt.Sprintf("rivals%d", i))
		build := exec.CommandContext(s.ctx(), "go", "build", "-C", filepath.Join(root, m), "-o", binary, ".")
		build.Stderr = s.cmd.ErrOrStderr()
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("build %s: %w", m, err)
		}
		out = append(out, harness.Program{Argv: []string{binary, "worker"}})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("--rivals: no %s in %s", rivalModules[0], root)
	}
	return out, nil
}

// checkout finds the directory of the main module, from the working directory upwards.
func checkout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "perf", "rivals", "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("it needs a checkout of the repository: run it inside one")
		}
		dir = parent
	}
}
