//go:build !linux

package socket

// poller: this system has no epoll.
type poller struct{}

// parkRaw: a connection on this system keeps its reading goroutine.
func (pk *Parker) parkRaw(*parked) bool { return false }
