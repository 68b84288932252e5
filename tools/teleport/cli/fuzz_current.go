package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// currentInputs keeps, in a file a worker, the input that is running: should it end the whole process, it is still
// there. The folder is made with the files, and goes with them where nothing else is in it.
type currentInputs struct {
	dir   string
	files []*os.File
	sizes []int
}

func newCurrentInputs(dir string, workers int) (*currentInputs, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder for crashers: %w", err)
	}
	c := &currentInputs{dir: dir, sizes: make([]int, workers)}
	for i := range workers {
		file, err := os.Create(filepath.Join(dir, fmt.Sprintf("current-%d", i)))
		if err != nil {
			c.close()
			return nil, fmt.Errorf("making a file for the input that is running: %w", err)
		}
		c.files = append(c.files, file)
	}
	return c, nil
}

// write replaces what is in the worker's file, in the form of a corpus, so that what an input ends with is certain. An
// error is no finding: it is not told.
func (c *currentInputs) write(worker int, data []byte) {
	b := attack.FormatCorpusFile(data)
	if len(b) < c.sizes[worker] {
		_ = c.files[worker].Truncate(int64(len(b)))
	}
	c.sizes[worker] = len(b)
	_, _ = c.files[worker].WriteAt(b, 0)
}

// close takes the files away, and the folders where they are empty then. It does nothing for nil.
func (c *currentInputs) close() {
	if c == nil {
		return
	}
	var err error
	for _, f := range c.files {
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err == nil && os.Remove(c.dir) == nil { // a folder with crashers in it stays
		_ = os.Remove(filepath.Dir(c.dir))
	}
}
