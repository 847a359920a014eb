package watch

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/telemetry"
)

const (
	// receives bounds what a run takes of one vendor's queue: so often ten
	// messages.
	receives = 10
	// vendorMargin is kept at a run's end, to save how far it came.
	vendorMargin = 10 * time.Second
)

// A Vendor is a queue of somebody else's, or a bucket of which no queue tells,
// opened with keys of theirs. Lambda can poll neither.
type Vendor struct {
	// ARN is the entry's in the deployment's file, by which the function knows
	// what is passed on.
	ARN string
	// Name is in the metric of what arrives, if silence is an alarm; else "".
	Name string
	// Queue is nil where there is only the Bucket.
	Queue  VendorQueue
	Bucket VendorBucket
}

// A VendorMessage is one of a vendor's queue.
type VendorMessage struct{ ID, Receipt, Body string }

// A VendorQueue is polled.
type VendorQueue interface {
	// Receive takes up to ten messages and hides them; none means that there is
	// none to be had.
	Receive(ctx context.Context) ([]VendorMessage, error)
	// Delete is for what was passed on. After an error some may come again,
	// which does no harm: the ledger knows their objects.
	Delete(ctx context.Context, messages []VendorMessage) error
}

// A VendorBucket is listed below one prefix.
type VendorBucket interface {
	// Folders are those right below the prefix, and the prefix itself if there
	// are objects in no folder: then it stands for these alone.
	Folders(ctx context.Context) ([]string, error)
	// List gives the objects of a folder and all below it, in the order of their
	// keys, from behind the key after on. EventTime is when each was written. An
	// error is the last thing it gives.
	List(ctx context.Context, folder, after string) iter.Seq2[events.Object, error]
}

// A haul is what a run took of a vendor.
type haul struct {
	passed int64 // messages, or objects of a bucket, that were passed on
	behind int64 // queues, or folders of a bucket, that have more than a run takes
}

func (h haul) plus(o haul) haul { return haul{h.passed + o.passed, h.behind + o.behind} }

// vendors passes on what vendors have, all side by side: one that fails harms
// no other. It goes on whether Devo is in reach or not, for how long a vendor
// keeps things is not ours to say.
func (w *Watch) vendors(ctx context.Context, _ Sink) telemetry.Values {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-vendorMargin))
		defer cancel()
	}
	v := telemetry.Values{}
	v.Count(telemetry.VendorPassed, 0)
	v.Count(telemetry.VendorFailures, 0)
	v.Count(telemetry.VendorsBehind, 0)
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, one := range w.Vendors {
		all.Go(func() {
			take := w.poll
			if one.Queue == nil {
				take = w.list
			}
			taken, err := take(ctx, one)
			mu.Lock()
			defer mu.Unlock()
			v.Count(telemetry.VendorPassed, taken.passed)
			v.Count(telemetry.VendorsBehind, taken.behind)
			if one.Name != "" && taken.passed > 0 {
				w.Emit.Emit(telemetry.Queue, one.Name, telemetry.Values{telemetry.Messages: {float64(taken.passed)}}, nil)
			}
			if taken.behind > 0 {
				w.Log.WarnContext(ctx, "watch: a vendor's queue or bucket has more than one run takes", "queue", one.ARN, "passed", taken.passed, "behind", taken.behind)
			}
			if err != nil {
				w.Log.WarnContext(ctx, "watch: a vendor's queue or bucket is not read to its end", "queue", one.ARN, "cause", telemetry.Cause(err))
				v.Count(telemetry.VendorFailures, 1)
			}
		})
	}
	all.Wait()
	return v
}

// poll passes on the messages of a vendor's queue, while there are any and time
// remains.
func (w *Watch) poll(ctx context.Context, v Vendor) (taken haul, failed error) {
	for range receives {
		if ctx.Err() != nil {
			break
		}
		messages, err := v.Queue.Receive(ctx)
		if err != nil || len(messages) == 0 {
			return taken, errors.Join(failed, err)
		}
		accepted, err := w.pass(ctx, v, messages)
		failed = errors.Join(failed, err)
		if len(accepted) == 0 {
			return taken, failed
		}
		taken.passed += int64(len(accepted))
		failed = errors.Join(failed, v.Queue.Delete(ctx, accepted))
	}
	taken.behind = 1 // for all that is known
	return taken, failed
}

// pass gives the messages that the continuation queue accepted. One that does
// not fit into another is left to its vendor.
func (w *Watch) pass(ctx context.Context, v Vendor, messages []VendorMessage) (accepted []VendorMessage, failed error) {
	for _, m := range messages {
		body := events.Continue(events.Object{}, events.Continued{Queue: v.ARN, Body: m.Body})
		if len(body) > events.MaxBody {
			failed = errors.Join(failed, fmt.Errorf("message %s: %d bytes are too many to be passed on", m.ID, len(m.Body)))
			continue
		}
		if err := w.Continuations.Continue(ctx, []string{body}); err != nil {
			return accepted, errors.Join(failed, fmt.Errorf("pass on message %s: %w", m.ID, err))
		}
		accepted = append(accepted, m)
	}
	return accepted, failed
}
