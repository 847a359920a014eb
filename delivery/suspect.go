package delivery

import "context"

// An object that the ledger shows as claimed by an invocation that never released
// it was in flight when that one was killed or timed out. It may be why. So it is
// put off until everything else of the batch has ended and is acknowledged, and
// then worked on alone: if it ends the process again, it takes nobody along.

// putOff reports whether an object that was just claimed has to wait.
func (r *run) putOff(o *object) bool {
	if o.claim.Abandoned == "" {
		return false
	}
	r.tell(o, FoundAbandoned)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.alone {
		return false
	}
	o.waits, o.quiet, o.attempts = true, true, 0
	o.driver.suspect = true
	return true
}

// waits reports whether a target's object was put off.
func (r *run) waits(t *target) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.obj != nil && t.obj.waits
}

// leaveUnfinished ends a target that time ran out on before it was begun. Of one
// that was put off the claim stays, so that the next invocation knows of it.
func (r *run) leaveUnfinished(t *target) {
	if !r.waits(t) {
		r.leave(t, Unfinished, nil)
		return
	}
	o := t.obj
	o.mu.Lock()
	o.held = false
	o.mu.Unlock()
	err := Fail(Claimed, "an earlier invocation, %s, ended while it had s3://%s/%s; there was no time left to work on that alone",
		o.claim.Abandoned, o.id.Bucket, o.id.Key)
	err.Until = r.Ledger.Now().Add(r.lease())
	r.finish(o, Failed, err)
}

// onlySuspects reports whether all that is left to do waits for its turn alone, or
// for an object that does. Under run.mu.
func (r *run) onlySuspects() bool {
	for _, m := range r.messages {
		switch {
		case m.ended, m.suspect && m.running:
			continue
		case m.running, m.targets == nil:
			return false
		}
		for _, t := range m.targets {
			if !t.hasEnd() && (t.obj == nil || !t.obj.driver.suspect) {
				return false
			}
		}
	}
	return true
}

// workAlone works on the suspects, one after the other, once what has ended is
// acknowledged: those messages must not come again if this invocation ends here.
func (r *run) workAlone() {
	for r.nextSuspect() {
		r.acknowledge()
		r.work()
	}
}

// nextSuspect makes the next suspect a job, and reports whether there is one.
func (r *run) nextSuspect() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.suspects) == 0 {
		return false
	}
	r.alone = true
	r.jobs = append(r.jobs, r.suspects[0])
	r.suspects = r.suspects[1:]
	return true
}

// acknowledge deletes the messages that are a success and were not deleted yet.
// Lambda does so as well at the invocation's end: this only matters if that never
// comes, and its failure changes nothing.
func (r *run) acknowledge() {
	r.mu.Lock()
	receipts := make(map[string][]string)
	for _, m := range r.messages {
		if m.ended && !m.acknowledged && m.succeeded() {
			m.acknowledged = true
			receipts[m.Queue] = append(receipts[m.Queue], m.Receipt)
		}
	}
	r.mu.Unlock()
	for queue, all := range receipts {
		_ = guarded(func() error { return r.Queue.Delete(context.WithoutCancel(r.ctx), queue, all) })
	}
}

// succeeded reports whether every target of an ended message is a success.
func (m *message) succeeded() bool {
	for _, t := range m.targets {
		if state, _ := t.result(); state == Failed || state == Unfinished {
			return false
		}
	}
	return true
}
