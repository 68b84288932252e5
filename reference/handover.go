package tp

import (
	"fmt"
	"net"
	"strconv"
	"sync"
)

// listenKey names a listener of this process, for the process that takes over:
// the network, and the address as it was asked for.
type listenKey struct {
	Network string `json:"network"`
	Addr    string `json:"addr"`
	// Foreign: systemd's socket, whose file is not ours to remove.
	Foreign bool `json:"foreign,omitempty"`
}

func (k listenKey) same(other listenKey) bool {
	return k.Network == other.Network && k.Addr == other.Addr
}

// listenKeys are the names of the listeners that NewListener made.
var listenKeys struct {
	mu    sync.Mutex // guards byLis
	byLis map[net.Listener]listenKey
}

// NewListener gives what Listen listens on: the socket that the process before
// this one has handed over (Reboot), or systemd (socket activation, where the
// address is the same), else a new one. A unix socket file that nobody listens
// on any more, as a crash leaves it, is removed.
//
// network is tcp, tcp4, tcp6, unix or unixpacket. Give the listener to
// ServeListener; its actual address, where the port is 0, is its Addr. A
// listener made in any other way is found by its Addr after a Reboot.
func NewListener(network, addr string) (net.Listener, error) {
	key := listenKey{Network: network, Addr: addr}
	lis, err := inherited(&key)
	if err == nil && lis == nil {
		lis, err = listen(network, addr)
	}
	if err != nil {
		return nil, err
	}
	listenKeys.mu.Lock()
	defer listenKeys.mu.Unlock()
	if listenKeys.byLis == nil {
		listenKeys.byLis = make(map[net.Listener]listenKey)
	}
	listenKeys.byLis[lis] = key
	return lis, nil
}

func keyOf(lis net.Listener) listenKey {
	listenKeys.mu.Lock()
	defer listenKeys.mu.Unlock()
	if key, ok := listenKeys.byLis[lis]; ok {
		return key
	}
	return listenKey{Network: lis.Addr().Network(), Addr: lis.Addr().String()}
}

func forgetListener(lis net.Listener) {
	listenKeys.mu.Lock()
	defer listenKeys.mu.Unlock()
	delete(listenKeys.byLis, lis)
}

// liveListeners are those of all peers, with their names.
func liveListeners() map[net.Listener]listenKey {
	all := make(map[net.Listener]listenKey)
	for _, p := range livePeers.all() {
		p.mu.Lock()
		for lis, key := range p.listeners {
			all[lis] = key
		}
		p.mu.Unlock()
	}
	return all
}

// sameAddress says whether a listener that listens on got is what asked would
// listen on. A name is not looked up: ports and addresses are compared.
func sameAddress(network, asked string, got net.Addr) bool {
	switch a := got.(type) {
	case *net.UnixAddr:
		return a.Net == network && a.Name == asked
	case *net.TCPAddr:
		host, port, err := net.SplitHostPort(asked)
		if err != nil || port != strconv.Itoa(a.Port) || len(network) < 3 || network[:3] != "tcp" {
			return false
		}
		if ip := net.ParseIP(host); ip != nil {
			return ip.Equal(a.IP) || ip.IsUnspecified() && a.IP.IsUnspecified()
		}
		return host == "" && a.IP.IsUnspecified() || host == "localhost" && a.IP.IsLoopback()
	}
	return false
}

func (k listenKey) String() string { return fmt.Sprintf("%s %s", k.Network, k.Addr) }
