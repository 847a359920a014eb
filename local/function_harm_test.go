package local

import (
	"testing"
	"time"
)

// A frozen process stands still in the midst of an invocation, and ends it when
// it is thawed.
func TestFreeze(t *testing.T) {
	var f *Function
	thaws := make(chan func(), 1)
	f = startFunction(t, FunctionOptions{
		Timeout: time.Minute,
		OnStart: func(s Started) {
			if _, ok := f.Freeze("another"); ok || s.Limit != time.Minute {
				t.Errorf("froze the wrong one, or %v", s.Limit)
			}
			thaw, ok := f.Freeze(s.RequestID)
			if !ok || processState(t, s.PID, "T") != "T" {
				t.Error("it is not frozen")
			}
			thaws <- thaw
		},
	})
	answered := make(chan Result)
	go func() {
		result, _ := f.Invoke(t.Context(), []byte(`{"Do":"about"}`))
		answered <- result
	}()
	(<-thaws)()
	if got := <-answered; got.FunctionError != "" {
		t.Errorf("%+v", got)
	}
}

// A starved process dies when it wants more.
func TestStarve(t *testing.T) {
	var f *Function
	f = startFunction(t, FunctionOptions{
		Timeout: time.Minute,
		OnStart: func(s Started) {
			if ok, err := f.Starve(s.RequestID); !ok || err != nil {
				t.Errorf("%v, %v", ok, err)
			}
		},
	})
	if got := invoke(t, f, `{"Do":"use","MiB":64}`); got.FunctionError == "" {
		t.Error("it grew all the same")
	}
}
