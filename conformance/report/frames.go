package report

import (
	"encoding/binary"
	"fmt"
)

// maxFrames bounds how many frames of one piece are annotated.
const maxFrames = 16

// Frames names the fields of the frames that b holds, one behind the other, as chapters 5 and 6 of the standard
// lay them out: whole for fast/1 with an empty pipe, the framing alone for json/1, pb/1 and behind a pipe. It
// stops where the bytes end or are no such frame; what it names is always within b. The fields may be none.
func Frames(b []byte) []Field {
	var out []Field
	at := 0
	for n := 1; at < len(b) && n <= maxFrames; n++ {
		prefix := ""
		if n > 1 {
			prefix = fmt.Sprintf("#%d ", n)
		}
		size, found := frame(b[at:], at, prefix)
		if found == nil {
			break
		}
		out = append(out, found...)
		if size <= 0 || size > len(b)-at {
			break
		}
		at += size
	}
	return out
}

// frame names the fields of one frame, whose first byte has the offset at in what is shown.
func frame(b []byte, at int, prefix string) (int, []Field) {
	if len(b) < 6 || b[4] != 'f' && b[4] != 'j' && b[4] != 'p' {
		return 0, nil
	}
	size := int(binary.BigEndian.Uint32(b))
	if size < 6 || size > 1<<30 {
		return 0, nil
	}
	w := &walker{b: b[:min(size, len(b))], at: at, prefix: prefix}
	w.take("size", 4)
	w.take("protocol id", 1)
	n := int(w.b[5])
	w.take("filter count", 1)
	if n > 0 {
		w.take("filter ids", n)
	}
	if n > 0 || b[4] != 'f' {
		w.rest("payload")
		return size, w.out
	}
	w.take("seq", 8)
	w.take("type", 1)
	w.counted("uri")
	w.counted("metadata")
	w.take("body codec", 1)
	w.rest("body")
	return size, w.out
}

// walker names one field after the other, until the bytes end.
type walker struct {
	b       []byte
	pos, at int
	prefix  string
	out     []Field
}

// take names the next n bytes, or nothing where there are fewer.
func (w *walker) take(name string, n int) {
	if n < 0 || len(w.b)-w.pos < n {
		w.rest(name + " (cut)")
		return
	}
	if n > 0 {
		w.out = append(w.out, Field{Name: w.prefix + name, At: w.at + w.pos, Len: n})
	}
	w.pos += n
}

// counted names a length of four bytes, and as many bytes.
func (w *walker) counted(name string) {
	if len(w.b)-w.pos < 4 {
		w.rest(name + " length (cut)")
		return
	}
	n := binary.BigEndian.Uint32(w.b[w.pos:])
	w.take(name+" length", 4)
	if int64(n) > int64(len(w.b)-w.pos) {
		w.rest(name + " (cut)")
		return
	}
	w.take(name, int(n))
}

// rest names all that is left.
func (w *walker) rest(name string) {
	if n := len(w.b) - w.pos; n > 0 {
		w.out = append(w.out, Field{Name: w.prefix + name, At: w.at + w.pos, Len: n})
		w.pos = len(w.b)
	}
}
