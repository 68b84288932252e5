package tp

import (
	"context"
	"reflect"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// HandlePull registers fn for the pulls of one path, like Router.RegFunc but
// checked by the compiler and called without reflection.
//
//	tp.HandlePull(peer.PullRouter, "/add", func(ctx tp.PullCtx, args *[2]int) (int, *tp.Rerror) {
//		return args[0] + args[1], nil
//	})
//
// r must be a pull router; a mistake panics with a *RegisterError.
func HandlePull[Args, Reply any](r *Router, name string, fn func(ctx PullCtx, args *Args) (Reply, *Rerror), plugins ...Plugin) {
	h := typedHandler[Args](false)
	h.reply = reflect.TypeFor[Reply]()
	h.invoke = func(ctx handleCtx, arg any) (any, *Rerror) {
		reply, rerr := fn(ctx, arg.(*Args))
		return given(reply, rerr)
	}
	must(r.tryTyped(name, h, fn == nil, plugins))
}

// HandlePush registers fn for the pushes of one path, like Router.RegFunc but
// checked by the compiler and called without reflection.
// r must be a push router; a mistake panics with a *RegisterError.
func HandlePush[Args any](r *Router, name string, fn func(ctx PushCtx, args *Args), plugins ...Plugin) {
	h := typedHandler[Args](true)
	h.invoke = func(ctx handleCtx, arg any) (any, *Rerror) {
		fn(ctx, arg.(*Args))
		return nil, nil
	}
	must(r.tryTyped(name, h, fn == nil, plugins))
}

func typedHandler[Args any](push bool) *Handler {
	t := reflect.TypeFor[Args]()
	return &Handler{isPush: push, argElem: t, rawBody: rawArg(t), alloc: func() any { return new(Args) }}
}

// Pull sends a PULL, waits for its end and returns the result as a value:
//
//	sum, rerr := tp.Pull[[2]int, int](sess, "/home/add", [2]int{1, 2})
//
// With an error the result is the zero value.
func Pull[Args, Reply any](sess Session, uri string, args Args, settings ...packet.PacketSetting) (Reply, *Rerror) {
	return PullContext[Args, Reply](context.Background(), sess, uri, args, settings...)
}

// PullContext is Pull while ctx lasts: see Session.PullContext.
func PullContext[Args, Reply any](ctx context.Context, sess Session, uri string, args Args, settings ...packet.PacketSetting) (Reply, *Rerror) {
	var none Reply
	reply := new(Reply)
	var rerr *Rerror
	if s, ok := sess.(*session); ok {
		rerr = s.pull(ctx, uri, args, reply, settings)
	} else {
		rerr = sess.PullContext(ctx, uri, args, reply, settings...).Rerror()
	}
	if rerr != nil {
		return none, rerr
	}
	return *reply, nil
}

// Push sends a PUSH whose argument has the type that its handler was registered
// with:
//
//	rerr := tp.Push[Note](sess, "/note", Note{Text: "hi"})
func Push[Args any](sess Session, uri string, args Args, settings ...packet.PacketSetting) *Rerror {
	return sess.Push(uri, args, settings...)
}

// PushContext is Push while ctx lasts: see Session.PushContext.
func PushContext[Args any](ctx context.Context, sess Session, uri string, args Args, settings ...packet.PacketSetting) *Rerror {
	return sess.PushContext(ctx, uri, args, settings...)
}
