package mutants

import (
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// rerouting changes how the path of a uri is found.
func rerouting(f func(path string) string) func(p *naivePeer) {
	return func(p *naivePeer) {
		p.path = func(uri []byte) (string, []byte, bool) {
			path, query, ok := splitURI(uri)
			return f(path), query, ok
		}
	}
}

// seen runs before a packet is handled; true means that it was handled.
func seen(f func(s *naiveSession, in oracle.Packet) bool) func(p *naivePeer) {
	return func(p *naivePeer) {
		p.take = func(s *naiveSession, in oracle.Packet) {
			if !f(s, in) {
				p.dispatch(s, in)
			}
		}
	}
}

// routed tells whether a packet's uri can be parsed, and whether it has a handler.
func (s *naiveSession) routed(in oracle.Packet) (parsed, found bool) {
	path, _, ok := s.peer.path(in.Uri)
	routes := s.peer.pulls
	if in.Ptype == oracle.Push {
		routes = s.peer.pushes
	}
	return ok, routes[path] != nil
}

// peerRouting: the uri's way to a handler.
func peerRouting() []Mutant {
	return []Mutant{
		broken("path-any-case", "the path is matched without regard to case", "TP-SESS-006", "pull-path-case",
			rerouting(strings.ToLower)),
		broken("path-slash-cut", "a slash at the end of the path is cut off", "TP-SESS-006", "pull-path-slash",
			rerouting(func(path string) string { return strings.TrimSuffix(path, "/") })),
		broken("path-prefix", "a handler matches every path that begins with its own", "TP-SESS-006", "pull-path-slash",
			func(p *naivePeer) {
				rerouting(func(path string) string {
					if strings.HasPrefix(path, "/conformance/echo") {
						return "/conformance/echo"
					}
					return path
				})(p)
			}),
		broken("path-not-decoded", "the path is matched as it stands, its escapes not undone", "TP-SESS-006", "pull-path-decoded",
			func(p *naivePeer) {
				p.path = func(uri []byte) (string, []byte, bool) {
					_, query, ok := splitURI(uri)
					path, _, _ := strings.Cut(string(uri), "?")
					return path, query, ok
				}
			}),
		broken("path-with-query", "the query is matched with the path", "TP-SESS-006", "pull-path-decoded",
			func(p *naivePeer) {
				p.path = func(uri []byte) (string, []byte, bool) {
					path, query, ok := splitURI(uri)
					if len(query) > 0 {
						path += "?" + string(query)
					}
					return path, query, ok
				}
			}),
		broken("no-route-400", "a PULL that no handler matches is answered with 400", "TP-SESS-007", "pull-unknown-uri",
			func(p *naivePeer) { p.codes.noRoute = 400 }),
		broken("no-route-ends", "a PULL that no handler matches ends the session", "TP-SESS-007", "pull-unknown-uri",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				parsed, found := s.routed(in)
				if in.Ptype == oracle.Pull && parsed && !found {
					s.closeLocked()
				}
				return s.closed
			})),
		broken("no-route-success", "a PULL that no handler matches is answered with an empty success", "TP-SESS-007", "pull-unknown-uri",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				parsed, found := s.routed(in)
				missing := in.Ptype == oracle.Pull && parsed && !found
				if missing {
					(&request{s: s, in: in}).answer(answer{})
				}
				return missing
			})),
		broken("no-route-empty-uri-ends", "a PULL with an empty uri ends the session", "TP-SESS-007", "pull-empty-uri",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				if in.Ptype == oracle.Pull && len(in.Uri) == 0 {
					s.closeLocked()
				}
				return s.closed
			})),
		broken("no-route-push-ends", "a PUSH that no handler matches ends the session", "TP-SESS-008", "push-unknown-uri",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				parsed, found := s.routed(in)
				if in.Ptype == oracle.Push && parsed && !found {
					s.closeLocked()
				}
				return s.closed
			})),
		broken("bad-uri-404", "a PULL whose uri cannot be parsed is answered with 404", "TP-SESS-009", "pull-bad-uri",
			func(p *naivePeer) { p.codes.badURI = 404 }),
		broken("bad-uri-ends", "a PULL whose uri cannot be parsed ends the session", "TP-SESS-009", "pull-bad-uri",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				if parsed, _ := s.routed(in); in.Ptype == oracle.Pull && !parsed {
					s.closeLocked()
				}
				return s.closed
			})),
		broken("bad-uri-push-ends", "a PUSH whose uri cannot be parsed ends the session", "TP-SESS-010", "push-bad-uri",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				if parsed, _ := s.routed(in); in.Ptype == oracle.Push && !parsed {
					s.closeLocked()
				}
				return s.closed
			})),
		broken("bad-uri-push-counted", "a PUSH whose uri cannot be parsed goes to a handler all the same", "TP-SESS-010", "push-bad-uri",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				parsed, _ := s.routed(in)
				if in.Ptype == oracle.Push && !parsed {
					s.count(1)
				}
				return false
			})),
		broken("unknown-handler", "a handler for unknown paths is registered", "TP-CONF-022", "pull-unknown-uri",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				parsed, found := s.routed(in)
				unknown := in.Ptype == oracle.Pull && parsed && !found
				if unknown {
					(&request{s: s, in: in}).echo()
				}
				return unknown
			})),
	}
}

