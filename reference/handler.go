package tp

import (
	"fmt"
	"reflect"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Handler is one registered handler: of a path, or of what no other handler
// matches. It is safe for concurrent use.
type Handler struct {
	name    string
	isPush  bool
	unknown bool
	argElem reflect.Type     // what a body is decoded into; []byte for raw ones
	reply   reflect.Type     // nil for push handlers
	plugins *pluginContainer // the peer's, the groups' and its own
	rawBody bool             // the body is handed over without decoding
	invoke  func(ctx handleCtx, arg any) (any, *Rerror)
	alloc   func() any // not nil: makes a fresh argument without reflection
	pace    pace
}

// Name returns the path that the handler serves; for a handler of unknown
// paths the prefix it serves.
func (h *Handler) Name() string { return h.name }

// ArgElemType returns the type that a body is decoded into: T for an argument
// of type *T, and []byte where the handler takes the bytes as they are.
func (h *Handler) ArgElemType() reflect.Type { return h.argElem }

// NewArgValue returns a fresh *T for a body to be decoded into.
func (h *Handler) NewArgValue() reflect.Value { return reflect.New(h.argElem) }

// ReplyType returns the type of the result; nil for a push handler.
func (h *Handler) ReplyType() reflect.Type { return h.reply }

// IsPush says whether the handler serves pushes.
func (h *Handler) IsPush() bool { return h.isPush }

// IsPull says whether the handler serves pulls.
func (h *Handler) IsPull() bool { return !h.isPush }

// IsUnknown says whether the handler was set with SetUnknown.
func (h *Handler) IsUnknown() bool { return h.unknown }

func (h *Handler) kind() string { return kindName(h.isPush) }

func kindName(push bool) string {
	if push {
		return "push"
	}
	return "pull"
}

// newArg returns a fresh pointer for Bind; nil for a handler of unknown paths,
// which reads the body from its context.
func (h *Handler) newArg() any {
	switch {
	case h.unknown:
		return nil
	case h.alloc != nil:
		return h.alloc()
	}
	return reflect.New(h.argElem).Interface()
}

// call runs the handler with what newArg gave. It does not recover panics: the
// engine does, because it has to answer. A result beside an error is returned
// only when it says something: the zero value is no result.
//
// req: TP-ERR-016
func (h *Handler) call(ctx handleCtx, arg any) (result any, rerr *Rerror) {
	return h.invoke(ctx, arg)
}

var (
	rerrorType  = reflect.TypeFor[*Rerror]()
	pullCtxType = reflect.TypeFor[PullCtx]()
	pushCtxType = reflect.TypeFor[PushCtx]()
	bytesType   = reflect.TypeFor[[]byte]()
	rawBodyType = reflect.TypeFor[packet.RawBody]()
)

// handlerShape is a function's form, checked: the argument and the results.
type handlerShape struct {
	argElem reflect.Type
	reply   reflect.Type // nil for pushes
	rerror  bool         // a push handler that returns *Rerror
}

// shapeOf checks the parameters and results of a handler function; skip
// parameters come before the argument (a receiver, a context).
func shapeOf(t reflect.Type, skip int, push bool) (handlerShape, error) {
	var s handlerShape
	if t.IsVariadic() || t.NumIn() != skip+1 || t.In(skip).Kind() != reflect.Pointer {
		return s, fmt.Errorf("want one argument of the form *T, as in %s", wantShape(push))
	}
	s.argElem = t.In(skip).Elem()
	switch s.argElem.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return s, fmt.Errorf("no body can be decoded into the argument %s", t.In(skip))
	}
	switch {
	case push && t.NumOut() == 0:
		return s, nil
	case push && t.NumOut() == 1 && t.Out(0) == rerrorType:
		s.rerror = true
		return s, nil
	case !push && t.NumOut() == 2 && t.Out(1) == rerrorType:
		s.reply = t.Out(0)
		return s, nil
	}
	return s, fmt.Errorf("want the results of %s", wantShape(push))
}

func wantShape(push bool) string {
	if push {
		return "func(args *T)"
	}
	return "func(args *T) (R, *tp.Rerror)"
}

// rawArg says whether a body goes into T as it came.
//
// req: TP-CODEC-006
func rawArg(t reflect.Type) bool { return t == bytesType || t == rawBodyType }

// results turns what a function returned into a result and an error.
func (s *handlerShape) results(out []reflect.Value) (any, *Rerror) {
	if s.reply == nil {
		if !s.rerror {
			return nil, nil
		}
		rerr, _ := out[0].Interface().(*Rerror)
		return nil, rerr
	}
	rerr, _ := out[1].Interface().(*Rerror)
	if rerr != nil && out[0].IsZero() {
		return nil, rerr
	}
	return out[0].Interface(), rerr
}
