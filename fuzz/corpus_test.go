package fuzz_test

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// corpusCap is the most bytes of all committed inputs together.
const corpusCap = 2 << 20

const corpusDir = "testdata/fuzz"

// Everyone who clones this has the corpus, and every `go test` runs it.
func TestCorpus_IsSmall(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpusDir, "*", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	sum := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sum += len(raw)
		if data, err := attack.ParseCorpusFile(raw); err != nil || len(data) > fuzz.MaxInput {
			t.Errorf("%s: %d bytes, %v; targets look at %d bytes at most", file, len(data), err, fuzz.MaxInput)
		}
	}
	if sum > corpusCap {
		t.Errorf("the corpus has %d bytes, %d are allowed", sum, corpusCap)
	}
}

// With TELEPORT_CORPUS=DIR, a fuzz cache, inputs from it are added to the corpus: the smallest first, each that reaches
// statements which seeds, corpus and those before it do not. `make fuzz-corpus CORPUS=DIR` runs it with the coverage of
// the decoders, the oracle and the libraries that decode, each target in a process of its own: counters only grow.
func TestCorpus_Grow(t *testing.T) {
	cache := os.Getenv("TELEPORT_CORPUS")
	if cache == "" {
		t.Skip("TELEPORT_CORPUS names no folder")
	}
	if testing.CoverMode() == "" {
		t.Fatal("what an input reaches is seen under -cover alone: use make fuzz-corpus")
	}
	for _, target := range fuzz.Targets() {
		t.Run(target.Name, func(t *testing.T) {
			run := func(data []byte) {
				if err := target.Check(data); err != nil {
					t.Error(err)
				}
			}
			for _, seed := range target.Seeds() {
				run(seed)
			}
			name := "Fuzz" + target.Name
			for _, data := range inputs(t, filepath.Join(corpusDir, name)) {
				run(data)
			}
			reached, fresh := testing.Coverage(), inputs(t, filepath.Join(cache, name))
			before, added := reached, 0
			for _, data := range fresh {
				if run(data); testing.Coverage() <= reached {
					continue
				}
				reached = testing.Coverage()
				if _, err := attack.WriteCorpusFile(filepath.Join(corpusDir, name), data, false); err != nil {
					t.Fatal(err)
				}
				added++
			}
			t.Logf("%d of %d inputs added, reached are %.3f%% of the statements, before %.3f%%", added, len(fresh), 100*reached, 100*before)
		})
	}
}

// inputs reads a folder, the smallest input first.
func inputs(t *testing.T, dir string) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, file := range files {
		data, err := attack.ReadCorpusFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	slices.SortFunc(out, func(a, b []byte) int { return cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b)) })
	return out
}
