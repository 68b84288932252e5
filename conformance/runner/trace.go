package runner

// Direction says which way traced bytes went, as seen by the suite.
type Direction string

// The directions of a trace. The values are part of the report format.
const (
	Sent     Direction = "sent"     // by the suite, to the code under test
	Received Direction = "received" // by the suite, from the code under test
)

// The bounds of a trace: the first entries tell the story, and a report stays small.
const (
	maxTraceEntries = 64
	maxTraceBytes   = 4096 // an entry
)

// TraceEntry is one piece of what went between the suite and the code under test.
type TraceEntry struct {
	Dir Direction
	// Note says what the bytes are, as "packet 1 of 3" or "connection 2"; it may be empty.
	Note string
	// Bytes are the first bytes of the piece, at most 4,096; Len is how many there were.
	Bytes []byte
	Len   int
}

// Trace records bytes that went between the suite and the code under test, for the report and for a replay. b
// is copied, up to the bounds of a trace: past 64 entries, only the number of those left out is kept.
func (t *T) Trace(dir Direction, note string, b []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.trace) == maxTraceEntries {
		t.untraced++
		return
	}
	t.trace = append(t.trace, TraceEntry{Dir: dir, Note: note, Bytes: append([]byte{}, b[:min(len(b), maxTraceBytes)]...), Len: len(b)})
}

// traced gives what was recorded, and how many entries were left out.
func (t *T) traced() ([]TraceEntry, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.trace[:len(t.trace):len(t.trace)], t.untraced
}
