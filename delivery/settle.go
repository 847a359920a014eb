package delivery

import (
	"errors"
	"sync"
)

// settleLimit is how many objects' ledger entries are written side by side.
const settleLimit = 16

// settle takes the end of a connection to the objects it carried: confirmed if
// err is nil, else to be tried again.
func (r *run) settle(spans []*span, err *Error) {
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
func (r *run) settleObject(o *object, spans []*span, err *Error) (last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range spans {
		s.settled, s.confirmed = true, err == nil
	}
	o.unsettled -= len(spans)
	if err != nil && o.broken == nil {
		o.broken = err
		o.halt.Store(true)
	}
	o.collect()
	last = o.unsettled == 0 && !o.writing
	if !last {
		if err := r.advance(o); err != nil && o.end == nil {
			o.end = err
			o.halt.Store(true)
		}
	}
	return last
}

// collect moves the position over the confirmed spans at the front. Under o.mu.
func (o *object) collect() {
	for len(o.spans) > 0 && o.spans[0].settled && o.spans[0].confirmed {
		s := o.spans[0]
		o.spans = o.spans[1:]
		o.pos.Next, o.pos.Restart = s.to, s.restart
		o.counts.Add(s.counts)
		o.moved = true
	}
}

// advance writes a position that moved to the ledger. Under o.mu.
func (r *run) advance(o *object) *Error {
	if !o.moved || !o.held {
		return nil
	}
	if err := r.Ledger.Advance(r.ctx, o.claim, o.pos); err != nil {
		return asError(err)
	}
	o.moved = false
	return nil
}

// quieten decides about an object of which nothing is being written or
// confirmed any more: it has a result, or it is to be tried again.
func (r *run) quieten(o *object) {
	o.mu.Lock()
	o.collect()
	state, err := Delivered, o.end
	switch {
	case o.claim.Done:
		state = Already
	case err != nil && errors.Is(err, ErrSuperseded):
		state, err = Superseded, nil
	case err != nil && errors.Is(err, errStopped):
		state, err = Unfinished, nil
	case err != nil:
		state = Failed
	case o.broken != nil:
		state, err = Failed, o.broken
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

// finish writes an object's end to the ledger and makes it the result.
func (r *run) finish(o *object, state State, err *Error) {
	o.mu.Lock()
	if o.held {
		switch state {
		case Delivered, Superseded: // what was overwritten cannot be had again
			if e := r.Ledger.Done(r.ctx, o.claim, o.pos); e != nil {
				state, err = Failed, asError(e)
			}
		default:
			if e := r.advance(o); e != nil && err == nil {
				state, err = Failed, e
			}
			// If it fails, the lease runs out by itself.
			_ = r.Ledger.Release(r.ctx, o.claim)
		}
		o.held = false
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
