package attack

import (
	"context"
	"slices"
	"time"
)

// minimiseTime bounds how long one crasher is made smaller: a testee that has to be started again for each try is slow.
const minimiseTime = 15 * time.Second

// found confirms a fault, makes its input smaller, and keeps it; once a cause.
func (e *engine) found(ctx context.Context, number int, w *worker, data []byte, f Fault) {
	key := f.Key()
	e.mu.Lock()
	known := e.known[key]
	e.known[key] = true
	e.mu.Unlock()
	if known {
		return
	}
	e.alone.Lock()
	defer e.alone.Unlock()
	c := Crasher{Target: w.subject.Name(), Fault: f, Data: slices.Clone(data), Found: len(data)}
	again := func(b []byte) (Fault, bool) {
		e.execs.Add(1)
		out := e.try(ctx, number, w, b)
		if out.Fault == nil || out.Fault.Kind != f.Kind {
			return Fault{}, false
		}
		return *out.Fault, true
	}
	if f.Kind != KindHang || e.o.Hang > 0 { // a testee's hang is not waited for again
		if second, ok := again(c.Data); ok {
			key = second.Key()
			if f.Kind != KindHang {
				c.Data, c.Fault = e.minimise(ctx, c.Data, second, key, again)
			}
		} else {
			c.Flaky = ctx.Err() == nil
		}
	}
	e.mu.Lock()
	e.known[c.Fault.Key()] = true
	e.crashers = append(e.crashers, c)
	full := len(e.crashers) >= e.o.Stop
	e.mu.Unlock()
	if e.o.Found != nil {
		e.o.Found(c)
	}
	if full {
		e.cancel()
	}
}

// minimise takes pieces out of data, and makes bytes zero, as long as a fault with the same key comes of it.
func (e *engine) minimise(ctx context.Context, data []byte, f Fault, key string, again func([]byte) (Fault, bool)) ([]byte, Fault) {
	left, until := e.o.Minimise, time.Now().Add(minimiseTime)
	smaller := func(b []byte) bool {
		if left <= 0 || ctx.Err() != nil || time.Now().After(until) {
			return false
		}
		left--
		g, ok := again(b)
		if !ok || g.Key() != key {
			return false
		}
		data, f = b, g
		return true
	}
	for before := -1; before != len(data); {
		before = len(data)
		for size := (len(data) + 1) / 2; size > 0; size /= 2 {
			for at := 0; at < len(data); {
				end := min(at+size, len(data))
				cut := slices.Concat(data[:at], data[end:])
				if !smaller(cut) && !smaller(mended(cut)) {
					at += size
				}
			}
		}
	}
	for i := range data {
		if data[i] != 0 && data[i] != '0' {
			b := slices.Clone(data)
			if b[i] = 0; !smaller(b) {
				b = slices.Clone(data)
				b[i] = '0'
				smaller(b)
			}
		}
	}
	return data, f
}

// mended gives the bytes with the first size made that of all of them: a frame that was cut stays one.
func mended(b []byte) []byte {
	out := slices.Clone(b)
	putSize(out)
	return out
}
