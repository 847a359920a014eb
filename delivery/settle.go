package delivery

import (
	"cmp"
	"sync"
)

// settleLimit is how many objects' ledger entries are written side by side.
const settleLimit = 16

// settle takes the end of a connection to the objects it carried: confirmed if
// err is nil, else to be tried again.
func (r *run) settle(spans []*span, err error) {
	var order []*object
	byObject := make(map[*object][]*span)
	for _, s := range spans {
		if byObject[s.o] == nil {
			order = append(order, s.o)
		}
		byObject[s.o] = append(byObject[s.o], s)
	}
	each(order, settleLimit, func(o *object) {
		if r.settleObject(o, byObject[o], err) {
			r.quieten(o)
		}
	})
}

// settleObject moves the object's position over the spans that are now
// confirmed without a gap, and the ledger with it. It tells whether that was
// the last the object was waiting for.
func (r *run) settleObject(o *object, spans []*span, err error) (last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range spans {
		s.settled, s.confirmed = true, err == nil
	}
	o.unsettled -= len(spans)
	if err != nil && o.broken == nil {
		o.broken = asError(err)
		o.halt.Store(true)
	}
	o.collect()
	if o.advancing {
		return false // whoever is at it looks again
	}
	o.advancing = true
	var refused *Error
	for o.moved && o.held && (o.unsettled > 0 || o.writing) && refused == nil {
		refused = r.advance(o)
	}
	o.advancing = false
	if refused != nil && o.end == nil {
		o.end = refused
		o.halt.Store(true)
	}
	return o.idle()
}

// idle tells whether nothing of the object is under way. Under o.mu.
func (o *object) idle() bool { return o.unsettled == 0 && !o.writing && !o.advancing }

// collect moves the position over the confirmed spans at the front. Under o.mu.
func (o *object) collect() {
	for len(o.spans) > 0 && o.spans[0].settled && o.spans[0].confirmed {
		s := o.spans[0]
		o.spans = o.spans[1:]
		o.pos.Next, o.pos.Restart = s.to, s.restart
		if !o.pos.Uncounted { // what is unknown stays so, and is zero as in the ledger
			o.pos.Tally = s.counts.addTo(o.pos.Tally)
		}
		o.counts.Add(s.counts)
		o.moved = true
	}
}

// advance writes a position that moved to the ledger. Under o.mu, but for the
// time that takes: whoever writes records must not wait for it.
func (r *run) advance(o *object) *Error {
	if !o.moved || !o.held {
		return nil
	}
	claim, pos := o.claim, o.pos
	o.mu.Unlock()
	err := guarded(func() (err error) {
		claim, err = r.Ledger.Advance(r.ctx, claim, pos)
		return err
	})
	o.mu.Lock()
	if err != nil {
		return asError(err)
	}
	o.claim, o.moved = claim, o.pos != pos
	return nil
}

// quieten decides about an object of which nothing is being written or
// confirmed any more: it has a result, or it is to be tried again.
func (r *run) quieten(o *object) {
	o.mu.Lock()
	o.collect()
	state, err := stateOf(cmp.Or(o.end, o.broken))
	switch {
	case o.claim.Done:
		state = Already
	case state == Unfinished:
		err = o.broken // says more than that time ran out
	}
	again := o.broken != nil && o.end == nil && !o.driver.last()
	o.mu.Unlock()
	if !again {
		r.finish(o, state, err)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	o.quiet = true
	r.after(o.driver)
}

// finish writes an object's end to the ledger and makes it the result. A
// position that could not be written is no result but a failure.
func (r *run) finish(o *object, state State, err *Error) {
	o.mu.Lock()
	if o.held {
		var refused *Error
		if state == Delivered {
			e := guarded(func() error { return r.Ledger.Done(r.ctx, o.claim, o.pos) })
			if e != nil {
				refused = asError(e)
			}
		} else {
			// What was overwritten is not done: the same bytes may come back.
			refused = r.advance(o)
		}
		if refused != nil && state != Failed {
			state, err = Failed, refused
		}
		if state != Delivered {
			// If it fails, the lease runs out by itself.
			_ = guarded(func() error { return r.Ledger.Release(r.ctx, o.claim) })
		}
		o.held = false
	}
	if state == Delivered {
		o.confirmed = r.Ledger.Now()
	}
	o.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resolve(o, state, err)
}

// each calls f for every element, at most limit side by side.
func each[T any](all []T, limit int, f func(T)) {
	if len(all) == 1 {
		f(all[0])
		return
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, limit)
	for _, v := range all {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(v)
		})
	}
	wg.Wait()
}
