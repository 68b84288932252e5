// Command kitex is the worker process of Kitex, which cannot be linked with the other rivals: the harness of the main
// module builds it, and tells it by its standard input what to do.
package main

import "github.com/henrylee2cn/teleport/perf/harness"

func main() { harness.WorkerMain(Systems()) }
