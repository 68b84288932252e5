package tp

import (
	"reflect"
	"unsafe"
)

// pointerCall is how a method of the commonest form is called: pointers all the
// way, func(*Controller, *Args) (*Reply, *Rerror).
type pointerCall func(recv, arg unsafe.Pointer) (unsafe.Pointer, *Rerror)

// pointerCallOf gives fn, a function of two parameters that are pointers, as a
// pointerCall where its first result is a pointer too; nil for any other shape.
// To the machine all pointers are passed alike, so the function can be called
// with them as it is; package reflect does the same with a frame that it first
// lays out anew, which costs more than all else that a controller does.
func pointerCallOf(fn reflect.Value, s handlerShape) pointerCall {
	if s.reply == nil || s.reply.Kind() != reflect.Pointer {
		return nil
	}
	for i := range fn.Type().NumIn() {
		if fn.Type().In(i).Kind() != reflect.Pointer {
			return nil
		}
	}
	if fn.Type().NumIn() != 2 || fn.Type().NumOut() != 2 {
		return nil
	}
	f := reflect.New(fn.Type()) // *func(*Controller, *Args) (*Reply, *Rerror)
	f.Elem().Set(fn)
	return *(*pointerCall)(f.UnsafePointer())
}

// result makes the pointer that a pointerCall returned a value of the reply's
// type again; nil is none.
func (s *handlerShape) result(p unsafe.Pointer, rerr *Rerror) (any, *Rerror) {
	if p == nil && rerr != nil {
		return nil, rerr
	}
	return reflect.NewAt(s.reply.Elem(), p).Interface(), rerr
}
