//go:build unix

package tp

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// rebootEnv tells a process that another one has started it to take its place:
// see rebootNote. Descriptor 3 is a pipe to that one, the listeners follow.
const rebootEnv = "TELEPORT_REBOOT"

const firstPassedFd = 3

// rebootNote is what a process tells its successor. The successor believes it
// only if the sender is its parent: a process further down has it in its
// environment, too, and other things in its descriptors.
type rebootNote struct {
	Parent    int         `json:"parent"`
	Listeners []listenKey `json:"listeners"` // in the order of the descriptors
}

// startDir is where the program was started, for a relative os.Args[0].
var startDir, _ = os.Getwd()

// readyTimeout is the time that a new process has to say that it is ready.
const readyTimeout = time.Minute

// reboot is the part of the process in the handing over of listeners.
var reboot struct {
	handing sync.Mutex  // held while a successor starts
	handed  atomic.Bool // it has taken over

	look  sync.Once
	ready sync.Once

	mu      sync.Mutex                 // guards what follows
	toReady *os.File                   // to the predecessor; nil: there is none
	files   []passedListener           // not taken yet
	unready map[listenKey]int          // handed over and not served yet
	keyOf   map[net.Listener]listenKey // taken and not served yet
	inherit []*net.UnixListener        // whose files are this process's to remove, once it is ready
}

type passedListener struct {
	key     listenKey
	systemd bool // it has no key: its address is compared
	lis     net.Listener
}

// inherited gives the listener of that name that this process was started with,
// and completes the name; nil when there is none (any more).
func inherited(key *listenKey) (net.Listener, error) {
	reboot.look.Do(lookForInherited)
	reboot.mu.Lock()
	defer reboot.mu.Unlock()
	for i, f := range reboot.files {
		switch {
		case f.systemd && sameAddress(key.Network, key.Addr, f.lis.Addr()):
			key.Foreign = true
		case !f.systemd && f.key.same(*key):
			*key = f.key
			reboot.keyOf[f.lis] = *key
		default:
			continue
		}
		reboot.files = append(reboot.files[:i:i], reboot.files[i+1:]...)
		return f.lis, nil
	}
	return nil, nil
}

// lookForInherited finds out what this process was started with, once.
func lookForInherited() {
	reboot.mu.Lock()
	defer reboot.mu.Unlock()
	reboot.unready = make(map[listenKey]int)
	reboot.keyOf = make(map[net.Listener]listenKey)
	text := os.Getenv(rebootEnv)
	os.Unsetenv(rebootEnv)
	var note rebootNote
	if text != "" && json.Unmarshal([]byte(text), &note) == nil && note.Parent == os.Getppid() {
		syscall.CloseOnExec(firstPassedFd)
		reboot.toReady = os.NewFile(firstPassedFd, "reboot")
		for i, key := range note.Listeners {
			takeFd(firstPassedFd+1+i, passedListener{key: key})
			reboot.unready[key]++
		}
		return
	}
	for i := range systemdFds() {
		takeFd(firstPassedFd+i, passedListener{systemd: true})
	}
}

// takeFd makes a listener of a descriptor. A unix socket's file is this
// process's to remove once it is ready, but for one of systemd's.
func takeFd(fd int, p passedListener) {
	syscall.CloseOnExec(fd)
	f := os.NewFile(uintptr(fd), "listener")
	lis, err := net.FileListener(f)
	f.Close()
	if err != nil {
		Warnf("descriptor %d, which was handed to this process, is not a listener: %s", fd, err)
		return
	}
	if u, ok := lis.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // until this process is ready, the file is its predecessor's
		if !p.systemd && !p.key.Foreign {
			reboot.inherit = append(reboot.inherit, u)
		}
	}
	p.lis = lis
	reboot.files = append(reboot.files, p)
}

// served notes that a peer serves the listener. Once all that were handed over
// are served this process is ready.
func served(lis net.Listener) {
	reboot.look.Do(lookForInherited)
	reboot.mu.Lock()
	if key, ok := reboot.keyOf[lis]; ok {
		delete(reboot.keyOf, lis)
		if reboot.unready[key]--; reboot.unready[key] == 0 {
			delete(reboot.unready, key)
		}
	}
	all := len(reboot.unready) == 0
	reboot.mu.Unlock()
	if all {
		if err := Ready(); err != nil {
			Errorf("reboot: %s", err)
		}
	}
}

// readyWithoutListeners is for a process that only dials.
func readyWithoutListeners() {
	reboot.look.Do(lookForInherited)
	reboot.mu.Lock()
	ready := reboot.toReady != nil && len(reboot.unready) == 0
	reboot.mu.Unlock()
	if ready {
		Ready()
	}
}

