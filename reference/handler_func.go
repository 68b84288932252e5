package tp

import (
	"fmt"
	"reflect"
)

// funcHandler makes a handler of a plain function: the forms of a controller's
// method, with or without a context in front.
func funcHandler(fn any, push bool) (*Handler, error) {
	v := reflect.ValueOf(fn)
	if !v.IsValid() || v.Kind() != reflect.Func || v.IsNil() {
		return nil, fmt.Errorf("want a function %s, got %T", wantShape(push), fn)
	}
	ctx := pullCtxType
	if push {
		ctx = pushCtxType
	}
	skip := 0
	if t := v.Type(); t.NumIn() > 0 && t.In(0) == ctx {
		skip = 1
	}
	s, err := shapeOf(v.Type(), skip, push)
	if err != nil {
		return nil, fmt.Errorf("%s: %w (a %s in front is welcome)", v.Type(), err, ctx)
	}
	return &Handler{
		isPush: push, argElem: s.argElem, reply: s.reply, rawBody: rawArg(s.argElem),
		invoke: func(c handleCtx, arg any) (any, *Rerror) {
			if skip == 0 {
				return s.results(v.Call([]reflect.Value{reflect.ValueOf(arg)}))
			}
			return s.results(v.Call([]reflect.Value{reflect.ValueOf(c), reflect.ValueOf(arg)}))
		},
	}, nil
}

// unknownHandler makes a handler of unknown paths, in either form that the
// design document shows: with the context alone, or with the body's bytes too.
func unknownHandler(fn any, push bool) (*Handler, error) {
	h := &Handler{isPush: push, unknown: true, rawBody: true, argElem: bytesType}
	if push {
		if f, ok := asFunc[func(UnknownPushCtx)](fn); ok {
			h.invoke = func(ctx handleCtx, _ any) (any, *Rerror) { f(ctx); return nil, nil }
			return h, nil
		}
		if f, ok := asFunc[func(UnknownPushCtx, *[]byte)](fn); ok {
			h.invoke = func(ctx handleCtx, _ any) (any, *Rerror) {
				body := ctx.InputBodyBytes()
				f(ctx, &body)
				return nil, nil
			}
			return h, nil
		}
		return nil, fmt.Errorf("want %s, got %T", wantUnknown(push), fn)
	}
	h.reply = reflect.TypeFor[any]()
	if f, ok := asFunc[func(UnknownPullCtx) (any, *Rerror)](fn); ok {
		h.invoke = func(ctx handleCtx, _ any) (any, *Rerror) { return given(f(ctx)) }
		return h, nil
	}
	if f, ok := asFunc[func(UnknownPullCtx, *[]byte) (any, *Rerror)](fn); ok {
		h.invoke = func(ctx handleCtx, _ any) (any, *Rerror) {
			body := ctx.InputBodyBytes()
			return given(f(ctx, &body))
		}
		return h, nil
	}
	return nil, fmt.Errorf("want %s, got %T", wantUnknown(push), fn)
}

// asFunc returns fn as an F when it is a function of that form, under a name
// of its own or not, and not nil.
func asFunc[F any](fn any) (F, bool) {
	var none F
	v, t := reflect.ValueOf(fn), reflect.TypeFor[F]()
	if !v.IsValid() || !v.CanConvert(t) || v.IsNil() {
		return none, false
	}
	return v.Convert(t).Interface().(F), true
}

func wantUnknown(push bool) string {
	if push {
		return "func(tp.UnknownPushCtx) or func(tp.UnknownPushCtx, *[]byte)"
	}
	return "func(tp.UnknownPullCtx) (any, *tp.Rerror) or func(tp.UnknownPullCtx, *[]byte) (any, *tp.Rerror)"
}

// given drops a result that says nothing when there is an error.
func given(result any, rerr *Rerror) (any, *Rerror) {
	if rerr != nil && result != nil && reflect.ValueOf(result).IsZero() {
		return nil, rerr
	}
	return result, rerr
}
