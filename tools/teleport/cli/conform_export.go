package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
	"github.com/henrylee2cn/teleport/vectors"
)

func addExport(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "export-seeds", "", "write the bytes of failing cases into this `DIR`ectory as seeds for the fuzz targets, in the form of a Go fuzz corpus")
}

// exportSeeds writes what went over the wire in the cases that failed: the whole wire of a golden vector, else what the
// trace of the case has. One folder a target: fuzz/testdata/fuzz takes them as they are.
func (f *conformFlags) exportSeeds(out io.Writer, r *conformance.Report) error {
	dir := f.export
	if dir == "" {
		return nil
	}
	if f.stdout() { // a report is what stands there
		out = io.Discard
	}
	all, err := vectors.All()
	if err != nil {
		return harnessf("%w", err)
	}
	byID := map[string]vectors.Case{}
	for _, v := range all {
		byID["wire/"+v.ID] = v
	}
	cases, seeds := 0, map[string]bool{}
	for _, result := range r.Failures() {
		wires, protos, err := wiresOf(result, byID)
		if err != nil {
			return harnessf("%w", err)
		}
		wrote := false
		for i, wire := range wires {
			paths, err := writeExported(dir, protos[i], wire)
			if err != nil {
				return harnessf("writing a seed: %w", err)
			}
			for _, p := range paths {
				seeds[p], wrote = true, true
			}
		}
		if wrote {
			cases++
		}
	}
	fmt.Fprintf(out, "seeds of %d failing cases: %d files in %s\n", cases, len(seeds), dir)
	return nil
}

// wiresOf gives the bytes of a failing case and the Proto of each.
func wiresOf(r conformance.Result, byID map[string]vectors.Case) (wires [][]byte, protos []string, err error) {
	if v, ok := byID[r.Case]; ok {
		wire, err := v.WireBytes()
		if err == nil && len(wire) > 0 {
			wires, protos = append(wires, wire), append(protos, v.ProtoName())
		}
		return wires, protos, err
	}
	if strings.HasPrefix(r.Case, "harness/") {
		return nil, nil, nil
	}
	for _, e := range r.Trace {
		if e.Len == len(e.Bytes) && len(e.Bytes) > 0 { // the trace keeps the beginning of what is long
			wires, protos = append(wires, e.Bytes), append(protos, protoOfWire(e.Bytes))
		}
	}
	return wires, protos, nil
}

// protoOfWire is the Proto whose id is in the bytes; fast where none is.
func protoOfWire(b []byte) string {
	if len(b) > 4 {
		switch b[4] {
		case 'j':
			return "json"
		case 'p':
			return "pb"
		}
	}
	return vectors.ProtoFast
}

// writeExported writes one wire as an input of the target of its Proto, and of DecodeStream.
func writeExported(dir, proto string, wire []byte) (paths []string, err error) {
	target, data, stream, ok := attack.Input(proto, wire)
	inputs := map[string][]byte{"DecodeStream": stream}
	if ok {
		inputs[target] = data
	}
	for name, data := range inputs {
		if len(data) > fuzz.MaxInput {
			continue
		}
		path, err := attack.WriteCorpusFile(filepath.Join(dir, "Fuzz"+name), data, false)
		if err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
