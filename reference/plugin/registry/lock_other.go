//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package registry

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// tryLock makes the file, which must not be there, and unlock removes it. A
// process that is killed meanwhile leaves it behind, to be removed by hand.
func tryLock(path string, mode fs.FileMode) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	switch {
	case errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrPermission): // Windows: being removed
		return nil, fmt.Errorf("%w (if none does, remove the file): %w", errLocked, err)
	case err != nil:
		return nil, err
	}
	return func() {
		f.Close()
		os.Remove(path)
	}, nil
}
