package registry

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

func TestLock_WaitsWithinItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.lock")
	synctest.Test(t, func(t *testing.T) {
		unlock, err := lock(t.Context(), path, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if _, err := lock(ctx, path, 0o644); !errors.Is(err, errLocked) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second lock gave %v, want that it is held and the deadline passed", err)
		}
		time.AfterFunc(time.Second, unlock)
		again, err := lock(t.Context(), path, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		again()
	})
}
