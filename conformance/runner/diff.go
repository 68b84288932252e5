package runner

// Field names a range of bytes, so that a difference can be told by name.
type Field struct {
	Name string
	At   int // offset of the first byte
	Len  int // number of bytes
}

// Diff is two byte strings that a case wanted to be equal, and were not.
type Diff struct {
	// What says what the bytes are, as "the frame".
	What string
	// Expected and Got are the first bytes of each, at most 4,096; the lengths are what there was.
	Expected, Got       []byte
	ExpectedLen, GotLen int
	// Fields annotate the expected bytes; they may be nil.
	Fields []Field
}

// The bounds of what one case keeps.
const (
	maxDiffs      = 4
	maxDiffFields = 128
)

// Diff keeps two byte strings that differ, for reports that show them side by side. It records no finding: the
// case calls Errorf or Fatalf beside it. The bytes are copied; past four differences of a case nothing is kept.
func (t *T) Diff(what string, expected, got []byte, fields []Field) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.diffs) == maxDiffs {
		return
	}
	t.diffs = append(t.diffs, Diff{
		What:        what,
		Expected:    append([]byte{}, expected[:min(len(expected), maxTraceBytes)]...),
		Got:         append([]byte{}, got[:min(len(got), maxTraceBytes)]...),
		ExpectedLen: len(expected), GotLen: len(got),
		Fields: append([]Field(nil), fields[:min(len(fields), maxDiffFields)]...),
	})
}

// kept gives the differences that the case kept.
func (t *T) kept() []Diff {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.diffs[:len(t.diffs):len(t.diffs)]
}
