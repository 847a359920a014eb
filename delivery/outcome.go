package delivery

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/devo-s3/collector/events"
)

// concludeLimit is how many messages are delayed or handed on side by side.
const concludeLimit = 16

// conclude gives every message its outcome: gone, handed to the continuation
// queue, or back into the queue for a while. It returns the ids that must
// stay.
func (r *run) conclude() (failed []string) {
	outcomes := make(map[*message]*Outcome, len(r.messages))
	for _, m := range r.messages {
		if m.givenUp {
			outcomes[m] = r.givenUpOutcome(m)
		} else {
			outcomes[m] = r.outcome(m)
		}
	}
	each(r.messages, concludeLimit, func(m *message) {
		out := outcomes[m]
		if m.givenUp {
			out.Delay = delay(out.Err.Kind, m.Received, 0)
			out.DelayErr = r.hide(m, out.Delay)
			return
		}
		if rest := r.remainder(m); rest != nil {
			err := guarded(func() error { return r.Queue.Continue(r.answer, rest) })
			if err == nil {
				out.Err, out.Continued = nil, len(rest)
				return
			}
			out.Err = Fail(KindOf(err), "hand on %d objects that time ran out on: %w", len(rest), err)
		}
		if out.Err != nil {
			var wait time.Duration
			if !out.Err.Until.IsZero() {
				wait = out.Err.Until.Sub(r.Ledger.Now())
			}
			out.Delay = delay(out.Err.Kind, m.Received, wait)
			out.DelayErr = r.hide(m, out.Delay)
		}
	})
	for _, m := range r.messages {
		out := outcomes[m]
		out.Took = time.Since(r.began)
		// A fault of the log's changes nothing of what it tells.
		_ = guarded(func() error { r.Report.Message(*out); return nil })
		if out.Err != nil {
			failed = append(failed, m.ID)
		}
	}
	return failed
}

// hide delays a message, unless there is no time left to ask.
func (r *run) hide(m *message, d time.Duration) error {
	ctx, cancel := context.WithTimeout(r.answer, 5*time.Second)
	defer cancel()
	return guarded(func() error { return r.Queue.Delay(ctx, m.Queue, m.Receipt, d) })
}

// outcome sums up a message's targets. Everything has ended by then.
func (r *run) outcome(m *message) *Outcome {
	out := &Outcome{RequestID: r.requestID, Message: m.Message, Ignored: m.ignored}
	for _, t := range m.targets {
		for _, before := range t.replaced {
			o := t.report(before.obj, before.driven)
			o.State = Superseded
			o.Version = cmp.Or(o.Version, before.version)
			out.Objects = append(out.Objects, o)
		}
		state, err := t.result()
		if state == Unfinished {
			err = cmp.Or(err, stopped)
		}
		out.Err = hopeful(out.Err, err)
		o := t.report(t.obj, t.driven)
		o.State, o.Err = state, err
		out.Objects = append(out.Objects, o)
	}
	return out
}

// report is what a target's message says of an object that the target stands
// for, or stood for; obj is nil if it was not opened.
func (t *target) report(obj *object, driven bool) ObjectOutcome {
	o := ObjectOutcome{Bucket: t.want.Bucket, Key: t.want.Key, Created: t.want.EventTime}
	if t.entry != nil {
		o.Queue = t.entry.ARN
	}
	if obj != nil {
		o.Version, o.Source = obj.id.Version, obj.match.Source.Name()
	}
	if driven {
		o.Counts, o.Sent, o.From, o.Reset = obj.counts, obj.sent, obj.from, obj.reset
		o.Unclaimed, o.Attempts, o.Bytes, o.Confirmed = obj.unclaimed, obj.attempts, obj.read, obj.confirmed
		if obj.state == Delivered && !obj.pos.Uncounted {
			o.Tally = obj.pos.Tally
		}
	}
	return o
}

// remainder is the continuation messages that take over what a message still
// has to do, one object each, if time ran out on it and it made progress: then
// the attempt must not count against it. nil: there is nothing to hand on, or
// not all of it can be.
func (r *run) remainder(m *message) (bodies []string) {
	progress, unfinished := false, false
	for _, t := range m.targets {
		state, _ := t.result()
		unfinished = unfinished || state == Unfinished
		progress = progress || t.progress()
		if state != Unfinished && state != Failed {
			continue
		}
		if t.entry == nil || t.entry.Direct {
			return nil // it names no object that a continuation could
		}
		bodies = append(bodies, events.Continue(t.pinned(), events.Continued{
			Queue: t.entry.ARN, Source: t.source, Generation: t.generation, Origin: m.originOf(t),
		}))
	}
	if !progress || !unfinished {
		return nil
	}
	return bodies
}

// progress reports whether this message delivered records of the target that
// need not be sent again.
func (t *target) progress() bool {
	if t.driven && (t.obj.state == Delivered || t.obj.confirmedMore()) {
		return true
	}
	return slices.ContainsFunc(t.replaced, func(b replaced) bool { return b.driven && b.obj.confirmedMore() })
}

// confirmedMore reports whether the ledger knows of more records than when the
// object was claimed.
func (o *object) confirmedMore() bool { return o.pos.Next > o.from && !o.unclaimed }

// pinned is the target's object, at the version that was opened.
func (t *target) pinned() events.Object {
	if t.obj != nil {
		return t.obj.want
	}
	return t.want
}

// originOf is where a target's object was first heard of.
func (m *message) originOf(t *target) events.Origin {
	o := m.origin
	if o.EventTime.IsZero() {
		o.EventTime = t.want.EventTime
	}
	return o
}
