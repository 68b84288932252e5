package harness

// WorkerMain is the whole of a worker process: a server or a client, told by JSON on standard input what to do, and
// answering by lines of JSON on standard output. A program that holds systems of its own calls it and nothing else.
func WorkerMain(systems []System) {}
