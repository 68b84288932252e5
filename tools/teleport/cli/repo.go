package cli

import (
	"bytes"
	"os"
	"path/filepath"
)

const modulePath = "github.com/henrylee2cn/teleport"

// findRepo gives the root of the checkout that holds the working directory, or dir where it is set.
func findRepo(dir string) (string, error) {
	if dir == "" {
		wd, err := os.Getwd()
		if err != nil {
			return "", harnessf("finding the working directory: %w", err)
		}
		dir = wd
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", harnessf("resolving %s: %w", dir, err)
	}
	for at := dir; ; at = filepath.Dir(at) {
		if mod, err := os.ReadFile(filepath.Join(at, "go.mod")); err == nil &&
			bytes.HasPrefix(bytes.TrimSpace(mod), []byte("module "+modulePath+"\n")) {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", usagef("%s is not inside a checkout of %s: run the command there, or name one with --dir", dir, modulePath)
		}
	}
}
