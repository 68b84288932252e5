package registry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// FileOptions says how a File works. The zero value works.
type FileOptions struct {
	// Interval is the time between two looks at the file. 0: 1 s.
	Interval time.Duration
	// Mode is that of a file which Register makes. 0: 0644. One that is there
	// keeps its own.
	Mode fs.FileMode
}

// File is a registry in a JSON file. Several processes, and several Files in
// one process, may use the same file. It has no goroutine: who watches, polls.
// Make one with NewFile.
type File struct {
	path string
	opts FileOptions
}

var _ Registry = (*File)(nil)

// NewFile makes a registry of the file at path, which need not be there yet:
// Register makes it, though not its directory.
func NewFile(path string, opts FileOptions) *File {
	if opts.Interval <= 0 {
		opts.Interval = time.Second
	}
	if opts.Mode == 0 {
		opts.Mode = 0o644
	}
	return &File{path: path, opts: opts}
}

// FileError says what is wrong with the file of a registry.
type FileError struct {
	Op   string // "read", "parse", "lock" or "write"
	Path string
	Err  error
}

func (e *FileError) Error() string {
	s := fmt.Sprintf("registry: %s the file %s: %s", e.Op, e.Path, e.Err)
	if e.Op == "parse" {
		s += `; expected {"entries":[{"service":"...","addr":"..."}]}`
	}
	return s
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// Register implements Registry. It waits for the lock, within ctx. A file that
// cannot be parsed is an error and stays as it is: somebody may be writing it.
func (f *File) Register(ctx context.Context, entries ...Entry) (func(context.Context) error, error) {
	if err := checkAll(entries); err != nil {
		return nil, err
	}
	entries = slices.Clone(entries)
	owner := rand.Text()
	err := f.update(ctx, func(list []fileEntry) []fileEntry {
		for _, e := range entries {
			list = slices.DeleteFunc(list, func(o fileEntry) bool { return o.Entry == e })
			list = append(list, fileEntry{Entry: e, Owner: owner})
		}
		return list
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		return f.update(ctx, func(list []fileEntry) []fileEntry {
			return slices.DeleteFunc(list, func(o fileEntry) bool { return o.Owner == owner })
		})
	}, nil
}

// update replaces the file's list by what change makes of it, under the lock.
// A list that stays the same is not written.
func (f *File) update(ctx context.Context, change func([]fileEntry) []fileEntry) error {
	if err := ctx.Err(); err != nil {
		return &FileError{"lock", f.path, err}
	}
	unlock, err := lock(ctx, f.path+".lock", f.opts.Mode)
	if err != nil {
		return &FileError{"lock", f.path, err}
	}
	defer unlock()
	old, err := readFile(f.path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	list := change(slices.Clone(old))
	slices.SortFunc(list, func(a, b fileEntry) int { return compare(a.Entry, b.Entry) })
	if !missing && slices.Equal(list, old) {
		return nil
	}
	if err := f.replace(list); err != nil {
		return &FileError{"write", f.path, err}
	}
	return nil
}

// replace writes a new file and renames it into place. A link is followed.
func (f *File) replace(list []fileEntry) (err error) {
	target, mode := f.path, f.opts.Mode
	if real, rerr := filepath.EvalSymlinks(f.path); rerr == nil {
		target = real
		if info, serr := os.Stat(real); serr == nil {
			mode = info.Mode().Perm()
		}
	}
	tmp, err := os.CreateTemp(filepath.Dir(target), filepath.Base(target)+".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	_, err = tmp.Write(encodeFile(list))
	if err == nil {
		err = tmp.Chmod(mode)
	}
	if err == nil {
		err = tmp.Sync() // else a crash of the machine may leave an empty file under the new name
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), target)
}

// Watch implements Registry. A file that is not there holds nothing at first;
// one that vanishes later is an error, as it may be about to be replaced.
func (f *File) Watch(ctx context.Context, service string) iter.Seq2[[]Entry, error] {
	return func(yield func([]Entry, error) bool) {
		view := fileView{path: f.path}
		var shown []Entry
		shownErr := ""
		for first := true; ctx.Err() == nil; first = false {
			all, err := view.look()
			list, text := ofService(all, service), ""
			if err != nil {
				text = err.Error()
			}
			if first || text != shownErr || !slices.Equal(list, shown) {
				shown, shownErr = list, text
				if !yield(slices.Clone(list), err) {
					return
				}
			}
			pause(ctx, f.opts.Interval)
		}
	}
}

// pause waits for d, or until ctx is done.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
