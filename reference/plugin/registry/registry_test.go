package registry_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/plugin/registry"
	"github.com/henrylee2cn/teleport/reference/plugin/registry/registrytest"
)

func TestStatic_IsARegistry(t *testing.T) {
	registrytest.Test(t, func() registry.Registry { return registry.NewStatic() })
}

func TestFile_IsARegistry(t *testing.T) {
	registrytest.Test(t, func() registry.Registry {
		return registry.NewFile(filepath.Join(t.TempDir(), "services.json"), registry.FileOptions{Interval: time.Millisecond})
	})
}

func TestStatic_BadEntryPanics(t *testing.T) {
	defer func() {
		if _, ok := recover().(*registry.EntryError); !ok {
			t.Error("NewStatic took an entry without an address")
		}
	}()
	registry.NewStatic(registry.Entry{Service: "/a"})
}
