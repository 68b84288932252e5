package registry

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// errLocked is what tryLock returns while somebody else has the lock.
var errLocked = errors.New("another process holds the lock")

// Bounds of the wait between two tries for a lock.
const (
	lockMinWait = time.Millisecond
	lockMaxWait = 50 * time.Millisecond
)

// lock takes the lock file at path, which it makes where needed. Holders write
// one small file, so that waiting by trying again is good enough, and it can be
// given up when ctx is done.
func lock(ctx context.Context, path string, mode fs.FileMode) (unlock func(), err error) {
	for wait := lockMinWait; ; wait = min(2*wait, lockMaxWait) {
		unlock, err := tryLock(path, mode)
		if err == nil || !errors.Is(err, errLocked) {
			return unlock, err
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w (%s): %w", errLocked, path, ctx.Err())
		}
		pause(ctx, wait)
	}
}
