package fuzz

import (
	"bytes"
	"errors"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// pipeSeeds gives each filter alone, some pipes, and what the golden vectors have behind one filter.
func pipeSeeds() [][]byte {
	out := texts("", "\x00no filter")
	for i := range filterIds {
		for k, text := range []string{"", "a", "teleport teleport teleport", string(make([]byte, 3000))} {
			out = append(out, append([]byte{1, byte(i)}, text...), append([]byte{3 + 6*byte(i+5*k), byte(i), byte(i + 1), byte(i + 2)}, text...))
		}
	}
	for n, wire := range vectorWires("") {
		if len(wire) > 7 && wire[5] == 1 {
			if at := bytes.IndexByte([]byte(filterIds), wire[6]); at >= 0 {
				out = append(out, append([]byte{1 + 6*byte(n%4), byte(at)}, wire[7:]...))
			}
		}
	}
	return distinct(out)
}

// runXferPipe does and undoes a pipe over bytes, and undoes it over the bytes themselves, which mostly are no output of
// it. The script: a byte for the number of filters and how they are disguised, each filter's place in filterIds, the
// bytes.
func runXferPipe(t Reporter, in []byte) {
	s := script{b: in}
	regs := registries(t)
	var ids []byte
	head := int(s.byte())
	for range head % 6 {
		ids = append(ids, filterIds[s.upTo(len(filterIds))])
	}
	data := s.rest()
	was := bytes.Clone(data)
	do, undo := xfer.NewXferPipe(), xfer.NewXferPipe()
	if err := errors.Join(do.AppendFromRegistry(regs.sealer, ids...), undo.AppendFromRegistry(regs.judged, ids...)); err != nil {
		t.Fatalf("making the pipe %q: %v", ids, err)
	}
	done, err := do.AppendPack([]byte("kept"), data)
	if err != nil || !bytes.HasPrefix(done, []byte("kept")) {
		t.Fatalf("doing %q: %q, %v", ids, done, err)
	}
	done = done[4:]
	back, err := undo.AppendUnpack([]byte("kept"), done, wideEnough)
	if err != nil || !bytes.Equal(back, append([]byte("kept"), data...)) {
		t.Fatalf("undone, %q gives %q, %v; want %q", ids, back, err, data)
	}
	if len(ids) == 1 {
		exactLimit(t, undo, done, len(data))
		foreign(t, ids[0], done, data)
	}
	garbage(t, ids, undo, data)
	if len(ids) > 0 && head >= 6 {
		disguised(t, undo, head/6, done, len(data))
		disguised(t, undo, head/6, data, 4<<10)
		done, err := disguise(do, head/6).AppendPack(nil, data)
		if err != nil {
			t.Fatalf("doing %q disguised: %v", ids, err)
		}
		if back, err := undo.OnUnpackLimit(done, wideEnough); err != nil || !bytes.Equal(back, data) {
			t.Fatalf("done disguised (%d) and undone, %q gives %q, %v; want %q", head/6, ids, back, err, data)
		}
	}
	if !bytes.Equal(data, was) {
		t.Fatalf("the pipe %q has changed its input", ids)
	}
}

// wideEnough is more than a script's bytes and what filters add to them.
const wideEnough = MaxInput + 1<<12

// exactLimit wants n bytes under a limit of n, and none under one less.
//
// req: TP-XFER-007, TP-XFER-029
func exactLimit(t Reporter, undo *xfer.XferPipe, done []byte, n int) {
	t.Helper()
	if out, err := undo.OnUnpackLimit(done, n); err != nil || len(out) != n {
		t.Fatalf("%d bytes under a limit of as many: %d, %v", n, len(out), err)
	}
	if n == 0 {
		return
	}
	if out, err := undo.OnUnpackLimit(done, n-1); !errors.Is(err, xfer.ErrExceedLimit) {
		t.Fatalf("%d bytes under a limit of one less: %d, %v", n, len(out), err)
	}
}

// foreign has the oracle undo what the filter did, and the filter what the oracle did.
func foreign(t Reporter, id byte, done, data []byte) {
	t.Helper()
	all := oracle.TestFilters(oracle.Judged)
	all[oracle.FilterGzip] = oracle.Filter{Do: oracle.Gzip, Undo: oracle.Gunzip}
	out, err := all[id].Undo(done, wideEnough)
	if !errors.Is(err, oracle.ErrBeyond) && (err != nil || !bytes.Equal(out, data)) {
		t.Fatalf("of what filter %q did the oracle makes %q, %v; want %q", id, out, err, data)
	}
	theirs := oracle.TestFilters(oracle.Sealer)
	theirs[oracle.FilterGzip] = all[oracle.FilterGzip]
	f, err := registries(t).judged.Get(id)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if out, err := f.OnUnpack(theirs[id].Do(data)); err != nil || !bytes.Equal(out, data) {
		t.Fatalf("of what the oracle did filter %q makes %q, %v; want %q", id, out, err, data)
	}
}

// garbage undoes a pipe over bytes of the fuzzer's choice, under a small limit: an output within it, the oracle's, or an
// error, and no more memory than the limit allows.
func garbage(t Reporter, ids []byte, undo *xfer.XferPipe, data []byte) {
	t.Helper()
	const limit = 4 << 10
	var out []byte
	var err error
	withinMemory(t, allowance(len(data), len(ids), limit), "undoing the pipe "+string(ids), func() {
		out, err = undo.OnUnpackLimit(data, limit)
	})
	if len(ids) > 0 && len(out) > limit {
		t.Fatalf("undoing %q gives %d bytes, %d are allowed", ids, len(out), limit)
	}
	if appended, aerr := undo.AppendUnpack([]byte("kept"), data, limit); (aerr == nil) != (err == nil) ||
		!bytes.Equal(appended, append([]byte("kept"), out...)) {
		t.Fatalf("OnUnpackLimit gives %q, %v, AppendUnpack %q, %v", out, err, appended, aerr)
	}
	all := oracle.TestFilters(oracle.Judged)
	all[oracle.FilterGzip] = oracle.Filter{Undo: oracle.Gunzip}
	want, werr := data, error(nil)
	for _, id := range ids {
		if want, werr = all[id].Undo(want, limit); errors.Is(werr, oracle.ErrBeyond) {
			return
		} else if werr != nil {
			want = nil
			break
		}
	}
	if (err == nil) != (werr == nil) || !bytes.Equal(out, want) || errors.Is(err, xfer.ErrExceedLimit) != errors.Is(werr, oracle.ErrLimit) {
		t.Fatalf("undoing %q: the oracle gives %q, %v, the pipe %q, %v\n%x", ids, want, werr, out, err, data)
	}
}
