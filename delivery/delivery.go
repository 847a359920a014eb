// Package delivery takes one batch of messages through the four stages:
// events names the objects, sources says what each is, parsers cuts it into
// records and a Sink carries them to Devo and confirms them. It decides every
// message's outcome.
//
// It knows no AWS package: Store, Ledger, Queue and Sink are what it needs
// from outside, and each method says who must retry and when its result may be
// believed.
//
// The way of the data: batch.go hands messages to workers; message.go turns one
// into objects; object.go reads an object onto a worker's lane (lane.go), which
// owns the connection, or if it is small onto the one that the batch shares
// (shared.go); when a connection is confirmed, settle.go moves the objects'
// positions and the ledger; outcome.go says what becomes of the message.
package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/devo-s3/collector/sources"
)

// A Message is one queue message as Lambda hands it over.
type Message struct {
	ID      string
	Receipt string // receipt handle
	Body    string
	Queue   string // eventSourceARN
	// Received is ApproximateReceiveCount, 1 for the first time.
	Received int
	Sent     time.Time // SentTimestamp; zero where unknown
}

// An Entry is one queue of the deployment: what may be read and how.
type Entry struct {
	ARN     string
	Buckets []string // the only buckets that are ever asked for
	// Restored are those of the Buckets whose objects are taken when they were
	// restored from an archive, too.
	Restored []string
	Sources  sources.Set
	Store    Store
	// Former tells that another queue takes this one's place, with the same Buckets:
	// an object is announced by one of the two, and is the same to the ledger.
	Former bool
	// Direct tells that messages hold records of the first of Sources, and name
	// no objects: there are neither Buckets nor a Store.
	Direct bool
}

// Options are a Collector's parts and settings.
type Options struct {
	Entries      []Entry
	Continuation string // ARN of the continuation queue

	Ledger Ledger
	Queue  Queue
	Sink   Sink
	Report Reporter

	// Unparsed and BadTag are the tags of records that could not be
	// understood, and of those whose own tag is impossible, or one too many
	// for the connection (Conn.Full).
	Unparsed, BadTag string

	// ConfirmBytes and ConfirmTime bound what is written on one connection
	// before it is confirmed; 0 is 64 MiB, 20 s.
	ConfirmBytes int64
	ConfirmTime  time.Duration
	// ConfirmTimeout is the Sink's; the deadline's margin follows from it. 0 is
	// 30 s.
	ConfirmTimeout time.Duration

	// LedgerDownStops: first deliveries, too, fail while the ledger does not
	// answer. Otherwise they go on unclaimed, and may be sent twice.
	LedgerDownStops bool

	// Workers is how many messages are worked on side by side; 0 is 10.
	Workers int
}

// A Collector delivers batches. It keeps nothing between them and is safe for
// concurrent use.
type Collector struct {
	Options
	entries       map[string]*Entry
	sharedBuckets map[string]bool
	leftBehind    atomic.Bool
}

// LeftBehind reports whether a Deliver returned while something that it started
// still ran, because it did not end in time. The process should end as soon as
// that batch is answered.
func (c *Collector) LeftBehind() bool { return c.leftBehind.Load() }

// New checks the options. All mistakes come joined.
func New(o Options) (*Collector, error) {
	o.ConfirmBytes = cmp.Or(o.ConfirmBytes, 64<<20)
	o.ConfirmTime = cmp.Or(o.ConfirmTime, 20*time.Second)
	o.ConfirmTimeout = cmp.Or(o.ConfirmTimeout, 30*time.Second)
	o.Workers = cmp.Or(o.Workers, 10)
	c := &Collector{Options: o, entries: make(map[string]*Entry)}
	var errs []error
	var buckets [][]string
	for i := range o.Entries {
		e := &o.Entries[i]
		if c.entries[e.ARN] != nil {
			errs = append(errs, fmt.Errorf("queue %s is listed twice", e.ARN))
		}
		if e.Direct && (len(e.Sources) != 1 || e.Sources[0].Members() != nil) {
			errs = append(errs, fmt.Errorf("queue %s holds records, and must have one source to read them as", e.ARN))
		}
		c.entries[e.ARN] = e
		if !e.Former {
			buckets = append(buckets, e.Buckets)
		}
	}
	c.sharedBuckets = SharedBuckets(buckets...)
	if o.Workers < 0 {
		errs = append(errs, fmt.Errorf("%d workers", o.Workers))
	}
	if o.Ledger == nil || o.Queue == nil || o.Sink == nil || o.Report == nil {
		errs = append(errs, errors.New("ledger, queue, sink and report must all be given"))
	}
	return c, errors.Join(errs...)
}

// Margin is how long before the invocation's deadline writing stops, so that
// what was written can still be confirmed, recorded and handed on.
func Margin(confirmTimeout time.Duration) time.Duration {
	return max(45*time.Second, confirmTimeout+15*time.Second)
}

// Deliver works on a batch until every message has an outcome, and returns the
// ids of those that must stay in the queue. requestID names the invocation: it
// is the owner of its claims. ctx must have the invocation's deadline; without
// one there is none. Nothing that Deliver started is left when it returns, unless
// LeftBehind says so.
func (c *Collector) Deliver(ctx context.Context, requestID string, batch []Message) (failed []string) {
	if len(batch) == 0 {
		return nil
	}
	r := newRun(ctx, c, requestID, batch)
	defer r.cancel()
	r.all()
	return r.conclude()
}
