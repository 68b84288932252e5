// Command client keeps pulling, whatever becomes of the server, until it is interrupted; then it says how
// many of its calls were lost.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

var address = "127.0.0.1:9090"

// tally is what became of the calls.
type tally struct {
	mu          sync.Mutex
	calls, lost int
	processes   map[int]bool // that have answered
}

func (t *tally) ended(process int, rerr *tp.Rerror) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	switch {
	case rerr != nil:
		t.lost++
		fmt.Println("lost a call:", rerr)
	case !t.processes[process]:
		t.processes[process] = true
		fmt.Printf("process %d answers\n", process)
	}
}

func main() {
	tp.SetRawlogLevel("OFF") // what goes wrong on the way is mended
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)

	// Redial without end: a session outlives its connections.
	peer := tp.NewPeer(tp.PeerConfig{RedialTimes: -1, RedialInterval: 10 * time.Millisecond})
	defer peer.Close()
	sess, rerr := peer.Dial(address)
	if rerr != nil {
		tp.SetRawlogLevel("ERROR")
		tp.Fatalf("%v", rerr)
	}

	count := tally{processes: map[int]bool{}}
	stop := make(chan struct{})
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					count.ended(tp.Pull[any, int](sess, "/process/id", nil))
				}
			}
		})
	}
	<-interrupted
	close(stop)
	callers.Wait()
	fmt.Printf("%d calls, %d lost, %d processes\n", count.calls, count.lost, len(count.processes))
}
