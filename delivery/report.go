package delivery

import (
	"time"

	"github.com/devo-s3/collector/parsers"
)

// A Reporter is told what became of every message.
type Reporter interface {
	// Message is called once for each message of a batch, duplicates of an id
	// included once. It is called from one goroutine at a time.
	Message(Outcome)
	// InFlight is called for an object that may be why an invocation ends badly,
	// from any goroutine.
	InFlight(Flight)
}

// An Outcome is what became of one message.
type Outcome struct {
	RequestID string
	Message   Message
	// Err is nil for a success: every record confirmed, ignored on purpose, or
	// handed to the continuation queue.
	Err *Error
	// Delay is for how long a failed message was hidden; DelayErr, why that
	// did not work.
	Delay    time.Duration
	DelayErr error
	// Continued is how many continuation messages hold the rest.
	Continued int
	// Ignored says what the message named that is nothing to collect.
	Ignored []string
	Objects []ObjectOutcome
	Took    time.Duration
}

// A State is how far an object came.
type State string

// The states an object can end in. All but Failed and Unfinished are
// successes. Superseded is never the last word on a key.
const (
	Delivered  State = "delivered"  // every record confirmed, by this invocation
	Already    State = "already"    // was confirmed before: a duplicate prevented
	Ignored    State = "ignored"    // by an ignore pattern, or a folder's marker
	Superseded State = "superseded" // overwritten before its end was read; the message has another entry for what followed
	Unfinished State = "unfinished" // time ran out
	Failed     State = "failed"
)

// An ObjectOutcome is what became of one object of a message.
type ObjectOutcome struct {
	Queue   string // ARN of the entry
	Bucket  string
	Key     string
	Version string // id or eTag of the response; if it was not opened, "" or for Superseded the eTag asked for
	Source  string
	State   State
	Err     *Error // why it is Failed or Unfinished
	// Created is the event's time, zero where unknown.
	Created time.Time
	// Confirmed is when the last of its records was, by the ledger's time; zero
	// unless it was Delivered by this message.
	Confirmed time.Time
	// Counts are of what was confirmed in this invocation.
	Counts
	// Sent is the number of records written, again and unconfirmed ones
	// included: Sent - Records may have arrived twice.
	Sent int64
	// From is the Index begun with: above 0, an earlier attempt's confirmed
	// records were skipped.
	From int64
	// Reset tells that an earlier position was dropped because the parser
	// changed since.
	Reset bool
	// Unclaimed tells that the object was sent without a claim: the ledger did
	// not answer, or there is none.
	Unclaimed bool
	// Attempts is how often it was read in this invocation.
	Attempts int
	Bytes    int64 // stored bytes read, all attempts
	// Tally is of the whole object, earlier invocations included; zero unless it
	// was Delivered by this message, or where an earlier version of the function
	// did not count.
	Tally parsers.Tally
}

// Counts count records by what was done with them.
type Counts struct {
	Records   int64 // sent and confirmed
	Out       int64 // their bytes, without framing
	Dropped   int64 // left out by the parser (a header)
	Foreign   int64 // of these, not of the source's format
	Blank     int64
	Filtered  map[string]int64 // left out by the source's filters, by the rule's name
	Unparsed  int64            // sent with the tag for unparsed records
	BadTag    int64            // sent with the tag for tags that are impossible or too many
	Truncated int64            // cut at the longest record allowed
	Lost      int64            // the bytes cut off
}

// Add adds what d counted.
func (c *Counts) Add(d Counts) {
	c.Records += d.Records
	c.Out += d.Out
	c.Dropped += d.Dropped
	c.Foreign += d.Foreign
	c.Blank += d.Blank
	for rule, n := range d.Filtered {
		c.filtered(rule, n)
	}
	c.Unparsed += d.Unparsed
	c.BadTag += d.BadTag
	c.Truncated += d.Truncated
	c.Lost += d.Lost
}

func (c *Counts) filtered(rule string, n int64) {
	if c.Filtered == nil {
		c.Filtered = make(map[string]int64)
	}
	c.Filtered[rule] += n
}

// none tells whether no record at all was counted.
func (c *Counts) none() bool {
	return c.Records+c.Dropped+c.Blank == 0 && len(c.Filtered) == 0
}
