package delivery

import "sync"

// syncTries is how many failures to ask the ledger for its time an invocation
// waits for. After as many the ledger is down, and each further claim would
// wait as long in vain.
const syncTries = 3

// A ledgerTime says whether the ledger has told its time in this invocation.
type ledgerTime struct {
	mu     sync.Mutex
	known  bool
	failed int
	err    error // the last failure
}

// sync asks the ledger for its time unless it is known. Each claim calls it, so
// that one failure costs one claim and not the batch.
func (r *run) sync() error {
	r.time.mu.Lock()
	known, down, last := r.time.known, r.time.failed >= syncTries, r.time.err
	r.time.mu.Unlock()
	switch {
	case known:
		return nil
	case down:
		return last
	}
	err := guarded(func() error { return r.Ledger.Sync(r.stop) })
	r.time.mu.Lock()
	defer r.time.mu.Unlock()
	if err == nil {
		r.time.known = true
		return nil
	}
	r.time.failed++
	r.time.err = err
	return err
}
