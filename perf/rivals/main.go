// Command rivals is the worker process of the other frameworks: the harness of the main module builds it, and tells
// it by its standard input what to do.
package main

import "github.com/henrylee2cn/teleport/perf/harness"

func main() { harness.WorkerMain(Systems()) }
