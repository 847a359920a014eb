// Package watch is what runs once a minute beside the function. It pauses the
// deployment's event-source mappings while Devo is out of reach, so that an
// outage costs no message its receives, and publishes what the function cannot
// see: the depths of the queues, and whether there is a way to Devo at all
// while no logs flow. And it polls what Lambda cannot: vendors' queues and
// buckets, opened with the vendors' keys.
//
// It keeps nothing in memory from one run to the next, and two runs at once do
// no harm: what they are about to do is in the ledger's table before they do it
// (State). It knows no AWS package; package account implements the interfaces.
package watch

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/telemetry"
)

const (
	// minutes is how many of the function's are looked at, the present one
	// included.
	minutes = 3
	// probeLimit bounds one probe: a run should not meet the next.
	probeLimit = 40 * time.Second
	// callLimit bounds everything else.
	callLimit = 20 * time.Second
)

// ErrTaken says that another run of watch wrote the State first.
var ErrTaken = errors.New("another run of watch came first")

// A Memory is the ledger's table.
type Memory interface {
	// State is the last one saved; zero if there is none. It also sets Now.
	State(ctx context.Context) (State, error)
	// Save writes s as the State that follows the one it was made of. ErrTaken
	// means that this one was not the last any more. After any other error s
	// may have been saved or not.
	Save(ctx context.Context, s State) error
	// Health is how it went between the function and Devo in a minute since 1970.
	Health(ctx context.Context, minute int64) (telemetry.Health, error)
	// Bookmarks are the last saved of these folders of a Vendor's ARN, and of
	// others that are known; zero if there are none. It also sets Now.
	Bookmarks(ctx context.Context, vendor string, folders []string) (Bookmarks, error)
	// SaveBookmarks saves next, which was made of before. After an error some of
	// it may have been saved; each folder's is right by itself. ErrTaken means
	// that another run saved something first.
	SaveBookmarks(ctx context.Context, vendor string, before, next Bookmarks) error
	// Progress is the last one saved; zero if there is none. It also sets Now.
	Progress(ctx context.Context) (Progress, error)
	// SaveProgress is what Save is to a State.
	SaveProgress(ctx context.Context, p Progress) error
	// Now is the table's time as of its last answer.
	Now() time.Time
}

// A Status is what a mapping does.
type Status int

// A mapping that is Enabling is On, one that is Disabling is Off. Busy is one
// that is being made, changed or deleted, and must be left alone.
const (
	Busy Status = iota
	On
	Off
)

// A Mapping is one of the deployment's event-source mappings.
type Mapping struct {
	ID     string // UUID
	Queue  string // ARN
	Status Status
	Result string // Lambda's words about its last attempt; "" if it has none
}

// Mappings are the deployment's event-source mappings, and no others.
type Mappings interface {
	List(ctx context.Context) ([]Mapping, error)
	// Set enables or disables a mapping. nil means that this was accepted, not
	// that it is so already: List tells. It may be asked for again at will.
	Set(ctx context.Context, id string, on bool) error
}

// Depths look into queues.
type Depths interface {
	Depth(ctx context.Context, queueARN string) (Depth, error)
}

// A Depth is how many messages are in a queue, about.
type Depth struct {
	Waiting int64 // that can be received
	Hidden  int64 // in flight or delayed
}

// Continuations are the way to the continuation queue.
type Continuations interface {
	// Continue is delivery.Queue's.
	Continue(ctx context.Context, bodies []string) error
}

// A Sink is the way to Devo, with the key pair that is to be used now.
type Sink interface {
	delivery.Sink
	// CertificateEnd is when the client's certificate ends; zero if there is none.
	CertificateEnd(ctx context.Context) (time.Time, error)
}

// Options are the parts of a Watch.
type Options struct {
	// Queues and DLQs are the customer's, ARNs; Continuation and its DLQ are the
	// deployment's own.
	Queues, DLQs                  []string
	Continuation, ContinuationDLQ string

	// Vendors are polled, and what they have goes to Continuations. One that has
	// a Bucket alone needs Memory.
	Vendors       []Vendor
	Continuations Continuations

	Mappings Mappings
	Depths   Depths
	// Memory is nil where there is no ledger: then nothing is ever paused.
	Memory Memory
	Emit   *telemetry.Emitter
	// Heartbeat is how often a probe is sent while the breaker is closed, in
	// whole minutes; 0 is never.
	Heartbeat time.Duration
	Log       *slog.Logger
}

// A Watch looks after one deployment.
type Watch struct{ Options }

// New says at once if there is no breaker.
func New(o Options) *Watch {
	if o.Memory == nil {
		o.Log.Warn("watch: no ledger, so no breaker: nothing is paused while Devo is out of reach")
	}
	return &Watch{o}
}

// Run does one minute's work. What fails is logged and harms nothing else: the
// next run tries again. ctx must end early enough before the invocation for the
// metrics to be written.
func (w *Watch) Run(ctx context.Context, sink Sink) {
	var mappings []Mapping
	var depths map[string]Depth
	jobs := []func(context.Context, Sink) telemetry.Values{
		func(ctx context.Context, sink Sink) (v telemetry.Values) { v, mappings = w.guard(ctx, sink); return v },
		func(ctx context.Context, _ Sink) (v telemetry.Values) { v, depths = w.depths(ctx); return v },
		w.certificate, w.vendors,
	}
	parts := make([]telemetry.Values, len(jobs), len(jobs)+1)
	var all sync.WaitGroup
	for i, part := range jobs {
		all.Go(func() { parts[i] = part(ctx, sink) })
	}
	all.Wait()
	parts = append(parts, w.progress(ctx, mappings, depths))
	values := telemetry.Values{}
	values.Count(telemetry.WatchRuns, 1)
	for _, p := range parts {
		maps.Copy(values, p)
	}
	w.Emit.Emit("", "", values, nil)
}

// certificate publishes how long the certificate in the secret is good for.
func (w *Watch) certificate(ctx context.Context, sink Sink) telemetry.Values {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	v := telemetry.Values{}
	end, err := sink.CertificateEnd(ctx)
	if err != nil {
		w.Log.ErrorContext(ctx, "watch: the certificate could not be read", "cause", telemetry.Cause(err))
		return v
	}
	if !end.IsZero() {
		v.Observe(telemetry.CertificateDays, telemetry.Days(time.Until(end)))
	}
	return v
}

// depths publishes how much is in the queues. One that cannot be read is
// counted, and missing from its sum.
func (w *Watch) depths(ctx context.Context) (telemetry.Values, map[string]Depth) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	v := telemetry.Values{}
	v.Count(telemetry.QueueAttributesDenied, 0)
	read := make(map[string]Depth)
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, group := range []struct {
		metric string
		queues []string
	}{
		{telemetry.QueueDepth, w.Queues},
		{telemetry.DLQDepth, w.DLQs},
		{telemetry.ContinuationDepth, []string{w.Continuation}},
		{telemetry.ContinuationDLQDepth, []string{w.ContinuationDLQ}},
	} {
		for _, queue := range group.queues {
			all.Go(func() {
				slots <- struct{}{}
				depth, err := w.Depths.Depth(ctx, queue)
				<-slots
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					w.Log.WarnContext(ctx, "watch: a queue's depth could not be read", "queue", queue, "cause", telemetry.Cause(err))
					v.Count(telemetry.QueueAttributesDenied, 1)
					return
				}
				v.Count(group.metric, depth.Waiting+depth.Hidden)
				read[queue] = depth
			})
		}
	}
	all.Wait()
	return v, read
}
