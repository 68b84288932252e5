package registry

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"unicode/utf8"
)

// Entry says that a service can be had at an address. Two entries are the same
// when both fields are.
type Entry struct {
	// Service is what is looked for; by default the path of a route.
	Service string `json:"service"`
	// Addr is what a peer dials, such as "10.0.0.7:9090".
	Addr string `json:"addr"`
}

// Registry keeps entries. It is safe for concurrent use.
//
// An implementation over a network keeps these promises in spite of it: it
// retries by itself, tells of failures through Watch, and restores its entries
// after it was cut off.
type Registry interface {
	// Register adds entries, all of them or, with an error, none. The context
	// bounds the call, not how long the entries live. They live until
	// deregister; an implementation may let them die with the process.
	//
	// An entry that is there already is taken over: the deregister of who had
	// it does not remove it any more. So a process may hand over its address to
	// its successor in any order.
	//
	// deregister removes what this call has added and nobody has taken over.
	// It may be called again, and does nothing then, unless it has failed.
	Register(ctx context.Context, entries ...Entry) (deregister func(ctx context.Context) error, err error)

	// Watch gives the entries of one service: first, without delay, the list
	// as it is, empty when there is none; then the whole list whenever it has
	// changed. It goes on until ctx is done or the caller leaves the loop, and
	// holds nothing beyond that. Each list is sorted by address and the
	// caller's. Changes that follow fast may show as one.
	//
	// Where the registry cannot be read, the error comes beside the last good
	// list, and Watch goes on; a nil error says that this has passed.
	Watch(ctx context.Context, service string) iter.Seq2[[]Entry, error]
}

// Lookup gives the entries of a service as they are now. An error comes beside
// what list there is.
func Lookup(ctx context.Context, reg Registry, service string) ([]Entry, error) {
	for list, err := range reg.Watch(ctx, service) {
		return list, err
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("registry: look up %q: %w", service, err)
	}
	return nil, fmt.Errorf("registry: look up %q: the registry gave no list", service)
}

// EntryError says which entry cannot be registered, and why.
type EntryError struct {
	Entry  Entry
	Reason string
}

func (e *EntryError) Error() string {
	return fmt.Sprintf("registry: the entry (service %q, addr %q) %s", e.Entry.Service, e.Entry.Addr, e.Reason)
}

// Check says what is wrong with an entry, as an *EntryError: both fields are
// text in UTF-8 and not empty. Implementations call it in Register.
func (e Entry) Check() error {
	switch {
	case e.Service == "":
		return &EntryError{e, "names no service"}
	case e.Addr == "":
		return &EntryError{e, "has no address"}
	case !utf8.ValidString(e.Service) || !utf8.ValidString(e.Addr):
		return &EntryError{e, "is not UTF-8"}
	}
	return nil
}

// checkAll is Check of each, and of there being any.
func checkAll(entries []Entry) error {
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return err
		}
	}
	return nil
}

// compare is the order of lists and files.
func compare(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Addr, b.Addr))
}

// ofService picks the entries of one service out of a sorted list.
func ofService(all []Entry, service string) []Entry {
	var list []Entry
	for _, e := range all {
		if e.Service == service {
			list = append(list, e)
		}
	}
	return slices.Clip(list)
}
