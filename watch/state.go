package watch

import "maps"

// successes is how many probes in a row must be confirmed before the mappings
// are enabled again.
const successes = 2

// A State is what is remembered between two runs, in the ledger's table.
type State struct {
	// Version counts the writes; 0 is of a State that was never written.
	Version int64
	// Open tells that Devo is out of reach and the mappings are paused.
	Open bool
	// Successes is how many probes in a row were confirmed since it opened.
	Successes int
	// Since is the minute in which it opened or closed last; 0 is never.
	Since int64
	// Held are the mappings that watch has paused, or is about to pause or to
	// resume, by their UUIDs. One that is disabled and not here is a person's.
	Held map[string]Hold
}

// A Hold says what watch wants of a mapping. It is written before anything is
// done, and goes on to the next only when the mapping was seen to have
// followed: so a run that is cut short, or that Lambda begins twice, does
// nothing that the next cannot finish.
type Hold string

// The holds, in the order they are gone through.
const (
	Pausing  Hold = "pausing"  // to be disabled, until seen so
	Paused   Hold = "paused"   // was seen disabled; found enabled, a person did it
	Resuming Hold = "resuming" // to be enabled, until seen so
)

// seen is what one run found out.
type seen struct {
	minute              int64
	mappings            map[string]Status // by UUID
	attempts, confirmed int64             // of the function, in the last minutes
	probed              bool              // a probe was confirmed
}

// next is the State that follows from what was seen.
func (s State) next(in seen) State {
	n := s
	n.Held = maps.Clone(s.Held)
	if n.Held == nil {
		n.Held = make(map[string]Hold)
	}
	for id, hold := range s.Held {
		status, exists := in.mappings[id]
		switch {
		case !exists, hold == Resuming && status == On:
			delete(n.Held, id)
		case hold == Paused && status == On:
			// A person enabled it in spite of the breaker, who will know why.
			delete(n.Held, id)
		case hold == Pausing && status == Off:
			n.Held[id] = Paused
		}
	}
	switch {
	case !s.Open && in.attempts > 0 && in.confirmed == 0:
		n.Open, n.Successes, n.Since = true, 0, in.minute
		for id, status := range in.mappings {
			if status == On || n.Held[id] == Resuming {
				n.Held[id] = Pausing
			}
		}
	case !s.Open:
	case !in.probed:
		n.Successes = 0
	case s.Successes+1 < successes:
		n.Successes++
	default:
		n.Open, n.Successes, n.Since = false, 0, in.minute
		for id := range n.Held {
			n.Held[id] = Resuming
		}
	}
	return n
}

// astray are the mappings that do not do what is wanted of them, and can be
// told.
func (s State) astray(mappings map[string]Status) map[string]Hold {
	astray := make(map[string]Hold)
	for id, hold := range s.Held {
		if status := mappings[id]; hold == Pausing && status == On || hold == Resuming && status == Off {
			astray[id] = hold
		}
	}
	return astray
}

// equal tells whether o says the same, whatever version it is.
func (s State) equal(o State) bool {
	return s.Open == o.Open && s.Successes == o.Successes && s.Since == o.Since && maps.Equal(s.Held, o.Held)
}
