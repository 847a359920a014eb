package devo

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A recalling Memory knows an endpoint since a time, or fails.
type recalling struct {
	since time.Time
	err   error
}

func (r *recalling) Notified(context.Context, string) (time.Time, error) { return r.since, r.err }
func (*recalling) Learn(context.Context, string) (bool, error)           { return false, nil }
func (*recalling) Forget(context.Context, string) (bool, error)          { return false, nil }

// TestWhatMemoryKnewIsOwed while Memory cannot be asked, and no longer once it has
// been told to forget.
func TestWhatMemoryKnewIsOwed(t *testing.T) {
	m := &recalling{since: time.Unix(1, 0)}
	l := &learned{memory: m}
	for _, c := range []struct {
		when  string
		since time.Time
		err   error
		owed  bool
		fails bool
	}{
		{"it is known", time.Unix(1, 0), nil, true, false},
		{"Memory fails", time.Time{}, errors.New("no answer"), true, false},
		{"it was forgotten", time.Time{}, nil, false, false},
		{"Memory fails again", time.Time{}, errors.New("no answer"), false, true},
	} {
		m.since, m.err = c.since, c.err
		if owed, err := l.owed(t.Context(), "devo:443"); owed != c.owed || (err != nil) != c.fails {
			t.Errorf("%s: owed %t, %v", c.when, owed, err)
		}
	}
}
