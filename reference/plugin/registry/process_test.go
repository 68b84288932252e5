package registry_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/plugin/registry"
)

// childEnv makes the test binary a process that registers in the file it names.
const childEnv = "REGISTRY_TEST_FILE"

// TestFile_SeveralProcessesLoseNothing has four processes register and take
// back in one file, all at the same time; each leaves every second entry.
func TestFile_SeveralProcessesLoseNothing(t *testing.T) {
	const processes, entries = 4, 10
	if path := os.Getenv(childEnv); path != "" {
		registerAsChild(t, path, entries)
		return
	}
	path := filepath.Join(t.TempDir(), "services.json")
	children := make([]*exec.Cmd, processes)
	for i := range children {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFile_SeveralProcessesLoseNothing$")
		c.Env = append(os.Environ(), childEnv+"="+path)
		c.Stderr = os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		children[i] = c
	}
	for _, c := range children {
		if err := c.Wait(); err != nil {
			t.Errorf("a process failed: %v", err)
		}
	}
	list, err := registry.Lookup(t.Context(), registry.NewFile(path, registry.FileOptions{}), "/a")
	if err != nil || len(list) != processes*entries/2 {
		t.Errorf("the file has %d entries (%v), want %d", len(list), err, processes*entries/2)
	}
}

func registerAsChild(t *testing.T, path string, entries int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	reg := registry.NewFile(path, registry.FileOptions{})
	for i := range entries {
		dereg, err := reg.Register(ctx, registry.Entry{Service: "/a", Addr: fmt.Sprintf("%d:%d", os.Getpid(), i)})
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 {
			if err := dereg(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
}
