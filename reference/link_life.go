package tp

import "context"

// linkLife is a context that ends with its link, made for the first handler that
// asks for one.
type linkLife struct {
	context.Context
	cancel context.CancelCauseFunc
}

func (l *link) context() *linkLife {
	if life := l.life.Load(); life != nil {
		return life
	}
	life := new(linkLife)
	life.Context, life.cancel = context.WithCancelCause(context.Background())
	if l.life.CompareAndSwap(nil, life) {
		return life
	}
	life.cancel(nil)
	return l.life.Load()
}

// cancel ends the context of the handlers, of those too that will ask for it.
func (l *link) cancel(cause error) { l.context().cancel(cause) }
