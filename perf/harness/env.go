package harness

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// ReadEnv says where this process runs, and from which commit: that of the checkout around the working directory.
// What cannot be found out is left empty, or "unknown".
func ReadEnv(ctx context.Context) Env {
	raiseFileLimit() // workers do the same: the limit that they will have
	e := Env{
		CPU: field("/proc/cpuinfo", "model name"), Cores: runtime.GOMAXPROCS(0), Memory: memory(),
		OS: runtime.GOOS, Go: runtime.Version(), Commit: "unknown", MaxFile: fileLimit(),
	}
	if e.CPU == "" {
		e.CPU = "unknown " + runtime.GOARCH
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		e.Kernel = strings.TrimSpace(string(release))
	} else if out, err := exec.CommandContext(ctx, "uname", "-r").Output(); err == nil {
		e.Kernel = strings.TrimSpace(string(out))
	}
	if out, err := exec.CommandContext(ctx, "git", "rev-parse", "HEAD").Output(); err == nil {
		e.Commit = strings.TrimSpace(string(out))
		out, err = exec.CommandContext(ctx, "git", "status", "--porcelain", "--untracked-files=no").Output()
		e.Dirty = err != nil || len(bytes.TrimSpace(out)) > 0
	}
	return e
}

// field reads the first value of a key in a file with a "key : value" on each line.
func field(path, key string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// memory of the machine, in bytes; 0 where there is no /proc.
func memory() int64 {
	kilobytes, _, _ := strings.Cut(field("/proc/meminfo", "MemTotal"), " ")
	n, _ := strconv.ParseInt(kilobytes, 10, 64)
	return n << 10
}
