package registry

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
)

// Static is a registry in memory: the list it was made with, which changes only
// when somebody in this process registers. Make one with NewStatic.
type Static struct {
	mu      sync.Mutex // guards what follows; held for map operations only
	entries map[Entry]uint64
	last    uint64        // number of the last registration; the owner of its entries
	changed chan struct{} // closed, and made anew, by each change
}

var _ Registry = (*Static)(nil)

// NewStatic makes a registry of the entries. One that Entry.Check refuses
// panics with its *EntryError: the list is part of the program.
func NewStatic(entries ...Entry) *Static {
	s := &Static{entries: make(map[Entry]uint64), changed: make(chan struct{})}
	if _, err := s.Register(context.Background(), entries...); err != nil {
		panic(err)
	}
	return s
}

// Register implements Registry. It does not wait for anything.
func (s *Static) Register(ctx context.Context, entries ...Entry) (func(context.Context) error, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkAll(entries); err != nil {
		return nil, err
	}
	entries = slices.Clone(entries)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	owner := s.last
	for _, e := range entries {
		s.entries[e] = owner
	}
	s.wakeLocked()
	return func(context.Context) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, e := range entries {
			if s.entries[e] == owner {
				delete(s.entries, e)
			}
		}
		s.wakeLocked()
		return nil
	}, nil
}

func (s *Static) wakeLocked() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// list gives the entries of a service and a channel that is closed by the next change.
func (s *Static) list(service string) ([]Entry, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ofService(slices.SortedFunc(maps.Keys(s.entries), compare), service), s.changed
}

// Watch implements Registry. It never gives an error.
func (s *Static) Watch(ctx context.Context, service string) iter.Seq2[[]Entry, error] {
	return func(yield func([]Entry, error) bool) {
		var shown []Entry
		for first := true; ctx.Err() == nil; first = false {
			list, changed := s.list(service)
			if first || !slices.Equal(list, shown) {
				shown = list
				if !yield(slices.Clone(list), nil) {
					return
				}
			}
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
	}
}
