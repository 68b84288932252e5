package socket

// parkedSet finds what is parked by its token: the place in a list, and a number
// that no other one at that place has had. It takes less memory than a map.
type parkedSet struct {
	places []*parked
	empty  []uint32 // places
	given  uint32   // numbers so far
}

// add gives p a token.
func (s *parkedSet) add(p *parked) {
	var at uint32
	if n := len(s.empty); n > 0 {
		at = s.empty[n-1]
		s.empty = s.empty[:n-1]
	} else {
		at = uint32(len(s.places))
		s.places = append(s.places, nil)
	}
	s.given++
	p.token = uint64(s.given)<<32 | uint64(at)
	s.places[at] = p
}

// find gives what is parked under that token, nil where nothing is any more.
func (s *parkedSet) find(token uint64) *parked {
	if at := uint32(token); int(at) < len(s.places) {
		if p := s.places[at]; p != nil && p.token == token {
			return p
		}
	}
	return nil
}

// has says whether p is in the set.
func (s *parkedSet) has(p *parked) bool { return p.token != 0 && s.find(p.token) == p }

// remove takes p out, which is in the set. An empty set takes no memory.
func (s *parkedSet) remove(p *parked) {
	at := uint32(p.token)
	s.places[at] = nil
	s.empty = append(s.empty, at)
	if s.len() == 0 {
		s.places, s.empty = nil, nil
	}
}

func (s *parkedSet) len() int { return len(s.places) - len(s.empty) }
