package main

import (
	"testing"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// newTestInjector has records in flight, and no stack but an idle watch.
func newTestInjector() *injector {
	in := newInjector(1)
	in.books = newPage().books
	in.Stack = &stack.Stack{Watch: new(local.Function)}
	return in
}

// Before an endpoint's first close_notify is on record a proxy's lie is believed, as
// docs/security.md says: none is told until then.
func TestALieWaitsForTheFirstCloseNotify(t *testing.T) {
	in := newTestInjector()
	in.arm(&strike{Kind: proxyLies, Size: 100})
	for i, item := range []map[string]any{
		{"id": "endpoint#devo:443", "notified": int64(0)}, {"id": "an object's", "notified": int64(1)}, {"id": "endpoint#devo:443", "notified": int64(1)},
	} {
		if got := in.behave(1); got.Front == local.FrontLie {
			t.Errorf("a lie before item %d", i)
		}
		in.learns(item)
	}
	want := local.Behaviour{Front: local.FrontLie, Do: local.ActReset, After: 100}
	if got := in.behave(1); got != want {
		t.Errorf("%+v", got)
	}
	in.ended(local.ConnState{ID: 1, End: "reset"})
	if in.met[proxyLies] != 0 || len(in.waiting[proxyLies]) != 1 {
		t.Error("a connection that ended before the program died counts")
	}
	in.behave(2)
	if in.ended(local.ConnState{ID: 2, End: local.ActReset.String()}); in.met[proxyLies] != 1 {
		t.Error("it does not count")
	}
}

// An answer that is shorter than the cut is whole, and the strike waits for another.
func TestAnAnswerCountsWhenItIsCut(t *testing.T) {
	in := newTestInjector()
	call := local.FaultRequest{Service: "sqs", Action: "ReceiveMessage"}
	if f := in.fault(call); f != nil {
		t.Fatalf("%+v", f)
	}
	in.arm(&strike{Kind: sqsReceiveCut})
	f := in.fault(call)
	if f == nil || f.Drop || f.CutBodyAfter != emptyAnswer || in.met[sqsReceiveCut] != 0 {
		t.Fatalf("%+v, met %d times", f, in.met[sqsReceiveCut])
	}
	if f.OnCut(); in.met[sqsReceiveCut] != 1 || in.fault(call) != nil {
		t.Error("it was cut, and is not met")
	}
}

// A process whose disk is full counts when it says so; one that wrote nothing does not.
func TestFullTmpCountsWhenItIsFelt(t *testing.T) {
	in := newTestInjector()
	for _, c := range []struct {
		line string
		met  int
	}{{`{"message":"object"}`, 0}, {`{"cause":"spooling: write /tmp/x: file too large"}`, 1}} {
		in.full["r"] = &strike{Kind: tmpFull}
		in.said("another", []byte(`file too large`))
		in.said("r", []byte(c.line))
		if in.finished(local.Ended{RequestID: "r"}); in.met[tmpFull] != c.met || len(in.full) != 0 {
			t.Errorf("%s: met %d times", c.line, in.met[tmpFull])
		}
	}
}

// A process that took more than it has, and was not made to, fails the run.
func TestAProcessThatGrowsIsSeen(t *testing.T) {
	in := newTestInjector()
	in.dying["starved"] = &strike{Kind: outOfMemory}
	for _, id := range []string{"starved", "grown"} {
		in.finished(local.Ended{RequestID: id, OutOfMemory: true})
	}
	r := &result{Grown: in.grown, Lines: 1}
	if r.judge(command{Messages: 1}); in.grown != 1 || len(r.Failures) != 1 {
		t.Errorf("%d processes, %q", in.grown, r.Failures)
	}
}