// peerBodies: bodies that are empty, do not decode, or have a codec that nobody knows.
func peerBodies() []Mutant {
	emptyRefused := func(s *naiveSession, in oracle.Packet) bool {
		if in.Ptype == oracle.Pull && len(in.Body) == 0 {
			(&request{s: s, in: in}).fail(400, "the body is empty")
			return true
		}
		return in.Ptype == oracle.Push && len(in.Body) == 0
	}
	typed := func(f func(in oracle.Packet, n [2]int, code int32) ([2]int, int32)) func(p *naivePeer) {
		return func(p *naivePeer) {
			p.ints = func(in oracle.Packet) ([2]int, int32) {
				n, code := decodeInts(in)
				return f(in, n, code)
			}
		}
	}
	recode := func(from, to int32) func(p *naivePeer) {
		return typed(func(_ oracle.Packet, n [2]int, code int32) ([2]int, int32) {
			if code == from {
				code = to
			}
			return n, code
		})
	}
	endsAt := func(bad int32) func(p *naivePeer) {
		return rerouted("sum", func(r *request) {
			if _, code := r.s.peer.ints(r.in); code == bad {
				r.end()
				return
			}
			sumRoute(r)
		})
	}
	pushEndsAt := func(bad int32) func(p *naivePeer) {
		return repushed("typed", func(r *request) {
			if _, code := r.s.peer.ints(r.in); code == bad {
				r.end()
				return
			}
			typedRoute(r)
		})
	}
	return []Mutant{
		broken("empty-body-refused", "an empty body is refused before routing", "TP-SESS-011", "pull-empty-body", seen(emptyRefused)),
		broken("empty-body-refused-unrouted", "a PULL with an empty body and an unknown uri is answered with 400", "TP-SESS-011 TP-SESS-007",
			"pull-unknown-uri-empty-body", seen(emptyRefused)),
		silent("empty-body-push-dropped", "a PUSH with an empty body is dropped", "TP-SESS-011", "push-empty-body", seen(emptyRefused)),
		broken("empty-body-undecodable", "an empty body does not decode", "TP-SESS-011", "pull-typed-empty-body",
			typed(func(in oracle.Packet, n [2]int, code int32) ([2]int, int32) {
				if len(in.Body) == 0 {
					return n, 400
				}
				return n, code
			})),
		broken("undecodable-ends", "a PULL whose body does not decode ends the session", "TP-SESS-012 TP-ERR-014", "pull-undecodable-body", endsAt(400)),
		broken("undecodable-500", "a PULL whose body does not decode is answered with 500", "TP-SESS-012 TP-ERR-014", "pull-undecodable-body", recode(400, 500)),
		broken("undecodable-zero", "a body of another type leaves the argument at its zero value", "TP-SESS-012", "pull-wrong-type-body",
			typed(func(in oracle.Packet, n [2]int, code int32) ([2]int, int32) {
				if in.Codec == oracle.CodecJSON {
					code = 0
				}
				return n, code
			})),
		broken("trailing-taken", "bytes behind the JSON value are not looked at", "TP-SESS-012 TP-CODEC-011", "pull-trailing-body",
			typed(func(in oracle.Packet, n [2]int, code int32) ([2]int, int32) {
				if i := strings.IndexByte(string(in.Body), ']'); code == 400 && in.Codec == oracle.CodecJSON && i >= 0 {
					in.Body = in.Body[:i+1]
					return decodeInts(in)
				}
				return n, code
			})),
		broken("undecodable-push-counted", "a PUSH whose body does not decode reaches its handler", "TP-SESS-013", "push-undecodable-body",
			repushed("typed", func(r *request) { r.s.count(1) })),
		broken("undecodable-push-ends", "a PUSH whose body does not decode ends the session", "TP-SESS-013", "push-undecodable-body", pushEndsAt(400)),
		broken("codec-unknown-push-ends", "a PUSH under an unregistered codec ends the session", "TP-SESS-013", "push-unregistered-codec", pushEndsAt(415)),
		broken("codec-unknown-400", "a body under an unregistered codec is answered with 400", "TP-SESS-015 TP-ERR-014", "pull-unregistered-codec", recode(415, 400)),
		broken("codec-unknown-ends", "a PULL under an unregistered codec ends the session", "TP-SESS-015 TP-ERR-014", "pull-unregistered-codec", endsAt(415)),
		broken("codec-unknown-as-json", "a body under an unregistered codec is decoded as JSON", "TP-SESS-015", "pull-unregistered-codec",
			typed(func(in oracle.Packet, n [2]int, code int32) ([2]int, int32) {
				if code == 415 {
					in.Codec = 'j'
					return decodeInts(in)
				}
				return n, code
			})),
		broken("codec-unknown-raw-refused", "a handler of raw bytes does not get a body under an unregistered codec", "TP-SESS-015", "pull-echo-unregistered-codec",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				unknown := in.Ptype == oracle.Pull && len(in.Body) > 0 && !strings.ContainsRune("jsp", rune(in.Codec))
				if unknown {
					(&request{s: s, in: in}).fail(415, "no such codec")
				}
				return unknown
			})),
	}
}
