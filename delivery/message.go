package delivery

import (
	"cmp"
	"slices"
	"strings"

	"github.com/devo-s3/collector/events"
)

// A message is a Message and what it names.
type message struct {
	Message
	targets []*target // nil until decoded
	ignored []string
	origin  events.Origin

	// Under run.mu:
	running bool
	mode    mode
	shares  bool // it may still use the shared lane
	ended   bool // every target has a result
	suspect bool // one of its objects was put off
	givenUp bool // its goroutine may still run
	// acknowledged says that it was deleted before the invocation's end.
	acknowledged bool
}

// A target is one object as one message names it.
type target struct {
	want       events.Object
	entry      *Entry
	source     string // the source's name, if the message gives it
	generation int

	// obj is the object once it was opened. driven tells that this message
	// reads it; else it waits for the message that does. Under run.mu, as is
	// the rest.
	obj    *object
	driven bool
	// replaced are the objects that the target stood for until each of them was
	// overwritten.
	replaced []replaced
	// state and err are set for what never became an object.
	state State
	err   *Error
}

// decode finds what the message names. Each mistake is a target's own; a body
// that is no notification is one target that failed.
func (m *message) decode(r *run) {
	if entry := r.entries[m.Queue]; entry != nil && entry.Direct {
		m.direct(entry)
		return
	}
	n, err := events.Decode(m.Body)
	if err != nil {
		m.reject(Fail(Malformed, "%w (%s)", err, events.Describe(m.Body)))
		return
	}
	m.origin = events.Origin{MessageID: m.ID, Sent: m.Sent}
	queue, source, generation := m.Queue, "", 0
	switch c := n.Continuation; {
	case (c != nil) != (m.Queue == r.Continuation):
		m.reject(Fail(Malformed, "a %s message on queue %s: continuations come on the continuation queue, and nothing else does (%s)",
			n.Form, m.Queue, events.Describe(m.Body)))
		return
	case c != nil:
		queue, source, generation = c.Queue, c.Source, c.Generation
		if c.Body == "" { // a vendor's message has no origin but itself
			m.origin = c.Origin
		}
	}
	entry := r.entries[queue]
	if entry != nil {
		n = n.WithRestored(entry.Restored)
	}
	m.ignored = n.Ignored
	if entry == nil {
		m.reject(Fail(NotAllowed, "queue %s is not in the deployment's file", queue))
		return
	}
	targets := make([]*target, 0, len(n.Objects))
	for _, o := range n.Objects {
		t := &target{want: o, entry: entry, source: source, generation: generation}
		switch {
		case o.Err != nil:
			t.state, t.err = Failed, Fail(Malformed, "%w", o.Err)
		case !slices.Contains(entry.Buckets, o.Bucket):
			t.state, t.err = Failed, Fail(NotAllowed, "bucket %s is not listed under queue %s", o.Bucket, queue)
		case o.Size == 0 && strings.HasSuffix(o.Key, "/"):
			t.state = Ignored // a console's folder
		}
		targets = append(targets, t)
	}
	m.targets = targets
}

// reject makes the whole message one failure.
func (m *message) reject(err *Error) {
	m.targets = []*target{{state: Failed, err: err}}
}

// fail gives every target without a result that one.
func (m *message) fail(r *run, err *Error) {
	for _, t := range m.targets {
		if !r.settled(t) {
			r.leave(t, Failed, err)
		}
	}
	if m.targets == nil {
		m.reject(err)
	}
}

// last tells whether a broken connection is final for the message's objects:
// they had as little company as can be.
func (m *message) last() bool {
	return m.mode == alone || m.mode == solo && len(m.targets) == 1
}

// result is what became of a target that has an end.
func (t *target) result() (State, *Error) {
	switch {
	case t.state != "":
		return t.state, t.err
	case t.obj.state == Delivered && !t.driven:
		return Already, nil
	}
	return t.obj.state, t.obj.err
}

// hasEnd tells whether a target has a result. Under run.mu.
func (t *target) hasEnd() bool {
	return t.state != "" || t.obj != nil && t.obj.state != ""
}

// settled tells whether a target needs no attempt of this message: it has a
// result, or another message is at it. Under its own lock.
func (r *run) settled(t *target) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.hasEnd() || t.obj != nil && (!t.driven || !t.obj.quiet)
}

// leave ends a target of which nothing is being read: it was never opened, or
// its connection broke and there will be no other attempt.
func (r *run) leave(t *target, s State, err *Error) {
	r.mu.Lock()
	if t.obj == nil {
		t.state, t.err = s, err
		r.mu.Unlock()
		return
	}
	quiet := t.driven && t.obj.quiet
	r.mu.Unlock()
	if quiet {
		r.finish(t.obj, s, cmp.Or(err, t.obj.broken))
	}
}

// resolve gives an object its result and looks at the messages that wait for
// it. If the object was overwritten, they go on with what is there now. Under
// run.mu.
func (r *run) resolve(o *object, s State, err *Error) {
	if o.state != "" {
		return
	}
	o.state, o.err, o.quiet = s, err, true
	if s == Superseded {
		r.supersede(o)
	}
	for _, m := range o.messages {
		r.after(m)
	}
	if len(r.suspects) > 0 {
		r.cond.Broadcast() // nobody else may be left
	}
}

// after sees whether a message has come to an end, or needs another attempt.
// Under run.mu.
func (r *run) after(m *message) {
	if m.running || m.targets == nil {
		return
	}
	again, ended, mode := false, true, m.mode
	for _, t := range m.targets {
		switch {
		case t.hasEnd():
		case t.obj == nil && len(t.replaced) > 0:
			again = true
		case t.obj == nil || t.driven && t.obj.quiet:
			again, mode = true, min(m.mode+1, alone)
		default:
			ended = false // being confirmed, or another message's
			if t.driven {
				return
			}
		}
	}
	switch {
	case again:
		m.running = true // until the job begins: one job at a time
		j := job{m, mode}
		if m.suspect && !r.alone {
			r.suspects = append(r.suspects, j)
		} else {
			r.jobs = append(r.jobs, j)
		}
	case ended:
		m.running, m.ended = true, true // for good
		r.pending--
	default:
		return
	}
	r.cond.Broadcast()
}
