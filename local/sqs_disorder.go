package local

import (
	"math/rand/v2"
	"time"
)

// Redeliver shows up to limit messages in flight again at once, as SQS may: a
// standard queue delivers at least once. It tells how many.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html
func (a *Account) Redeliver(queueARN string, limit int) (shown int) {
	a.sqs.disorder(queueARN, func(q *queue, now time.Time) {
		for _, m := range q.messages {
			if shown < limit && m.receives > 0 && m.visible.After(now) {
				m.visible = now
				shown++
			}
		}
	})
	return shown
}

// Shuffle puts a queue's messages in another order, which standard queues do
// not keep. It tells how many were waiting.
func (a *Account) Shuffle(queueARN string, r *rand.Rand) (waiting int) {
	a.sqs.disorder(queueARN, func(q *queue, now time.Time) {
		waiting, _, _ = q.counts(now)
		r.Shuffle(len(q.messages), func(i, j int) { q.messages[i], q.messages[j] = q.messages[j], q.messages[i] })
	})
	return waiting
}

// disorder changes a queue, if it is there.
func (s *sqsService) disorder(arn string, change func(*queue, time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if q, err := s.queue(arn, now); err == nil {
		change(q, now)
		q.wake()
	}
}
