package judge

import "syscall"

// canConfine says whether this system can limit the memory of a process.
const canConfine = true

// limitMemory bounds the data of this process, in bytes.
func limitMemory(n uint64) error {
	return syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: n, Max: n})
}
