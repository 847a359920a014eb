package watch

import (
	"maps"

	"github.com/devo-s3/collector/telemetry"
)

const (
	// successes is how many probes in a row must be confirmed before the mappings
	// are enabled again.
	successes = 2
	// forget is for how many minutes a mapping must be missing from Lambda's
	// answers until it is taken for deleted. To remember one for too long harms
	// nobody; one forgotten too soon would stay disabled for ever, for a
	// person's.
	forget = 24 * 60
)

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
	// Missing are those of Held that Lambda's last answer was without, and the
	// minute in which it first was: an answer may lack some mappings, or all.
	Missing map[string]int64
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

	// Spared is one that a person enabled while it was Paused, who will know why:
	// it is left alone until the breaker closes.
	Spared Hold = "spared"
)

// seen is what one run found out.
type seen struct {
	minute   int64
	mappings map[string]Status // by UUID; some may be missing
	health   telemetry.Health  // of the function, in the last minutes
	probed   bool              // a probe was confirmed
}

// outOfReach reports whether the function's last minutes are reason to pause it:
// no connection was confirmed, or a message was handed back because Devo's end did
// not send the close_notify that it owes. That one is for people to look into, and
// must not use up the receives of messages until they have.
func (in seen) outOfReach() bool {
	return in.health.Attempts > 0 && in.health.Confirmed == 0 || in.health.Unnotified > 0
}

// next is the State that follows from what was seen.
func (s State) next(in seen) State {
	n := s.seeing(in)
	switch {
	case !s.Open && in.outOfReach():
		n.Open, n.Successes, n.Since = true, 0, in.minute
		for id, hold := range n.Held {
			if hold == Resuming {
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
		for id, hold := range n.Held {
			n.Held[id] = Resuming
			if hold == Spared {
				delete(n.Held, id)
			}
		}
	}
	if n.Open { // whatever polls, one that was missing when it opened too
		for id, status := range in.mappings {
			if _, held := n.Held[id]; status == On && !held {
				n.Held[id] = Pausing
			}
		}
	}
	return n
}

// seeing is s with what the mappings have come to by themselves.
func (s State) seeing(in seen) State {
	n := s
	n.Held, n.Missing = make(map[string]Hold), make(map[string]int64)
	for id, hold := range s.Held {
		status, exists := in.mappings[id]
		since, missing := s.Missing[id]
		switch {
		case !exists && !missing:
			n.Held[id], n.Missing[id] = hold, in.minute
		case !exists && in.minute-since < forget:
			n.Held[id], n.Missing[id] = hold, since
		case !exists: // deleted
		case hold == Resuming && status == On, hold == Spared && status == Off: // as it was, or a person's
		case hold == Paused && status == On:
			n.Held[id] = Spared
		case hold == Pausing && status == Off:
			n.Held[id] = Paused
		default:
			n.Held[id] = hold
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
	return s.Open == o.Open && s.Successes == o.Successes && s.Since == o.Since && maps.Equal(s.Held, o.Held) && maps.Equal(s.Missing, o.Missing)
}
