package cli

import (
	"io"
	"os"
	"sort"
	"strings"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/tools/teleport/refimpl"
)

// protos are the Protos that --proto names.
var protos = refimpl.Protos()

func protoNames() string {
	var names []string
	for name := range protos {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

func protoByName(name string) (packet.ProtoFunc, error) {
	if pf, ok := protos[name]; ok {
		return pf, nil
	}
	return nil, usagef("unknown Proto %q: expected %s", name, protoNames())
}

// openInput gives the named file, or stdin for "" and "-", and what closes it.
func openInput(file string, stdin io.Reader) (io.Reader, func() error, error) {
	if file == "" || file == "-" {
		return stdin, func() error { return nil }, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, usagef("%w", err)
	}
	return f, f.Close, nil
}
