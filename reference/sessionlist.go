package tp

// sessionList is a list through the sessions themselves: a map would take more
// memory for each.
type sessionList struct {
	newest *session
	n      int
}

func (l *sessionList) add(s *session) {
	if s.older = l.newest; s.older != nil {
		s.older.newer = s
	}
	l.newest = s
	l.n++
}

// remove takes s out, if it is in the list.
func (l *sessionList) remove(s *session) {
	switch {
	case s.newer != nil:
		s.newer.older = s.older
	case l.newest == s:
		l.newest = s.older
	default:
		return
	}
	if s.older != nil {
		s.older.newer = s.newer
	}
	s.newer, s.older = nil, nil
	l.n--
}

// all gives the sessions, the newest first.
func (l *sessionList) all() []*session {
	list := make([]*session, 0, l.n)
	for s := l.newest; s != nil; s = s.older {
		list = append(list, s)
	}
	return list
}
