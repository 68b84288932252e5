package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// maxFile bounds what is read of a file, bytes.
const maxFile = 16 << 20

// racy is how fresh a file may be for its time to prove nothing: times of some
// file systems go by two seconds, and one that is written twice within its step
// looks the same.
const racy = 2 * time.Second

// fileEntry is an entry as the file has it. Owner tells registrations apart; it
// is empty for entries written by hand.
type fileEntry struct {
	Entry
	Owner string `json:"owner,omitempty"`
}

type fileText struct {
	Entries []fileEntry `json:"entries"`
}

// encodeFile writes the file's text, an entry a line.
func encodeFile(list []fileEntry) []byte {
	var b bytes.Buffer
	b.WriteString(`{"entries": [`)
	for i, e := range list {
		line, err := json.Marshal(e)
		if err != nil {
			panic(err) // three strings: cannot be
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  ")
		b.Write(line)
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// parseFile reads the file's text, sorted and without doubles. Unknown names
// are errors: they are misspellings, and would be lost when the file is written.
func parseFile(text []byte) ([]fileEntry, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("it is empty")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var file fileText
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("at byte %d: %w", d.InputOffset(), err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more text follows at byte %d", d.InputOffset())
	}
	for i, e := range file.Entries {
		if err := e.Check(); err != nil {
			return nil, fmt.Errorf("entry %d: %w", i, err)
		}
	}
	slices.SortStableFunc(file.Entries, func(a, b fileEntry) int { return compare(a.Entry, b.Entry) })
	return slices.CompactFunc(file.Entries, func(a, b fileEntry) bool { return a.Entry == b.Entry }), nil
}

// readFile reads and parses; the error is a *FileError.
func readFile(path string) ([]fileEntry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &FileError{"read", path, err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("it has more than %d bytes", maxFile)
	}
	if err != nil {
		return nil, &FileError{"read", path, err}
	}
	list, err := parseFile(text)
	if err != nil {
		return nil, &FileError{"parse", path, err}
	}
	return list, nil
}

// fileView is what one watcher knows of a file.
type fileView struct {
	path string
	good []Entry     // the last list that could be read
	had  bool        // there was one
	err  error       // of the last look
	info fs.FileInfo // of the file as it was read; nil to read it again
}

// look gives the last good list, and what is wrong now. It reads the file only
// where that may have changed.
func (v *fileView) look() ([]Entry, error) {
	info, err := os.Stat(v.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !v.had:
		return nil, nil
	case err != nil:
		v.info = nil
		return v.good, &FileError{"read", v.path, err}
	case v.info != nil && os.SameFile(info, v.info) && info.Size() == v.info.Size() && info.ModTime().Equal(v.info.ModTime()):
		return v.good, v.err
	}
	list, err := readFile(v.path)
	v.err, v.info = err, info // from before the reading: what changes from then on shows
	if time.Since(info.ModTime()) < racy {
		v.info = nil
	}
	if err != nil {
		return v.good, err
	}
	v.had, v.good = true, make([]Entry, len(list))
	for i, e := range list {
		v.good[i] = e.Entry
	}
	return v.good, nil
}
