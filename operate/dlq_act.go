package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/devo-s3/collector/account"
)

// movePause is the time between two looks at how far SQS's own redrive is.
const movePause = time.Second

// Count tells how many messages the DLQs have, roughly, hidden ones included. Its
// error has that of each DLQ which could not be asked, and is left out.
func (d *Desk) Count(ctx context.Context) (sum int64, err error) {
	for _, q := range d.dlqs {
		visible, hidden, fault := q.letters.Depth(ctx)
		sum, err = sum+visible+hidden, errors.Join(err, fault)
	}
	return sum, err
}

// RedriveAll has SQS move all messages of the DLQs back to the queues that gave
// them up, perSecond of each, 1 to 500. moved is called with what has been. A
// redrive that is under way already is waited for. A DLQ that fails does not keep
// it from the others, and the error has each one's. If ctx ends, so does the
// redrive: what was moved stays moved.
func (d *Desk) RedriveAll(ctx context.Context, perSecond int, moved func(int64)) (err error) {
	for _, q := range d.dlqs {
		if err = errors.Join(err, q.redrive(ctx, perSecond, moved)); ctx.Err() != nil {
			break
		}
	}
	return err
}

func (q *deadQueue) redrive(ctx context.Context, perSecond int, moved func(int64)) error {
	now, err := q.letters.LastMove(ctx)
	if err != nil {
		return err
	}
	if !now.Running {
		visible, _, err := q.letters.Depth(ctx)
		if err != nil || visible == 0 {
			return err
		}
		if err := q.letters.StartMove(ctx, perSecond); err != nil {
			return err
		}
	}
	told := int64(0)
	for {
		if now, err = q.letters.LastMove(ctx); err != nil {
			return err
		}
		moved(now.Moved - told)
		told = now.Moved
		switch {
		case now.Failure != "":
			return fmt.Errorf("redrive of %s ended as %s after %d messages: %s", q.arn, now.Status, now.Moved, now.Failure)
		case now.Cancelled:
			return fmt.Errorf("redrive of %s was cancelled by somebody else after %d messages, which are back in their queue", q.arn, now.Moved)
		case !now.Running:
			return nil
		}
		select {
		case <-ctx.Done():
			return q.cancel(ctx, now)
		case <-time.After(movePause):
		}
	}
}

// cancel ends a redrive because ctx did.
func (q *deadQueue) cancel(ctx context.Context, m account.Move) error {
	again, cancel := unhurried(ctx)
	defer cancel()
	err := q.letters.CancelMove(again, m)
	return fmt.Errorf("redrive of %s cut short after %d messages, which are back in their queue: %w", q.arn, m.Moved, errors.Join(context.Cause(ctx), err))
}

// Resend sends letters that were taken back to the queues that gave them up,
// and deletes them, perSecond of them; sent is called with how many more are. Cut
// short, at most one batch of ten is in both queues, which the ledger makes up
// for, but where the queue is direct. It gives the letters that are left.
func (d *Desk) Resend(ctx context.Context, letters []*DeadLetter, perSecond float64, sent func(int64)) (left []*DeadLetter, err error) {
	slices.SortStableFunc(letters, func(a, b *DeadLetter) int {
		return cmp.Or(cmp.Compare(a.DLQ(), b.DLQ()), cmp.Compare(a.home(), b.home()))
	})
	for _, l := range letters {
		if !slices.Contains(l.from.queues, l.home()) {
			return letters, fmt.Errorf("message %s of %s comes from queue %s, which is not in the deployment's file", l.ID, l.DLQ(), l.Source)
		}
	}
	p := &pace{rate: perSecond}
	for left = letters; len(left) > 0; {
		first, n := left[0], 1
		for n < min(len(left), p.batch()) && left[n].from == first.from && left[n].home() == first.home() {
			n++
		}
		if err := p.wait(ctx, n); err != nil {
			return left, err
		}
		if err := first.from.resend(ctx, first.home(), left[:n]); err != nil {
			return left, err
		}
		left = left[n:]
		sent(int64(n))
	}
	return nil, nil
}

// home is the ARN of the queue that gave the letter up.
func (l *DeadLetter) home() string { return cmp.Or(l.Source, l.from.queues[0]) }

func (q *deadQueue) resend(ctx context.Context, to string, batch []*DeadLetter) error {
	var bodies []string
	for _, l := range batch {
		bodies = append(bodies, l.Body)
	}
	if err := q.letters.Send(ctx, to, bodies); err != nil {
		return err
	}
	// What was sent must go, interrupted or not: a direct queue's message is
	// another once it was sent again, and no ledger knows that it is the same.
	ctx, cancel := unhurried(ctx)
	defer cancel()
	return q.letters.Delete(ctx, byQueue(batch)[q])
}

// Drop deletes letters that were taken, for good. A DLQ that fails does not keep
// it from the others; left are its letters, some of which may be gone.
func (d *Desk) Drop(ctx context.Context, letters []*DeadLetter) (left []*DeadLetter, err error) {
	for q, theirs := range byQueue(letters) {
		if fault := q.letters.Delete(ctx, theirs); fault != nil {
			err = errors.Join(err, fault)
			left = append(left, slices.DeleteFunc(slices.Clone(letters), func(l *DeadLetter) bool { return l.from != q })...)
		}
	}
	return left, err
}
