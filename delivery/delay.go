package delivery

import (
	"math/rand/v2"
	"time"
)

// A patience says how long a message of a kind stays hidden, and how hopeful
// the kind is: the lower, the likelier another attempt helps.
type patience struct {
	hope  int
	delay func(received int) time.Duration
}

var (
	permanent = patience{5, func(int) time.Duration { return 5 * time.Second }}
	updating  = patience{4, quickThenDoubling(15 * time.Minute)}
	mending   = patience{3, quickThenDoubling(15 * time.Minute)}
	passing   = patience{2, quickThenDoubling(60 * time.Minute)}
	outage    = patience{1, func(received int) time.Duration {
		return min(2*time.Minute<<min(max(received, 1)-1, 6), 90*time.Minute)
	}}
	leased = patience{0, func(int) time.Duration { return time.Minute }}
)

var patiences = map[Kind]patience{
	Claimed:         leased,
	DevoUnavailable: outage, DevoRefused: outage, Unconfirmable: outage, Unnotified: outage,
	LedgerFailed: outage, Unreachable: outage,
	Throttled: passing, Internal: passing,
	Corrupt: mending, NotFound: mending, Denied: mending, KMS: mending, WrongRegion: mending,
	// While the stacks are updated, a message may be ahead of the file that knows
	// its bucket and its source.
	NoSource: updating, NotAllowed: updating,
	Malformed: permanent, Archived: permanent, UnsupportedEncryption: permanent, TooLarge: permanent,
}

// patienceOf is that of k; a kind nobody knows is a fault of ours.
func patienceOf(k Kind) patience {
	if p, ok := patiences[k]; ok {
		return p
	}
	return passing
}

// quickThenDoubling is 5 s three times, then 1 min doubling up to limit.
func quickThenDoubling(limit time.Duration) func(int) time.Duration {
	return func(received int) time.Duration {
		if received <= 3 {
			return 5 * time.Second
		}
		return min(time.Minute<<min(received-4, 10), limit)
	}
}

// delay is how long a message stays hidden after failing with kind k for the
// received-th time: never 0, with 0 to 25 % added so that what failed together
// does not come back together. wait is what is left of somebody's lease, for
// Claimed.
func delay(k Kind, received int, wait time.Duration) time.Duration {
	d := patienceOf(k).delay(received)
	if k == Claimed && wait > 0 {
		d = wait
	}
	d += time.Duration(rand.Int64N(int64(d)/4 + 1))
	// SQS takes whole seconds; round up, so that a lease is over by then.
	return min((d + time.Second - 1).Truncate(time.Second), 12*time.Hour)
}

// hopeful is the more hopeful of two errors: the kind of a message of many
// objects is that of its most hopeful failed one, so that one bad name does
// not take the good ones to the DLQ. Of two leases it is the one that ends
// last: before that, another attempt fails.
func hopeful(a, b *Error) *Error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case a.Kind == b.Kind && b.Until.After(a.Until):
		return b
	case patienceOf(a.Kind).hope <= patienceOf(b.Kind).hope:
		return a
	}
	return b
}