// Ready says that this process serves: the process that it replaces (Reboot)
// begins to drain, and systemd learns that the service is up. It happens by
// itself when all listeners that were handed over are served, or the first
// where none was. A program that has more to prepare, or that gives up
// listeners that its predecessor had, may call it; listeners that nobody has
// taken by then are closed. Only the first call does anything.
func Ready() (err error) {
	reboot.look.Do(lookForInherited)
	reboot.ready.Do(func() {
		reboot.mu.Lock()
		to, left, files := reboot.toReady, reboot.files, reboot.inherit
		reboot.toReady, reboot.inherit = nil, nil
		if to != nil {
			reboot.files = nil
		}
		reboot.mu.Unlock()
		if to != nil {
			_, err = to.WriteString("ready\n")
			err = errors.Join(err, to.Close())
			for _, u := range files {
				u.SetUnlinkOnClose(err == nil)
			}
			for _, f := range left {
				f.lis.Close()
			}
		}
		err = errors.Join(err, notifySystemd("READY=1"))
	})
	if err != nil {
		return fmt.Errorf("teleport: telling that this process is ready: %w", err)
	}
	return nil
}

// handOver starts a new process with this one's listeners and waits until it
// is ready. On an error everything is as it was.
func handOver() error {
	if !reboot.handing.TryLock() {
		return errors.New("teleport: reboot: another one is under way")
	}
	defer reboot.handing.Unlock()
	if reboot.handed.Load() {
		return errors.New("teleport: reboot: another process has taken over already")
	}
	ready, newEnd, note, files, err := packListeners()
	for _, f := range files {
		defer f.Close()
	}
	if err != nil {
		return fmt.Errorf("teleport: reboot: %w", err)
	}
	defer ready.Close()
	child, err := startSuccessor(note, files)
	newEnd.Close() // the successor's end: its death is the end of the pipe
	if err != nil {
		return fmt.Errorf("teleport: reboot: %w", err)
	}
	ready.SetReadDeadline(time.Now().Add(readyTimeout))
	answer := make([]byte, len("ready\n"))
	if n, err := ready.Read(answer); n == 0 {
		child.Kill()
		state, werr := child.Wait()
		if werr != nil {
			return fmt.Errorf("teleport: reboot: the new process was not ready: %w", errors.Join(err, werr))
		}
		return fmt.Errorf("teleport: reboot: the new process was not ready (%s): %w", state, err)
	}
	for lis := range liveListeners() {
		if u, ok := lis.(*net.UnixListener); ok {
			u.SetUnlinkOnClose(false) // its file is the new process's now
		}
	}
	reboot.handed.Store(true)
	Infof("reboot: process %d has taken over", child.Pid)
	if err := notifySystemd(fmt.Sprintf("MAINPID=%d", child.Pid)); err != nil {
		Errorf("reboot: %s", err)
	}
	return child.Release()
}

// packListeners makes the pipe and the descriptors that the new process gets.
func packListeners() (ready, newEnd *os.File, note string, files []*os.File, err error) {
	n := rebootNote{Parent: os.Getpid()}
	ready, newEnd, err = os.Pipe()
	if err != nil {
		return nil, nil, "", nil, err
	}
	files = []*os.File{newEnd}
	for lis, key := range liveListeners() {
		filer, ok := lis.(interface{ File() (*os.File, error) })
		if !ok {
			Warnf("reboot: a %T cannot be handed over: %s is not served any more", lis, key)
			continue
		}
		f, ferr := filer.File()
		if ferr != nil {
			ready.Close()
			return nil, nil, "", files, fmt.Errorf("the listener %s: %w", key, ferr)
		}
		files = append(files, f)
		n.Listeners = append(n.Listeners, key)
	}
	b, err := json.Marshal(n)
	return ready, newEnd, string(b), files, err
}

// startSuccessor starts the program again, as it was started.
func startSuccessor(note string, files []*os.File) (*os.Process, error) {
	path, err := exec.LookPath(os.Args[0])
	if err != nil {
		return nil, err
	}
	env := []string{rebootEnv + "=" + note}
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); name != rebootEnv && !strings.HasPrefix(name, "LISTEN_") {
			env = append(env, kv)
		}
	}
	fds := []uintptr{0, 1, 2}
	for _, f := range files {
		// Not Fd: that makes the socket a blocking one, ours too.
		rc, err := f.SyscallConn()
		if err == nil {
			err = rc.Control(func(fd uintptr) { fds = append(fds, fd) })
		}
		if err != nil {
			return nil, err
		}
	}
	pid, err := syscall.ForkExec(path, os.Args, &syscall.ProcAttr{Dir: startDir, Env: env, Files: fds})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return os.FindProcess(pid)
}
