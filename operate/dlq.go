package operate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/account/logs"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
)

// continuationQueue is what people call it by.
const continuationQueue = "continuation"

// unknownKind is the Kind of a DeadLetter of which the log has no line.
const unknownKind = "unknown"

// A Desk is where a deployment's dead letters are looked at and decided about.
type Desk struct {
	Operator
	dlqs []*deadQueue
	logs *logs.Group
}

// A deadQueue is one DLQ.
type deadQueue struct {
	arn     string
	queues  []string      // ARNs of those that give up to it
	entry   *config.Queue // one of those; nil for the continuation queue
	letters *account.DeadLetters
}

// A DeadLetter is a message that failed too often.
type DeadLetter struct {
	account.Letter
	// Kind is that of its last failure, and Cause what the log said of it.
	Kind, Cause string
	// Objects are those of which the log says why they failed; of a letter that
	// is shown only.
	Objects []ObjectFailure
	// Now is what a probe found: "readable", or a kind and a cause.
	Now string

	from *deadQueue
}

// DLQ is the ARN of the queue that the letter is in.
func (l *DeadLetter) DLQ() string { return l.from.arn }

// An ObjectFailure is why an object failed.
type ObjectFailure struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Kind   string `json:"kind"`
	Cause  string `json:"cause"`
}

// NewDesk is for the DLQ of one queue, its ARN, its name or "continuation", or
// for all of the deployment if queue is "".
func NewDesk(o Operator, queue string) (*Desk, error) {
	d := &Desk{Operator: o, logs: logs.New(o.Account, "/aws/lambda/"+o.FunctionName())}
	var names []string
	add := func(dlq, queueARN, name string, entry *config.Queue) error {
		names = append(names, name)
		if queue != "" && queue != queueARN && queue != name {
			return nil
		}
		i := slices.IndexFunc(d.dlqs, func(have *deadQueue) bool { return have.arn == dlq })
		if i >= 0 {
			d.dlqs[i].queues = append(d.dlqs[i].queues, queueARN)
			return nil
		}
		role, externalID := o.queueRole(entry)
		letters, err := o.Account.DeadLetters(dlq, role, externalID)
		d.dlqs = append(d.dlqs, &deadQueue{dlq, []string{queueARN}, entry, letters})
		return err
	}
	for _, q := range o.Polled() { // what watch passes on of a vendor's fails on the continuation queue
		if err := add(q.DLQ, q.ARN, q.Name(), &q); err != nil {
			return nil, err
		}
	}
	if err := add(o.ContinuationDLQ(), o.Continuation, continuationQueue, nil); err != nil {
		return nil, err
	}
	if len(d.dlqs) == 0 {
		return nil, fmt.Errorf("the deployment has no queue %q; there are %s", queue, strings.Join(names, ", "))
	}
	return d, nil
}

// Take receives messages of every DLQ, up to limit each, and hides them. What it
// gives must be given back or deleted, even if it fails. More tells that there
// were more of them than limit.
func (d *Desk) Take(ctx context.Context, limit int, hide time.Duration) (all []*DeadLetter, more bool, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var errs []error
	for _, q := range d.dlqs {
		wg.Go(func() {
			letters, full, err := q.take(ctx, limit, hide)
			mu.Lock()
			defer mu.Unlock()
			all, more = append(all, letters...), more || full
			errs = append(errs, err)
		})
	}
	wg.Wait()
	slices.SortFunc(all, func(a, b *DeadLetter) int { return a.Sent.Compare(b.Sent) })
	return all, more, errors.Join(errs...)
}

func (q *deadQueue) take(ctx context.Context, limit int, hide time.Duration) (all []*DeadLetter, more bool, err error) {
	seen := make(map[string]*DeadLetter)
	for {
		letters, err := q.letters.Receive(ctx, hide)
		if err != nil || len(letters) == 0 {
			return all, false, err
		}
		for _, l := range letters {
			if have := seen[l.ID]; have != nil {
				have.Letter = l // SQS delivered it twice, and the last receipt is the one that counts
				continue
			}
			seen[l.ID] = &DeadLetter{Letter: l, Kind: unknownKind, from: q}
			all = append(all, seen[l.ID])
		}
		if len(all) >= limit {
			visible, _, err := q.letters.Depth(ctx)
			return all, visible > 0, err
		}
	}
}

// GiveBack lets messages be received by others again. It goes on though ctx has
// ended: whoever is interrupted gives back too.
func (d *Desk) GiveBack(ctx context.Context, letters []*DeadLetter) error {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	var errs []error
	for q, theirs := range byQueue(letters) {
		errs = append(errs, q.letters.GiveBack(ctx, theirs))
	}
	return errors.Join(errs...)
}

// unhurried is for what must be done though ctx has ended.
func unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
}

func byQueue(letters []*DeadLetter) map[*deadQueue][]account.Letter {
	by := make(map[*deadQueue][]account.Letter)
	for _, l := range letters {
		by[l.from] = append(by[l.from], l.Letter)
	}
	return by
}

// A Pick says which dead letters are meant.
type Pick struct {
	Kinds []string // any if empty
	IDs   []string // any if empty; the beginning of one will do
}

// Of tells the letters that are picked from the others.
func (p Pick) Of(letters []*DeadLetter) (picked, others []*DeadLetter) {
	for _, l := range letters {
		kind := len(p.Kinds) == 0 || slices.Contains(p.Kinds, l.Kind)
		id := len(p.IDs) == 0 || slices.ContainsFunc(p.IDs, func(id string) bool { return id != "" && strings.HasPrefix(l.ID, id) })
		if kind && id {
			picked = append(picked, l)
		} else {
			others = append(others, l)
		}
	}
	return picked, others
}

// DeadKinds are the kinds that a Pick can name.
func DeadKinds() (kinds []string) {
	for _, k := range []delivery.Kind{
		delivery.Claimed, delivery.DevoUnavailable, delivery.DevoRefused, delivery.Unconfirmable, delivery.Unnotified, delivery.LedgerFailed,
		delivery.Unreachable, delivery.Throttled, delivery.Internal, delivery.Corrupt, delivery.NotFound, delivery.Denied, delivery.KMS, delivery.WrongRegion,
		delivery.Malformed, delivery.NoSource, delivery.NotAllowed, delivery.Archived, delivery.UnsupportedEncryption, delivery.TooLarge,
	} {
		kinds = append(kinds, string(k))
	}
	return append(kinds, unknownKind)
}
