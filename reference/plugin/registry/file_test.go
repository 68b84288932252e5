package registry_test

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/plugin/registry"
)

const oneEntry = `{"entries":[{"service":"/a","addr":"h:1"}]}`

// inFile runs f on virtual time with a file of that text; "" is no file.
func inFile(t *testing.T, text string, f func(t *testing.T, path string, reg *registry.File)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "services.json")
	if text != "" {
		write(t, path, text)
	}
	synctest.Test(t, func(t *testing.T) {
		f(t, path, registry.NewFile(path, registry.FileOptions{Interval: time.Minute}))
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replace puts a new file in the place of the old one.
func replace(t *testing.T, path, text string) {
	t.Helper()
	write(t, path+".tmp", text)
	if err := os.Rename(path+".tmp", path); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// age gives the file a time so long ago that it proves something, in the
// bubble's time too.
func age(t *testing.T, path string) {
	t.Helper()
	at := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// next gives the next list of a watch as text, and its error.
func next(t *testing.T, pull func() ([]registry.Entry, error, bool)) (string, error) {
	t.Helper()
	list, err, ok := pull()
	if !ok {
		t.Fatal("the watch ended")
	}
	var addrs []string
	for _, e := range list {
		addrs = append(addrs, e.Addr)
	}
	return strings.Join(addrs, " "), err
}

func wantNext(t *testing.T, pull func() ([]registry.Entry, error, bool), want string) {
	t.Helper()
	if got, err := next(t, pull); got != want || err != nil {
		t.Fatalf("the watch gave %q, %v; want %q", got, err, want)
	}
}

func TestFileWatch_SeesAReplacedFileOfSameSizeAndTime(t *testing.T) {
	inFile(t, oneEntry, func(t *testing.T, path string, reg *registry.File) {
		age(t, path)
		pull, stop := iter.Pull2(reg.Watch(t.Context(), "/a"))
		defer stop()
		wantNext(t, pull, "h:1")
		replace(t, path, strings.Replace(oneEntry, "h:1", "h:2", 1))
		age(t, path)
		began := time.Now()
		wantNext(t, pull, "h:2")
		if d := time.Since(began); d != time.Minute {
			t.Errorf("seen after %v, want at the next look, one minute later", d)
		}
	})
}

func TestFileWatch_SeesAFileWrittenInPlace(t *testing.T) {
	inFile(t, oneEntry, func(t *testing.T, path string, reg *registry.File) {
		pull, stop := iter.Pull2(reg.Watch(t.Context(), "/a"))
		defer stop()
		wantNext(t, pull, "h:1")
		write(t, path, strings.Replace(oneEntry, "h:1", "h:7", 1)) // fresh: read whatever its time says
		wantNext(t, pull, "h:7")
	})
}

func TestFileWatch_BadFileKeepsTheLastGoodListAndTellsOnce(t *testing.T) {
	for _, c := range []struct{ name, text, op, says string }{
		{"half", oneEntry[:30], "parse", "unexpected EOF"},
		{"empty", " \n", "parse", "it is empty"},
		{"misspelled", `{"entries":[{"service":"/a","address":"h:1"}]}`, "parse", "address"},
		{"twice", oneEntry + oneEntry, "parse", "more text follows at byte"},
		{"no address", `{"entries":[{"service":"/a","addr":""}]}`, "parse", "entry 0"},
		{"gone", "", "read", "no such file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inFile(t, oneEntry, func(t *testing.T, path string, reg *registry.File) {
				pull, stop := iter.Pull2(reg.Watch(t.Context(), "/a"))
				defer stop()
				wantNext(t, pull, "h:1")
				if c.text == "" {
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
				} else {
					write(t, path, c.text)
				}
				got, err := next(t, pull)
				var fe *registry.FileError
				if got != "h:1" || !errors.As(err, &fe) || fe.Op != c.op || fe.Path != path || !strings.Contains(err.Error(), c.says) {
					t.Fatalf("the watch gave %q, %v; want the old list and a %s error that says %q", got, err, c.op, c.says)
				}
				mended := make(chan string)
				go func() {
					got, err := next(t, pull)
					if err != nil {
						t.Error(err)
					}
					mended <- got
				}()
				time.Sleep(10 * time.Minute) // virtual: the error is told once
				select {
				case got := <-mended:
					t.Errorf("the watch gave %q without a change", got)
				default:
				}
				replace(t, path, oneEntry) // at once: the watcher looks at any time
				if got := <-mended; got != "h:1" {
					t.Errorf("mended, the watch gave %q", got)
				}
			})
		})
	}
}

func TestFileWatch_FileMayComeLater(t *testing.T) {
	inFile(t, "", func(t *testing.T, path string, reg *registry.File) {
		pull, stop := iter.Pull2(reg.Watch(t.Context(), "/a"))
		defer stop()
		wantNext(t, pull, "")
		write(t, path, oneEntry)
		wantNext(t, pull, "h:1")
	})
}

func TestFileRegister_KeepsWhatIsNotItsOwn(t *testing.T) {
	inFile(t, oneEntry, func(t *testing.T, path string, reg *registry.File) {
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		dereg, err := reg.Register(t.Context(), registry.Entry{Service: "/a", Addr: "h:2"})
		if err != nil {
			t.Fatal(err)
		}
		if text := read(t, path); !strings.Contains(text, `{"service":"/a","addr":"h:1"}`) || !strings.Contains(text, `"addr":"h:2","owner":`) {
			t.Errorf("the file has %s", text)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("the file's mode is %v (%v), want as it was", info.Mode(), err)
		}
		if err := dereg(t.Context()); err != nil {
			t.Fatal(err)
		}
		if list, err := registry.Lookup(t.Context(), reg, "/a"); err != nil || len(list) != 1 || list[0].Addr != "h:1" {
			t.Errorf("afterwards there are %v, %v", list, err)
		}
		left, err := filepath.Glob(path + ".new-*")
		if err != nil || len(left) > 0 {
			t.Errorf("files left behind: %v (%v)", left, err)
		}
	})
}

func TestFileRegister_LeavesABrokenFileAlone(t *testing.T) {
	const half = `{"entries":[{"serv`
	inFile(t, half, func(t *testing.T, path string, reg *registry.File) {
		var fe *registry.FileError
		if _, err := reg.Register(t.Context(), registry.Entry{Service: "/a", Addr: "h:2"}); !errors.As(err, &fe) || fe.Op != "parse" {
			t.Errorf("Register gave %v, want a parse error", err)
		}
		if text := read(t, path); text != half {
			t.Errorf("the file became %q", text)
		}
	})
}

func TestFileRegister_FollowsALink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link.json")
	write(t, filepath.Join(dir, "real.json"), oneEntry)
	if err := os.Symlink("real.json", link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	if _, err := registry.NewFile(link, registry.FileOptions{}).Register(t.Context(), registry.Entry{Service: "/a", Addr: "h:2"}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link became %v (%v)", info.Mode(), err)
	}
	if text := read(t, filepath.Join(dir, "real.json")); !strings.Contains(text, "h:2") {
		t.Errorf("the file behind the link has %s", text)
	}
}

func TestFileRegister_NoDirectory(t *testing.T) {
	reg := registry.NewFile(filepath.Join(t.TempDir(), "none", "services.json"), registry.FileOptions{})
	if _, err := reg.Register(context.Background(), registry.Entry{Service: "/a", Addr: "h:2"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Register gave %v, want that the directory does not exist", err)
	}
}
