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
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
)

const (
	lookAtOnce = 100 // objects in one look into the ledger
	lookers    = 8   // looks side by side
	// shownObjects is how many objects a report has that is not to list all.
	shownObjects = 20
)

// neverSeen is the Standing of an object that the ledger does not know.
const neverSeen account.Standing = "never seen"

// An Audit compares buckets with the ledger.
type Audit struct {
	Operator
	Choice      // its Bucket may be ""
	List   bool // reports name every object
	// Send queues what is missing, Rate a second at most.
	Send bool
	Rate float64
	// Seen is called with how many more objects were listed.
	Seen func(int64)
}

// An AuditReport is what an Audit found in a bucket. Its Count is of the objects
// that ought to have been delivered.
type AuditReport struct {
	Choice
	Count
	// Standings are those objects by what the ledger says of them.
	Standings map[account.Standing]Count `json:"standings"`
	// Folders are the missing ones, by their key up to its last /.
	Folders counts `json:"folders"`
	// Left are objects that are not to be collected, by reason.
	Left counts `json:"left"`
	// Missing names missing objects: 20 of them at most, unless all are listed.
	Missing []MissingObject `json:"missing"`
	// Sent is how many were queued.
	Sent int64 `json:"sent"`
	// Incomplete is why the bucket was not gone through to its end, "" if it was:
	// all else is then of what was seen until that.
	Incomplete string `json:"incomplete,omitempty"`
}

// A MissingObject is one that the ledger has never seen, or not finished.
type MissingObject struct {
	Key      string           `json:"key"`
	Version  string           `json:"version,omitempty"`
	Size     int64            `json:"size"`
	Modified time.Time        `json:"modified"`
	Standing account.Standing `json:"standing"`
}

// Lost counts the missing objects: never seen, or unfinished and in nobody's
// hands.
func (r *AuditReport) Lost() Count {
	a, b := r.Standings[neverSeen], r.Standings[account.Unfinished]
	return Count{a.Objects + b.Objects, a.Bytes + b.Bytes}
}

// Run audits the buckets; one that fails does not keep it from the others, and
// its report is there too, Incomplete. Objects since Since are compared; it must not be longer ago than the ledger
// remembers.
func (a *Audit) Run(ctx context.Context, now time.Time) (reports []*AuditReport, err error) {
	switch {
	case a.Ledger.Table == "":
		return nil, errors.New("the deployment has no ledger to compare with: ledger.kind is none")
	case now.Sub(a.Since) > a.Ledger.Keep:
		return nil, fmt.Errorf("the ledger remembers %s (ledger.keep), and --since is longer ago; what is older can only be sent again, by `collector backfill`", rough(a.Ledger.Keep))
	}
	buckets := bucketsOf(a.Config, a.Choice)
	if len(buckets) == 0 {
		return nil, fmt.Errorf("the deployment has no bucket to compare: none of queue %q with source %q (\"\" is any)", a.Queue, a.Source)
	}
	for _, bucket := range buckets {
		choice := a.Choice
		choice.Bucket = bucket
		c, fault := newChooser(a.Config, choice)
		if fault != nil {
			return reports, errors.Join(err, fault)
		}
		r, fault := a.bucket(ctx, c)
		if fault != nil {
			r.Incomplete = fault.Error()
			err = errors.Join(err, fmt.Errorf("audit bucket %s: %w", bucket, fault))
		}
		reports = append(reports, r)
	}
	return reports, err
}

// bucketsOf are those of the choice, each once.
func bucketsOf(c *config.Config, choice Choice) (names []string) {
	if choice.Bucket != "" {
		return []string{choice.Bucket}
	}
	seen := make(map[string]bool)
	for i := range c.Queues {
		q := &c.Queues[i]
		if !choice.queue(q) || choice.Source != "" && !slices.Contains(taking(q.Sources), choice.Source) {
			continue
		}
		for _, b := range q.Buckets {
			if !seen[b.Name] {
				seen[b.Name] = true
				names = append(names, b.Name)
			}
		}
	}
	return names
}

