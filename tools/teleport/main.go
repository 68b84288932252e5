// Command teleport proves, decodes, serves and calls peers of the Teleport wire standard.
//
// Run `teleport help` for the commands. Exit codes: 0 all well, 1 nonconformance or a refused input,
// 2 wrong usage, 3 the harness or the other side failed. `go run` turns every code but 0 into 1.
package main

import (
	"os"

	"github.com/henrylee2cn/teleport/tools/teleport/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
