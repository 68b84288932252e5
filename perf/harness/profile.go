package harness

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
)

// profiler collects one profile at a time.
type profiler struct {
	kind string // "": none is running
	file *os.File
}

// toggle begins to collect kind ("cpu" or "mem") into a file, or ends what was begun.
func (p *profiler) toggle(kind, path string) error {
	if p.kind != "" {
		return p.stop()
	}
	if os.Getenv(NoFilesEnv) != "" {
		return errors.New("no profiles are written for another host's controller: run the server's host by hand")
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	switch kind {
	case "cpu":
		err = pprof.StartCPUProfile(f)
	case "mem": // written at the end: the allocations since the program began
	default:
		err = fmt.Errorf("profile %q: expected cpu or mem", kind)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	p.kind, p.file = kind, f
	return nil
}

func (p *profiler) stop() error {
	var err error
	switch p.kind {
	case "":
		return nil
	case "cpu":
		pprof.StopCPUProfile()
	case "mem":
		runtime.GC()
		err = pprof.Lookup("allocs").WriteTo(p.file, 0)
	}
	p.kind = ""
	return errors.Join(err, p.file.Close())
}
