package tp

import "sync"

// SessionHub is a program's own index of sessions, by whatever key it finds
// them under: a user's name, a room. The peer has its own, by session id
// (Peer.GetSession). The zero value is empty and works. It is safe for
// concurrent use; it closes no session, and does not notice that one has ended:
// a PostDisconnect hook deletes it.
type SessionHub struct {
	mu sync.RWMutex // guards m
	m  map[string]Session
}

// Set keeps the session under the key, and returns the other one that was
// there before, or nil.
func (h *SessionHub) Set(key string, sess Session) (replaced Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.m == nil {
		h.m = make(map[string]Session)
	}
	if old := h.m[key]; old != sess {
		replaced = old
	}
	h.m[key] = sess
	return replaced
}

// Get returns the session of that key.
func (h *SessionHub) Get(key string) (Session, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	s, ok := h.m[key]
	return s, ok
}

// Range calls fn with each session that is there when Range is called, in no
// order, until it returns false. fn may call anything.
func (h *SessionHub) Range(fn func(key string, sess Session) bool) {
	h.mu.RLock()
	all := make(map[string]Session, len(h.m))
	for k, s := range h.m {
		all[k] = s
	}
	h.mu.RUnlock()
	for k, s := range all {
		if !fn(k, s) {
			return
		}
	}
}

// Random returns any of the sessions; false when there is none.
func (h *SessionHub) Random() (Session, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, s := range h.m { // a map's order is random
		return s, true
	}
	return nil, false
}

// Len counts the sessions.
func (h *SessionHub) Len() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.m)
}

// Delete removes what is under the key; where a session is given, only that one.
func (h *SessionHub) Delete(key string, only ...Session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(only) == 0 || h.m[key] == only[0] {
		delete(h.m, key)
	}
}
