//go:build unix

package tp

import (
	"fmt"
	"net"
	"os"
	"strconv"
)

// systemdFds is the number of sockets that systemd has opened for this process,
// from descriptor 3 on (sd_listen_fds). What is meant for another process is
// not looked at, and nothing is left for the processes that this one starts.
func systemdFds() int {
	pid, fds := os.Getenv("LISTEN_PID"), os.Getenv("LISTEN_FDS")
	for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		os.Unsetenv(name)
	}
	n, err := strconv.Atoi(fds)
	if err != nil || n < 0 || pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	return n
}

// notifySystemd tells the service manager, if there is one (sd_notify).
func notifySystemd(state string) error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	nc, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Net: "unixgram", Name: path})
	if err == nil {
		defer nc.Close()
		_, err = nc.Write([]byte(state))
	}
	if err != nil {
		return fmt.Errorf("NOTIFY_SOCKET %s: %w", path, err)
	}
	return nil
}

// notifyStopping tells the service manager that the process ends, unless
// another one goes on.
func notifyStopping() {
	if !reboot.handed.Load() {
		if err := notifySystemd("STOPPING=1"); err != nil {
			Debugf("shutdown: %s", err)
		}
	}
}
