package delivery

import (
	"context"
	"sync"
	"time"
)

// A mode is how much a message shares its connection: when one breaks, what it
// carried is tried again with less company, until one bad record stands alone.
type mode int

const (
	shared mode = iota // the batch's shared connection, or the worker's
	solo               // a connection of the message's own
	alone              // a connection for each object
)

type job struct {
	m    *message
	mode mode
}

// A run is one batch on its way.
type run struct {
	*Collector
	requestID string
	ctx       context.Context // for the ledger: ends before whoever is still at work is given up
	answer    context.Context // the invocation's, less what its answer takes
	stop      context.Context // ends at the margin: no reading or writing after it
	confirm   context.Context // ends a little before ctx: the ledger is still to be written
	cancel    func()
	lease     func() time.Duration // what is left of the invocation, and 5 s
	began     time.Time
	time      ledgerTime

	messages []*message
	shared   *sharedLane

	mu      sync.Mutex
	cond    *sync.Cond // a job, or the end
	jobs    []job
	pending int // messages without an outcome
	// objects of this batch by identity: a second message that names one waits
	// for the first instead of claiming against it.
	objects map[Identity]*object
	// suspects wait for their turn alone, which is when alone is set.
	suspects []job
	alone    bool
}

// How long before the invocation's deadline delivery ends: answerTime is for the
// answer, and what is between the two for messages that are delayed or handed on.
const (
	answerTime = 2 * time.Second
	ledgerEnd  = 4 * time.Second
)

func newRun(ctx context.Context, c *Collector, requestID string, batch []Message) *run {
	r := &run{
		Collector: c, requestID: requestID, began: time.Now(), objects: make(map[Identity]*object),
		ctx: ctx, answer: ctx, stop: ctx, confirm: ctx, cancel: func() {},
		lease: func() time.Duration { return 15 * time.Minute },
	}
	r.cond = sync.NewCond(&r.mu)
	if deadline, ok := ctx.Deadline(); ok {
		before := func(d time.Duration) context.Context {
			ctx, cancel := context.WithDeadline(ctx, deadline.Add(-d))
			rest := r.cancel
			r.cancel = func() { cancel(); rest() }
			return ctx
		}
		r.answer, r.ctx = before(answerTime), before(ledgerEnd)
		r.stop, r.confirm = before(Margin(c.ConfirmTimeout)), before(10*time.Second)
		r.lease = func() time.Duration { return time.Until(deadline) + 5*time.Second }
	}
	r.shared = newSharedLane(r)
	seen := make(map[string]bool)
	for _, in := range batch {
		if seen[in.ID] {
			continue // SQS may deliver a message twice into one batch
		}
		seen[in.ID] = true
		m := &message{Message: in}
		r.messages = append(r.messages, m)
		j := job{m, shared}
		if in.Received > 1 {
			j.mode = solo
		} else {
			m.shares = true
			r.shared.sharers++
		}
		r.jobs = append(r.jobs, j)
	}
	r.pending = len(r.messages)
	return r
}

// all works until every message has its objects' results. Nothing it started
// is left when it returns.
func (r *run) all() {
	_ = r.sync() // whoever claims asks again
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		var wg sync.WaitGroup
		for range min(r.Workers, len(r.messages)) {
			wg.Go(r.work)
		}
		wg.Wait()
		r.shared.end()
		r.workAlone()
	}()
	if !r.attend(finished) {
		r.giveUp()
	}
}

// work does jobs until there is nothing left to do, or only suspects.
func (r *run) work() {
	l := newLane(r)
	for {
		j, ok := r.next(l)
		if !ok {
			return
		}
		r.do(l, j)
	}
}

// next waits for a job. A worker that would have to wait confirms first what
// it wrote: others may be waiting for just that.
func (r *run) next(l *lane) (job, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		switch {
		case len(r.jobs) > 0:
			j := r.jobs[0]
			r.jobs = r.jobs[1:]
			return j, true
		case l.busy():
			r.mu.Unlock()
			l.retire()
			r.mu.Lock()
		case r.pending == 0, len(r.suspects) > 0 && r.onlySuspects():
			r.cond.Broadcast() // for whoever looked before that was so
			return job{}, false
		default:
			r.cond.Wait()
		}
	}
}

// do works on one message. A panic is that message's alone; what else its
// connection carried is tried again.
func (r *run) do(l *lane, j job) {
	defer func() {
		if p := recover(); p != nil {
			l.fail(Fail(Internal, "connection dropped after a panic"))
			j.m.fail(r, panicked(p))
		}
		r.sharesNoMore(j.m)
		r.mu.Lock()
		j.m.running = false
		r.after(j.m)
		r.mu.Unlock()
	}()
	r.mu.Lock()
	j.m.running, j.m.mode = true, j.mode
	r.mu.Unlock()

	if j.mode != shared {
		l.retire() // what others wrote must not hang on this message
		defer l.retire()
	}
	if j.m.targets == nil {
		j.m.decode(r)
	}
	for _, t := range j.m.targets {
		if r.settled(t) {
			continue
		}
		if Expired(r.stop) {
			r.leaveUnfinished(t)
			continue
		}
		broken, reachable := r.attempt(l, j.m, t)
		switch {
		case r.waits(t):
			return // until the message is alone
		case broken == nil, broken == stopped:
		case !reachable: // no connection to be had: nor for the rest
			j.m.fail(r, broken)
			return
		case j.mode == shared:
			return // the whole message again, by itself
		}
		if j.mode == alone {
			l.retire()
		}
	}
}
