package local

import (
	"fmt"
	"strings"
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

// A starved process is killed when it wants more, and so is one that takes more than
// the function has; others are not.
func TestStarve(t *testing.T) {
	for name, c := range map[string]struct {
		mib    int
		starve bool
		end    bool
	}{
		"starved": {1769, true, true}, "over its memory": {100, false, true}, "within it": {1769, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			var f *Function
			ended := make(chan Ended, 1)
			f = startFunction(t, FunctionOptions{
				Timeout: time.Minute, MemoryMiB: c.mib, EnforceMemory: true,
				OnStart: func(s Started) {
					if c.starve && !f.Starve(s.RequestID) {
						t.Error("it is over")
					}
				},
				OnEnd: func(e Ended) { ended <- e },
			})
			got := invoke(t, f, `{"Do":"use","MiB":128}`)
			end := <-ended
			if (got.FunctionError != "") != c.end || end.OutOfMemory != c.end || end.Killed {
				t.Errorf("%+v, %s", end, got.Payload)
			}
			if c.end && !strings.Contains(string(got.Payload), "signal: killed") {
				t.Errorf("%s", got.Payload)
			}
		})
	}
}

// A process that took no more while it was starved may take more in its next invocation.
func TestStarveEndsWithTheInvocation(t *testing.T) {
	var f *Function
	limits := func(add int64) (all []int64) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for s := range f.all {
			s.memory += add
			all = append(all, s.memory)
		}
		return all
	}
	f = startFunction(t, FunctionOptions{Timeout: time.Minute, OnStart: func(s Started) {
		if !f.Starve(s.RequestID) || limits(1 << 40)[0] <= 1<<40 { // so that it is not met
			t.Error("it is not starved")
		}
	}})
	invoke(t, f, `{"Do":"return","Text":"1"}`)
	awaitRest(f)
	if got := limits(0); len(got) != 1 || got[0] != 0 {
		t.Errorf("it is left with %d bytes", got)
	}
}

// A process that gets SIGTERM in the midst of an invocation ends by it.
func TestTerminate(t *testing.T) {
	var f *Function
	f = startFunction(t, FunctionOptions{Timeout: time.Minute, OnStart: func(s Started) {
		if !f.Terminate(s.RequestID) {
			t.Error("it is over")
		}
	}})
	if got := invoke(t, f, `{"Do":"hang"}`); !strings.Contains(string(got.Payload), "signal: terminated") {
		t.Errorf("%s", got.Payload)
	}
}

// A process whose disk is full cannot write a file of that size, and can again in its
// next invocation.
func TestFillTmp(t *testing.T) {
	var f *Function
	full := true
	f = startFunction(t, FunctionOptions{Timeout: time.Minute, OnStart: func(s Started) {
		if !full {
			return
		}
		if ok, err := f.FillTmp(s.RequestID, 1<<20); !ok || err != nil {
			t.Errorf("%v, %v", ok, err)
		}
	}})
	for _, c := range []struct {
		full  bool
		mib   int
		fails bool
	}{{true, 1, false}, {true, 2, true}, {false, 2, false}} {
		full = c.full
		got := invoke(t, f, fmt.Sprintf(`{"Do":"spool","MiB":%d}`, c.mib))
		if c.fails != strings.Contains(string(got.Payload), "file too large") || c.fails != (got.FunctionError != "") {
			t.Errorf("%+v: %s", c, got.Payload)
		}
		awaitRest(f)
	}
}
