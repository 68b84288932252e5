package tp

// LinkEnder is what the engine's PreSession and Session have besides their own
// methods; a plugin asks for it with a type assertion:
//
//	if e, ok := sess.(tp.LinkEnder); ok {
//		e.EndLink(cause)
//	}
type LinkEnder interface {
	// EndLink breaks the connection that the session has now, as if it had
	// failed by itself with that cause: its pending PULLs end with 102, and a
	// session that redials dials again, where Close would end it for good. On
	// a PreSession it interrupts a Send or Receive that waits; the hook must
	// return an error then. EndLink waits for nothing, may be called from any
	// goroutine and does nothing where there is no connection any more.
	EndLink(cause error)
}

var (
	_ LinkEnder = (*session)(nil)
	_ LinkEnder = (*preSession)(nil)
)

func (s *session) EndLink(cause error) {
	if l := s.cur.Load(); l != nil {
		l.end(cause)
	}
}

// EndLink does nothing once the hook is over: the link is the session's then.
func (p *preSession) EndLink(cause error) {
	if !p.begun.Load() {
		p.l.end(cause)
	}
}
