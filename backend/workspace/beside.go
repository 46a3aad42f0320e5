package workspace

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"countersign/backend/governance"
)

// codeUnchecked is the fault of a key that stays locked, because the check of
// opening could not be made.
const codeUnchecked = "unchecked"

func unchecked(err error) *governance.Fault {
	return governance.Faultf(codeUnchecked, "The check of what is open in this workspace did not end, so nothing can be signed.").
		WithHint("Open the workspace again.").Because(err)
}

// A beside is the check of opening that runs beside the first screens. Its zero
// value has nothing to wait for.
type beside struct {
	stop context.CancelFunc
	done chan struct{} // closed when it is over; nil if it never began
	err  error         // why it could not be made; set before done is closed
}

// begin runs the check and tells when it is over, unless the workspace was
// closed meanwhile. It is called once, before anybody waits.
func (b *beside) begin(check func(context.Context) error, over func(error)) {
	ctx, stop := context.WithCancel(context.Background())
	b.stop, b.done = stop, make(chan struct{})
	go func() {
		defer close(b.done)
		b.err = guarded(ctx, check)
		if ctx.Err() == nil {
			over(b.err)
		}
	}()
}

// guarded turns a panic into an error: there is no caller who could.
func guarded(ctx context.Context, check func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return check(ctx)
}

// wait waits until the check is over. Fault: unchecked.
func (b *beside) wait(ctx context.Context) error {
	if b.done == nil {
		return nil
	}
	select {
	case <-b.done:
	case <-ctx.Done():
		return ctx.Err()
	}
	if b.err == nil {
		return nil
	}
	var f *governance.Fault
	if errors.As(b.err, &f) {
		return f
	}
	return unchecked(b.err)
}

func (b *beside) close() {
	if b.done != nil {
		b.stop()
		<-b.done
	}
}
