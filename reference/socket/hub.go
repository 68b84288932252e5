package socket

import "sync"

// SocketHub keeps sockets by id. The zero value is empty and works. It is safe
// for concurrent use; it never closes a socket, and holds no lock while it calls
// one or the caller's function.
type SocketHub struct {
	mu sync.RWMutex // guards m
	m  map[string]Socket
}

// NewSocketHub makes an empty hub.
func NewSocketHub() *SocketHub { return new(SocketHub) }

// Set keeps s under its id, and gives the other socket that had the id before,
// or nil.
func (h *SocketHub) Set(s Socket) (replaced Socket) {
	id := s.Id()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.m == nil {
		h.m = make(map[string]Socket)
	}
	if old := h.m[id]; old != s {
		replaced = old
	}
	h.m[id] = s
	return replaced
}

// Get gives the socket with that id.
func (h *SocketHub) Get(id string) (Socket, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	s, ok := h.m[id]
	return s, ok
}

// Range calls f for each socket that is there when Range is called, in no order,
// until f returns false.
func (h *SocketHub) Range(f func(Socket) bool) {
	h.mu.RLock()
	all := make([]Socket, 0, len(h.m))
	for _, s := range h.m {
		all = append(all, s)
	}
	h.mu.RUnlock()
	for _, s := range all {
		if !f(s) {
			return
		}
	}
}

// Random gives any of the sockets; false when there is none.
func (h *SocketHub) Random() (Socket, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, s := range h.m { // a map's order is random
		return s, true
	}
	return nil, false
}

// Len is the number of sockets.
func (h *SocketHub) Len() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.m)
}

// Delete removes the socket with that id, if any.
func (h *SocketHub) Delete(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.m, id)
}

// ChangeId names s anew and keeps it under the new id. It gives the other socket
// that had the new id, or nil. An entry under the old id goes only if it is s.
func (h *SocketHub) ChangeId(newId string, s Socket) (replaced Socket) {
	oldId := s.Id()
	s.SetId(newId)
	h.mu.Lock()
	if oldId != newId && h.m[oldId] == s {
		delete(h.m, oldId)
	}
	h.mu.Unlock()
	return h.Set(s)
}
