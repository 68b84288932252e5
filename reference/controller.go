package tp

import (
	"fmt"
	"reflect"
	"strings"
)

// ctxField is the way to one embedded PullCtx or PushCtx inside a controller:
// field indexes, and where a step goes through a pointer it gets a fresh value.
type ctxField []int

// controller makes a fresh value of the registered struct for each request.
type controller struct {
	typ    reflect.Type  // the struct
	model  reflect.Value // a private copy of the registered value
	fields []ctxField
	ptrs   [][]int // embedded pointers on the way to a context, outer before inner
}

// newController checks a value given to Reg and finds its embedded contexts,
// at any depth.
func newController(v any, push bool) (*controller, error) {
	want := pullCtxType
	if push {
		want = pushCtxType
	}
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("want a pointer to a struct that embeds %s", want)
	}
	if reflect.ValueOf(v).IsNil() {
		return nil, fmt.Errorf("is a nil %s; want a value to copy from", t)
	}
	if t.Elem().Name() == "" {
		return nil, fmt.Errorf("%s has no name to make a path of; declare the type", t)
	}
	c := &controller{typ: t.Elem(), model: reflect.New(t.Elem()).Elem()}
	c.model.Set(reflect.ValueOf(v).Elem())
	if err := c.find(c.typ, nil, want, map[reflect.Type]bool{}); err != nil {
		return nil, err
	}
	if len(c.fields) == 0 {
		return nil, fmt.Errorf("%s does not embed %s; write the type's name alone as a field", c.typ, want)
	}
	return c, nil
}

// find walks the embedded fields. path counts from the outermost struct, so a
// context inside an embedded struct is set where it really is.
func (c *controller) find(t reflect.Type, path []int, want reflect.Type, on map[reflect.Type]bool) error {
	if on[t] { // a type that embeds a pointer to itself
		return nil
	}
	on[t] = true
	defer delete(on, t)
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		if !f.Anonymous {
			continue
		}
		at := append(append([]int(nil), path...), i)
		if f.Type == want {
			if !f.IsExported() {
				return fmt.Errorf("%s embeds %s under a name that is not exported (%s); it cannot be set", t, want, f.Name)
			}
			c.fields = append(c.fields, at)
			continue
		}
		inner, isPtr := f.Type, f.Type.Kind() == reflect.Pointer
		if isPtr {
			inner = inner.Elem()
		}
		if inner.Kind() != reflect.Struct {
			continue
		}
		fields, ptrs := len(c.fields), len(c.ptrs)
		if isPtr {
			c.ptrs = append(c.ptrs, at)
		}
		if err := c.find(inner, at, want, on); err != nil {
			return err
		}
		if !isPtr {
			continue
		}
		if len(c.fields) == fields { // no context in there: the pointer is shared like any other
			c.ptrs = c.ptrs[:ptrs]
		} else if !f.IsExported() {
			return fmt.Errorf("%s embeds *%s, which holds a %s but is not exported, so it cannot be made afresh; embed %s itself or export it", t, inner.Name(), want, inner.Name())
		}
	}
	return nil
}

// fresh returns a new value of the controller, copied from the registered one,
// with ctx in every embedded context. The copy is shallow: what a field points
// to is shared by all requests, except that an embedded pointer on the way to
// a context gets a copy of its own.
func (c *controller) fresh(ctx handleCtx) reflect.Value {
	v := reflect.New(c.typ)
	s := v.Elem()
	s.Set(c.model)
	for _, at := range c.ptrs {
		p := s.FieldByIndex(at)
		n := reflect.New(p.Type().Elem())
		if !p.IsNil() {
			n.Elem().Set(p.Elem())
		}
		p.Set(n)
	}
	for _, at := range c.fields {
		switch field := s.FieldByIndex(at).Addr().Interface().(type) { // Set would look up the methods each time
		case *PullCtx:
			*field = ctx
		case *PushCtx:
			*field = ctx
		}
	}
	return v
}

// name returns the struct's own name: Home of *app.Home and of *app.Home[int].
func (c *controller) name() string {
	name, _, _ := strings.Cut(c.typ.Name(), "[")
	return name
}

// handlers makes a handler of every exported method that is not the context's.
//
// A method with a name of the context's (Query, Path, Bind, ...) is told from
// the promoted one by its form: the same form as the context's is an override
// and no handler; the form of a handler makes it a handler, which then hides
// the context's method inside this controller; any other form is an error.
func (c *controller) handlers(push bool) ([]*Handler, error) {
	ctx := pullCtxType
	if push {
		ctx = pushCtxType
	}
	reserved := map[string]reflect.Type{}
	for i := 0; i < ctx.NumMethod(); i++ {
		m := ctx.Method(i)
		reserved[m.Name] = m.Type
	}
	var list []*Handler
	pt := reflect.PointerTo(c.typ)
	for i := 0; i < pt.NumMethod(); i++ {
		m := pt.Method(i)
		own, isReserved := reserved[m.Name]
		if isReserved && sameForm(m.Type, own) {
			continue
		}
		s, err := shapeOf(m.Type, 1, push)
		if err != nil {
			if isReserved {
				err = fmt.Errorf("hides the context's method of that name and is no handler: %w", err)
			}
			return nil, fmt.Errorf("method %s of *%s: %w; a method that is no handler must not be exported", m.Name, c.typ, err)
		}
		list = append(list, &Handler{
			name: snakeString(m.Name), isPush: push, argElem: s.argElem, reply: s.reply,
			rawBody: rawArg(s.argElem), invoke: c.invoker(m.Func, s),
		})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("*%s has no method of the form %s", c.typ, wantShape(push))
	}
	return list, nil
}

func (c *controller) invoker(method reflect.Value, s handlerShape) func(handleCtx, any) (any, *Rerror) {
	return func(ctx handleCtx, arg any) (any, *Rerror) {
		recv := c.fresh(ctx)
		return s.results(method.Call([]reflect.Value{recv, reflect.ValueOf(arg)}))
	}
}

// sameForm compares a method of a concrete type, which has its receiver as
// first parameter, with one of an interface, which has not.
func sameForm(method, iface reflect.Type) bool {
	if method.NumIn() != iface.NumIn()+1 || method.NumOut() != iface.NumOut() || method.IsVariadic() != iface.IsVariadic() {
		return false
	}
	for i := 0; i < iface.NumIn(); i++ {
		if method.In(i+1) != iface.In(i) {
			return false
		}
	}
	for i := 0; i < iface.NumOut(); i++ {
		if method.Out(i) != iface.Out(i) {
			return false
		}
	}
	return true
}
