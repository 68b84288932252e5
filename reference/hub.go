package tp

import (
	"math/rand/v2"
	"strconv"
	"sync"
)

// hub finds sessions by id.
type hub struct {
	mu   sync.RWMutex // guards byId, and the writing of session.id and session.named
	byId map[string]*session
}

// add enters a session. An id that was chosen (SetId) takes the place of
// another session, which is returned to be closed; an address that is taken
// gets a suffix: two connections may well have the same local address.
func (h *hub) add(s *session) (kicked *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byId == nil {
		h.byId = make(map[string]*session)
	}
	id := s.Id()
	if old := h.byId[id]; old != nil && s.named {
		kicked = old
	} else if old != nil {
		addr := id
		for n := 2; h.byId[id] != nil; n++ {
			id = addr + "#" + strconv.Itoa(n)
		}
		s.id.Store(&id)
	}
	h.byId[id] = s
	return kicked
}

// name gives a session its first id; a later one does not count.
func (h *hub) name(s *session, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !s.named && s.Id() == "" {
		s.id.Store(&id)
	}
}

// rename gives a session a chosen id, and moves it if it is in the hub.
func (h *hub) rename(s *session, to string) (from string, kicked *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	from = s.Id()
	s.id.Store(&to)
	s.named = true
	if h.byId[from] != s || from == to {
		return from, nil
	}
	delete(h.byId, from)
	kicked = h.byId[to]
	h.byId[to] = s
	return from, kicked
}

// remove takes a session out, and only that one: the id may have another by now.
func (h *hub) remove(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id := s.Id(); h.byId[id] == s {
		delete(h.byId, id)
	}
}

func (h *hub) get(id string) (*session, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	s, ok := h.byId[id]
	return s, ok
}

func (h *hub) len() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return len(h.byId)
}

// all lists the sessions in random order.
func (h *hub) all() []*session {
	h.mu.RLock()
	list := make([]*session, 0, len(h.byId))
	for _, s := range h.byId {
		list = append(list, s)
	}
	h.mu.RUnlock()
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}
