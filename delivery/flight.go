package delivery

import (
	"time"
)

const (
	// lateAfter is how long after the deadline's margin began what is still in
	// flight is told of: by then everything else has stopped reading.
	lateAfter = 5 * time.Second
	// lastCall is how long after run.ctx, the last thing that ends by itself,
	// whoever is still at work is given up.
	lastCall = 500 * time.Millisecond
)

// A Plight is why a Flight is told of.
type Plight string

// The plights.
const (
	// FoundAbandoned: an earlier invocation ended while it had the object and said
	// nothing of it. It was killed or timed out, and this object may be why.
	FoundAbandoned Plight = "abandoned"
	// StillInFlight: time is up, and the object has not ended yet.
	StillInFlight Plight = "late"
	// GivenUp: the object's goroutine did not end in time. It is left behind.
	GivenUp Plight = "given_up"
)

// A Flight is an object that is being worked on.
type Flight struct {
	Plight    Plight
	RequestID string
	MessageID string
	Queue     string // ARN of the entry
	Bucket    string
	Key       string
	Version   string
	Source    string
	Since     time.Time // when it was opened, by this machine's clock
	Records   int64     // dealt with so far; not exact
	Owner     string    // of FoundAbandoned: the request id of the earlier invocation
}

// tell reports an object's plight. A fault of the report's changes nothing.
func (r *run) tell(o *object, p Plight) {
	f := Flight{
		Plight: p, RequestID: r.requestID, MessageID: o.driver.ID, Queue: o.entry.ARN,
		Bucket: o.id.Bucket, Key: o.id.Key, Version: o.id.Version, Source: o.match.Source.Name(),
		Since: o.since, Records: o.dealt.Load(),
	}
	if p == FoundAbandoned {
		f.Owner = o.claim.Abandoned
	}
	_ = guarded(func() error { r.Report.InFlight(f); return nil })
}

// inFlight are the objects that were opened and have no result.
func (r *run) inFlight() (all []*object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.objects {
		if o.state == "" {
			all = append(all, o)
		}
	}
	return all
}

// attend waits for finished. It is false if that takes until lastCall.
func (r *run) attend(finished <-chan struct{}) bool {
	deadline, ok := r.ctx.Deadline()
	if !ok {
		<-finished
		return true
	}
	stop, _ := r.stop.Deadline()
	late := time.NewTimer(time.Until(stop.Add(lateAfter)))
	defer late.Stop()
	last := time.NewTimer(time.Until(deadline.Add(lastCall)))
	defer last.Stop()
	for {
		select {
		case <-finished:
			return true
		case <-late.C:
			for _, o := range r.inFlight() {
				r.tell(o, StillInFlight)
			}
		case <-last.C:
			return false
		}
	}
}

// giveUp leaves behind what did not end: the last resort, because a goroutine
// then outlives Deliver. The process must end once the answer is given; see
// Collector.LeftBehind.
func (r *run) giveUp() {
	for _, o := range r.inFlight() {
		r.tell(o, GivenUp)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.messages {
		m.givenUp = !m.ended
	}
	r.leftBehind.Store(true)
}

// givenUpOutcome is that of a message whose goroutine may still run: nothing of
// it but the message itself, and its objects' identities, may be looked at.
func (r *run) givenUpOutcome(m *message) *Outcome {
	err := Fail(Internal, "given up %s before the deadline: its goroutine did not end", ledgerEnd-lastCall)
	out := &Outcome{RequestID: r.requestID, Message: m.Message, Err: err}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range r.objects {
		if o.driver == m {
			out.Objects = append(out.Objects, ObjectOutcome{
				Queue: o.entry.ARN, Bucket: o.id.Bucket, Key: o.id.Key, Version: o.id.Version, Source: o.match.Source.Name(),
				State: Failed, Err: err,
			})
		}
	}
	return out
}
