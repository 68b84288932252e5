// Command perf measures: it remakes the tables of January 2018, beside floors and rivals.
//
//	go run ./perf --help
package main

import (
	"os"
	"slices"

	"github.com/henrylee2cn/teleport/perf/floor"
	"github.com/henrylee2cn/teleport/perf/harness/cli"
	"github.com/henrylee2cn/teleport/perf/plot"
	"github.com/henrylee2cn/teleport/perf/systems"
)

func main() {
	os.Exit(cli.Main(cli.Config{
		Use: "perf", Called: "go run ./perf",
		Systems: slices.Concat(systems.Systems(), floor.Systems()),
		Worker:  []string{"worker"},
		Plot:    plot.Write,
	}, os.Args[1:], os.Stdout, os.Stderr))
}
