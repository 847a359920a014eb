package delivery

import (
	"context"
	"errors"
	"runtime/debug"
	"strings"
	"time"
)

// stopped is an end that is the clock's doing.
var stopped = Fail(Throttled, "time ran out at the deadline's margin")

// Expired reports whether ctx has ended, or its deadline has passed: the timer
// that ends a context may be late, while whoever works under it has looked at
// the deadline and given up already.
func Expired(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

// cause is err as an Error, unless time is up: then that is why.
func (r *run) cause(err error) *Error {
	if Expired(r.stop) && !errors.Is(err, ErrSuperseded) {
		return stopped
	}
	return asError(err)
}

// asError gives err a kind: its own, or that of a fault of ours.
func asError(err error) *Error {
	var e *Error
	switch {
	case !errors.As(err, &e):
		return &Error{Kind: Internal, Err: err}
	case e == err:
		return e
	}
	return &Error{Kind: e.Kind, Err: err, Until: e.Until}
}

// stateOf is the state of an object that ended with err, and what is left to
// say of err.
func stateOf(err *Error) (State, *Error) {
	switch {
	case err == nil:
		return Delivered, nil
	case err == stopped:
		return Unfinished, nil
	case errors.Is(err, ErrSuperseded):
		return Superseded, nil
	}
	return Failed, err
}

// guarded makes a panic of f an error: what calls outside this package do must
// neither end the process nor leave a lock held.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	return f()
}

func panicked(p any) *Error {
	return Fail(Internal, "panic: %v at %s", p, firstFrames(string(debug.Stack())))
}

// firstFrames are the places nearest to the panic, on one line.
func firstFrames(stack string) string {
	var at []string
	afterPanic := false
	for line := range strings.Lines(stack) {
		place, isPlace := strings.CutPrefix(line, "\t")
		switch {
		case !isPlace:
			afterPanic = afterPanic || strings.HasPrefix(line, "panic(")
		case afterPanic && len(at) < 5:
			place, _, _ = strings.Cut(place, " +")
			at = append(at, strings.TrimSpace(place))
		}
	}
	return strings.Join(at[min(1, len(at)):], " < ")
}
