// Command server answers /process/id, and takes a new build of itself into use without losing a call:
//
//	go build -o /tmp/server ./reference/example/reboot/server && /tmp/server
//	go run ./reference/example/reboot/client
//	kill -USR2 <the id that the server has printed>
//
// On SIGUSR2 the program is started anew and given the listening socket; once it serves, the old process
// finishes its calls, asks its clients to go, and ends. SIGTERM ends the process as gracefully.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

var address = "127.0.0.1:9090"

// Process answers PULLs about the process that runs.
type Process struct{ tp.PullCtx }

// Id serves /process/id, and takes its time: a reboot finds calls that run.
func (p *Process) Id(*struct{}) (int, *tp.Rerror) {
	<-time.After(5 * time.Millisecond)
	return os.Getpid(), nil
}

func main() {
	tp.SetRawlogLevel("ERROR")
	go tp.GraceSignal()                        // SIGUSR2: reboot; SIGINT, SIGTERM: shut down
	lis, err := tp.NewListener("tcp", address) // the old process's, where there is one
	if err != nil {
		tp.Fatalf("%v", err)
	}
	fmt.Printf("process %d serves %s\n", os.Getpid(), lis.Addr())
	peer := tp.NewPeer(tp.PeerConfig{})
	peer.PullRouter.Reg(new(Process))
	if err := peer.ServeListener(lis); !errors.Is(err, tp.ErrListenClosed) {
		tp.Fatalf("%v", err)
	}
}