// An auditing is an Audit of one bucket on its way.
type auditing struct {
	*Audit
	*chooser
	entries *account.Entries
	queue   delivery.Queue
	pace    pace

	mu     sync.Mutex
	report *AuditReport
	bodies []string
}

// An expected object is one that a queue's source takes.
type expected struct {
	account.Listed
	queue string // ARN
}

// bucket audits one. The report is of what was seen, if there is an error.
func (a *Audit) bucket(ctx context.Context, c *chooser) (*AuditReport, error) {
	w := &auditing{
		Audit: a, chooser: c, entries: a.Account.Entries(a.Ledger.Table), queue: a.Account.Queue(a.Continuation), pace: pace{rate: a.Rate},
		report: &AuditReport{
			Choice: c.Choice, Standings: make(map[account.Standing]Count), Folders: make(counts), Left: make(counts), Missing: []MissingObject{},
		},
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := make(chan []expected)
	var wg sync.WaitGroup
	for range lookers {
		wg.Go(func() {
			for batch := range batches {
				if err := w.look(ctx, batch); err != nil {
					cancel(err)
				}
			}
		})
	}
	err := w.list(ctx, batches)
	close(batches)
	wg.Wait()
	switch cause := context.Cause(ctx); {
	case cause != nil: // of which the listing's own error is but a consequence
		return w.report, cause
	case err != nil:
		return w.report, err
	}
	return w.report, w.flush(ctx)
}

// list hands over what ought to have been delivered.
func (w *auditing) list(ctx context.Context, batches chan<- []expected) error {
	var batch []expected
	err := w.visit(ctx, w.Account.Bucket(w.chooser.Bucket, w.access()), true, func(o account.Listed) error {
		w.Seen(1)
		if !w.meant(&o) {
			return nil
		}
		takers, left := w.choose(&o)
		if left != "" {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.report.Left.add(left, o.Size)
			return nil
		}
		for _, t := range takers {
			batch = append(batch, expected{o, t.queue.ARN})
		}
		if len(batch) >= lookAtOnce {
			batches <- batch
			batch = nil
		}
		return nil
	})
	if len(batch) > 0 {
		batches <- batch
	}
	return err
}

// look asks the ledger for a batch.
func (w *auditing) look(ctx context.Context, batch []expected) error {
	ids := make([]delivery.Identity, len(batch))
	for i, o := range batch {
		ids[i] = w.identity(&o.Listed, o.queue)
	}
	known, err := w.entries.Look(ctx, ids)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range batch {
		if err := w.found(ctx, &batch[i], known[ids[i]]); err != nil {
			return err
		}
	}
	return nil
}

// found books an object. Under w.mu.
func (w *auditing) found(ctx context.Context, o *expected, s account.Standing) error {
	if s == "" {
		s = neverSeen
	}
	w.report.add(o.Size)
	n := w.report.Standings[s]
	n.add(o.Size)
	w.report.Standings[s] = n
	if s != neverSeen && s != account.Unfinished {
		return nil
	}
	w.report.Folders.add(o.Key[:strings.LastIndexByte(o.Key, '/')+1], o.Size)
	if w.List || len(w.report.Missing) < shownObjects {
		w.report.Missing = append(w.report.Missing, MissingObject{o.Key, o.Version, o.Size, o.Modified, s})
	}
	if !w.Send {
		return nil
	}
	w.bodies = append(w.bodies, continued(w.chooser.Bucket, &o.Listed, events.Continued{Queue: o.queue, Source: w.chooser.Source, Origin: events.Origin{MessageID: "audit"}}))
	if len(w.bodies) == w.pace.batch() {
		return w.flush(ctx)
	}
	return nil
}

// flush queues what is gathered. Under w.mu, or alone.
func (w *auditing) flush(ctx context.Context) error {
	if len(w.bodies) == 0 {
		return nil
	}
	if err := w.pace.wait(ctx, len(w.bodies)); err != nil {
		return err
	}
	if err := w.queue.Continue(ctx, w.bodies); err != nil {
		return err
	}
	w.report.Sent += int64(len(w.bodies))
	w.bodies = w.bodies[:0]
	return nil
}
