package delivery

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/sources"
)

// An object is one object on its way, whatever number of messages name it.
type object struct {
	id     Identity
	want   events.Object // pinned to the version that was opened
	entry  *Entry
	match  sources.Match
	coding string   // its Content-Encoding
	driver *message // the message whose worker reads it

	// Under run.mu:
	state    State // "" until it has a result
	err      *Error
	quiet    bool // nothing of it is being written or confirmed
	waits    bool // it was put off, and not begun
	messages []*message

	// Under mu, but for halt:
	mu        sync.Mutex
	claim     Claim
	held      bool // there is a claim in the ledger
	reset     bool
	from      int64    // Next as it was claimed
	pos       Position // confirmed
	moved     bool     // pos is ahead of the ledger
	spans     []*span  // in order, from pos on
	unsettled int      // spans on connections that have not ended
	writing   bool
	advancing bool        // the ledger is being told of pos
	end       *Error      // its own failure
	broken    *Error      // a connection's: to be tried again
	halt      atomic.Bool // end or broken is set: stop at the next record

	since time.Time    // when it was opened
	dealt atomic.Int64 // records, now and then

	// For the report:
	confirmed time.Time // when it was Delivered, by the ledger's time
	unclaimed bool
	counts    Counts // of what was confirmed
	sent      int64  // records written, confirmed or not
	read      int64  // stored bytes
	attempts  int
}

// attempt reads one target's object onto the worker's lane, or onto the shared
// one. The error is the connection's, and reachable tells whether there was one;
// whatever else happens is the object's own and kept there.
func (r *run) attempt(l *lane, m *message, t *target) (broken *Error, reachable bool) {
	o, first := t.obj, (*Body)(nil)
	if o != nil {
		r.again(o)
	} else if o, first = r.open(l, m, t); o == nil {
		return nil, true
	}
	done := func(bool) {}
	defer func() {
		p := recover()
		if p != nil {
			o.stopWith(panicked(p))
			l.fail(Fail(Internal, "connection dropped after a panic"))
		}
		reachable = l.connected
		done(p != nil || broken != nil && broken != stopped)
		if t == m.targets[len(m.targets)-1] {
			r.sharesNoMore(m) // nobody is to wait for what the ledger takes now
		}
		if r.waits(t) {
			return
		}
		o.mu.Lock()
		o.writing = false
		idle := o.idle()
		o.mu.Unlock()
		if idle {
			r.quieten(o)
		}
	}()
	if first != nil {
		if err := r.claimObject(l, o); err != nil || o.claim.Done {
			o.stopWith(err)
			_ = first.Close()
			return nil, true
		}
		if r.putOff(o) {
			_ = first.Close()
			return nil, true
		}
	}
	b := newBody(r.stop, o.entry.Store, o.want, o.pos.Restart.Offset, first)
	defer b.Close()
	l, done = r.laneFor(l, m, b)
	return r.copy(l, o, b), true
}

// open finds a target's source and opens its object. It returns nil where that
// already is the end of it, or where another message of the batch has it.
func (r *run) open(l *lane, m *message, t *target) (*object, *Body) {
	match, ok := t.match()
	switch {
	case !ok:
		r.leave(t, Failed, Fail(NoSource, "no source of queue %s matches s3://%s/%s", t.entry.ARN, t.want.Bucket, t.want.Key))
		return nil, nil
	case match.Refused != "":
		r.leave(t, Failed, Fail(NoSource, "source %s cannot read s3://%s/%s: %s", match.Source.Name(), t.want.Bucket, t.want.Key, match.Refused))
		return nil, nil
	case match.Ignored:
		r.leave(t, Ignored, nil)
		return nil, nil
	}
	b, err := r.openCurrent(l, t)
	if err != nil {
		state, cause := stateOf(r.cause(err))
		r.leave(t, state, cause)
		return nil, nil
	}
	id, want := b.identify(t.want)
	id.Generation = t.generation
	if r.sharedBuckets[id.Bucket] {
		id.Queue = t.entry.ARN
	}
	r.mu.Lock()
	o, taken := r.objects[id]
	if !taken {
		o = &object{id: id, want: want, entry: t.entry, match: match, coding: b.ContentEncoding, driver: m, writing: true, attempts: 1, since: time.Now()}
		r.objects[id] = o
	}
	o.messages = append(o.messages, m)
	t.obj, t.driven = o, !taken
	r.mu.Unlock()
	if taken {
		_ = b.Close()
		return nil, nil
	}
	return o, b
}

// openCurrent opens what a target names or, if that was overwritten, what is
// there now.
func (r *run) openCurrent(l *lane, t *target) (b *Body, err error) {
	for {
		err = l.call(func() (err error) {
			b, err = t.entry.Store.Open(r.stop, t.want, 0, -1)
			return err
		})
		if !errors.Is(err, ErrSuperseded) {
			return b, err
		}
		r.mu.Lock()
		tooOften := t.replace()
		r.mu.Unlock()
		if tooOften != nil {
			return nil, tooOften
		}
	}
}

// match finds the source of a target.
func (t *target) match() (sources.Match, bool) {
	switch {
	case t.entry.Direct:
		return sources.Match{Source: t.entry.Sources[0]}, true
	case t.source != "":
		return t.entry.Sources.Named(t.source, t.want.Key)
	}
	return t.entry.Sources.Match(t.want.Key)
}

// claimObject takes the object in the ledger and finds where to begin.
func (r *run) claimObject(l *lane, o *object) *Error {
	err := l.call(func() (err error) {
		if err = r.sync(); err != nil {
			return err
		}
		o.claim, err = r.Ledger.Claim(r.stop, o.id, r.requestID, r.lease())
		return err
	})
	switch {
	case err != nil && !Expired(r.stop) && KindOf(err) == LedgerFailed && r.first(o.driver) && !r.LedgerDownStops:
		o.unclaimed = true
		o.claim = Claim{}
	case err != nil:
		return r.cause(err)
	default:
		o.held = !o.claim.Done
		o.unclaimed = o.claim.Volatile
	}
	o.pos = countedBy(o.match.Source.Parser())
	if before := o.claim.Position; before.SameParser(o.pos) {
		o.pos.Next, o.pos.Restart, o.pos.Tally, o.pos.Uncounted = before.Next, before.Restart, before.Tally, before.Uncounted
	} else {
		o.reset = before.Next > 0
	}
	o.from = o.pos.Next
	return nil
}

// first tells whether nobody can have sent anything of the message's objects
// before: a continuation is what is left of an earlier attempt.
func (r *run) first(m *message) bool { return m.Received <= 1 && m.Queue != r.Continuation }

// again makes a quiet object ready for another attempt.
func (r *run) again(o *object) {
	r.mu.Lock()
	o.quiet, o.waits = false, false
	r.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.spans, o.broken, o.writing = nil, nil, true
	o.halt.Store(false)
	o.attempts++
}

// stopWith ends the object with a failure of its own, if err is one.
func (o *object) stopWith(err *Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil && o.end == nil {
		o.end = err
		o.halt.Store(true)
	}
}
