package operate

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/events"
)

// A Backfill queues objects that are in a bucket already: from before the
// notification was, or from an outage.
type Backfill struct {
	Operator
	*chooser
	inventory *inventory // nil to list the bucket
}

// NewBackfill checks the choice. manifest is the URL of an S3 Inventory's
// manifest.json, by which the bucket is not listed, or "".
func NewBackfill(ctx context.Context, o Operator, choice Choice, manifest string) (*Backfill, error) {
	c, err := newChooser(o.Config, choice)
	if err != nil {
		return nil, err
	}
	b := &Backfill{Operator: o, chooser: c}
	if manifest != "" {
		b.inventory, err = b.readManifest(ctx, manifest)
	}
	return b, err
}

// A Count is a number of objects and their size in bytes, as stored.
type Count struct {
	Objects int64 `json:"objects"`
	Bytes   int64 `json:"bytes"`
}

func (c *Count) add(size int64) {
	c.Objects++
	c.Bytes += max(size, 0)
}

// counts are Counts by something.
type counts map[string]Count

func (c counts) add(by string, size int64) {
	n := c[by]
	n.add(size)
	c[by] = n
}

// A Plan is what a Backfill would queue.
type Plan struct {
	Choice
	Count
	Sources counts `json:"sources"`
	// Left are those within prefix and time that are not queued, by reason.
	Left counts `json:"left"`
	// First and Last are when the objects were modified.
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
	// Estimate is what they will take.
	Estimate Estimate `json:"estimate"`
	unpacked int64
}

// Plan looks at every object. seen is called now and then with how many there
// have been.
func (b *Backfill) Plan(ctx context.Context, rate float64, seen func(int64)) (*Plan, error) {
	p := &Plan{Choice: b.Choice, Sources: make(counts), Left: make(counts)}
	visit := func(o account.Listed) error {
		seen(1)
		if !b.meant(&o) {
			return nil
		}
		takers, left := b.choose(&o)
		if left != "" {
			p.Left.add(left, o.Size)
		}
		for _, t := range takers {
			p.add(t.source, &o)
		}
		return nil
	}
	err := b.walk(ctx, visit)
	p.Estimate = b.estimate(p, rate)
	return p, err
}

func (p *Plan) add(source string, o *account.Listed) {
	p.Count.add(o.Size)
	p.Sources.add(source, o.Size)
	p.unpacked += unpacked(o)
	if p.First.IsZero() || o.Modified.Before(p.First) {
		p.First = o.Modified
	}
	if o.Modified.After(p.Last) {
		p.Last = o.Modified
	}
}

// walk visits all objects, in no order.
func (b *Backfill) walk(ctx context.Context, visit func(account.Listed) error) error {
	if b.inventory == nil {
		return b.visit(ctx, b.bucket(), false, visit)
	}
	for o, err := range b.inventory.objects(ctx, "") {
		if err != nil {
			return err
		}
		if err := visit(o.Listed); err != nil {
			return err
		}
	}
	return nil
}

func (c *chooser) access() account.Access { return access(c.feeds[0].queue, c.feeds[0].bucket) }

func (b *Backfill) bucket() *account.Bucket { return b.Account.Bucket(b.Bucket, b.access()) }

// A placed object has the place from behind which a listing can go on.
type placed struct {
	account.Listed
	place string
}

// objects are in an order that stays the same, from behind a place on.
func (b *Backfill) objects(ctx context.Context, after string) iter.Seq2[placed, error] {
	if b.inventory != nil {
		return b.inventory.objects(ctx, after)
	}
	return func(yield func(placed, error) bool) {
		for _, prefix := range b.listed() {
			for o, err := range b.bucket().List(ctx, prefix, after) {
				if !yield(placed{o, o.Key}, err) || err != nil {
					return
				}
			}
		}
	}
}

// Send queues the objects from where s has got to, rate a second at most, and
// keeps s up to date. sent is called with how many more were queued. Cut short,
// some are queued again by the next Send, which the ledger makes up for.
func (b *Backfill) Send(ctx context.Context, s *State, rate float64, sent func(int64)) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, s.write())
		}
	}()
	q, p := b.Account.Queue(b.Continuation), &pace{rate: rate}
	var bodies []string
	flush := func(place string) error {
		if len(bodies) == 0 {
			return nil
		}
		if err := p.wait(ctx, len(bodies)); err != nil {
			return err
		}
		if err := q.Continue(ctx, bodies); err != nil {
			return err
		}
		sent(int64(len(bodies)))
		s.After, s.Sent = place, s.Sent+int64(len(bodies))
		bodies = bodies[:0]
		return s.save()
	}
	last := ""
	for o, err := range b.objects(ctx, s.After) {
		if err != nil {
			return err
		}
		if !b.meant(&o.Listed) {
			continue
		}
		takers, _ := b.choose(&o.Listed)
		for _, t := range takers {
			bodies, last = append(bodies, b.body(t.queue.ARN, &o.Listed, s)), o.place
		}
		// All of an object's are sent before its place is saved.
		if len(bodies) >= p.batch() {
			if err := flush(last); err != nil {
				return err
			}
		}
	}
	if err := flush(last); err != nil {
		return err
	}
	return s.finish()
}

func (b *Backfill) body(queueARN string, o *account.Listed, s *State) string {
	return continued(b.Bucket, o, events.Continued{
		Queue: queueARN, Source: b.Source, Generation: s.Generation, Origin: events.Origin{MessageID: s.origin()},
	})
}

// continued is the message for an object. It does not say when the object was
// created, because an old object is not late: its age would be an alarm.
func continued(bucket string, o *account.Listed, c events.Continued) string {
	return events.Continue(events.Object{Bucket: bucket, Key: o.Key, VersionID: o.Version, ETag: o.ETag, Size: o.Size}, c)
}
