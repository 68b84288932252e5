package harness

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
)

// profiler collects profiles of this process, one of each kind at a time.
type profiler struct{ files map[string]*os.File }

// toggle begins to collect kind ("cpu" or "mem") into a file, or ends what was begun.
func (p *profiler) toggle(kind, path string) error {
	if p.files[kind] != nil {
		return p.end(kind)
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
	if p.files == nil {
		p.files = map[string]*os.File{}
	}
	p.files[kind] = f
	return nil
}

func (p *profiler) end(kind string) error {
	f := p.files[kind]
	delete(p.files, kind)
	var err error
	if kind == "cpu" {
		pprof.StopCPUProfile()
	} else {
		runtime.GC()
		err = pprof.Lookup("allocs").WriteTo(f, 0)
	}
	return errors.Join(err, f.Close())
}

// stop ends all that was begun.
func (p *profiler) stop() error {
	var errs []error
	for kind := range p.files {
		errs = append(errs, p.end(kind))
	}
	return errors.Join(errs...)
}
