package local

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// QueueOptions are the settings of a queue. Zero values are AWS's defaults.
type QueueOptions struct {
	Owner      string        // 12 digits
	Visibility time.Duration // whole seconds, as Retention
	Retention  time.Duration
	MaxReceive int    // receives before a message goes to DLQ
	DLQ        string // ARN; "" = messages are never given up
	Policy     string // JSON; kept, and not enforced
}

// A QueueState is what a queue holds at one moment of the account's clock.
type QueueState struct {
	Visible     int       // a receive would take it (or give it up to the DLQ) now
	InFlight    int       // received and hidden
	Delayed     int       // sent with a delay and not yet received
	NextVisible time.Time // when the first hidden message shows; zero if none is hidden
	Oldest      time.Time // when the oldest message was sent; zero if there is none
}

// A Message is one that a queue holds.
type Message struct {
	ID       string
	Body     string
	Receives int       // times it was received, in the queue that gave it up, too
	Sent     time.Time // a DLQ does not renew it
	Source   string    // ARN of the queue that gave it up; else ""
}

// CreateQueue makes a queue, in place of one of the same name, and tells its
// ARN. The owner is the account itself unless the options name another.
func (a *Account) CreateQueue(name string, o QueueOptions) (arn string) {
	o.Owner = cmp.Or(o.Owner, a.id)
	return a.sqs.create(name, o)
}

// QueueURL is the queue's URL at the account's endpoint.
func (a *Account) QueueURL(arn string) string {
	part := strings.Split(arn, ":")
	return a.Endpoint() + "/" + strings.Join(part[max(0, len(part)-2):], "/")
}

// QueueState tells what a queue holds now, and when that will change by
// itself. It is empty for a queue that is not there.
func (a *Account) QueueState(arn string) QueueState { return a.sqs.state(arn) }

// Messages are the contents of a queue, in order of arrival, hidden ones
// included.
func (a *Account) Messages(arn string) []Message { return a.sqs.contents(arn) }

// Send puts a message on a queue. An unknown queue is an error.
func (a *Account) Send(arn, body string) error { return a.sqs.deliver(arn, body) }

// create makes a queue, unchecked, in place of one of the same name.
func (s *sqsService) create(name string, o QueueOptions) (arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.newQueue(o.Owner, name, s.clock.Now())
	if o.Visibility > 0 {
		q.settings["VisibilityTimeout"] = strconv.Itoa(int(o.Visibility / time.Second))
	}
	if o.Retention > 0 {
		q.settings["MessageRetentionPeriod"] = strconv.Itoa(int(o.Retention / time.Second))
	}
	if o.DLQ != "" {
		q.settings["RedrivePolicy"] = `{"deadLetterTargetArn":"` + o.DLQ + `","maxReceiveCount":` + strconv.Itoa(o.MaxReceive) + `}`
		q.redrive = redrivePolicy{target: o.DLQ, maxReceives: o.MaxReceive}
	}
	if o.Policy != "" {
		q.settings["Policy"] = o.Policy
	}
	if old := s.queues[q.arn]; old != nil {
		defer old.wake()
	}
	s.queues[q.arn] = q
	return q.arn
}

// state of a queue that is not there is empty.
func (s *sqsService) state(arn string) (state QueueState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	q, err := s.queue(arn, now)
	if err != nil {
		return state
	}
	state.Visible, state.InFlight, state.Delayed = q.counts(now)
	state.NextVisible = q.nextVisible(now)
	for _, m := range q.messages {
		if state.Oldest.IsZero() || m.sent.Before(state.Oldest) {
			state.Oldest = m.sent
		}
	}
	return state
}

// contents are a queue's messages in order of arrival, hidden ones included.
func (s *sqsService) contents(arn string) (all []Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(arn, s.clock.Now())
	if err != nil {
		return nil
	}
	for _, m := range q.messages {
		all = append(all, Message{ID: m.id, Body: m.body, Receives: m.receives, Sent: m.sent, Source: m.source})
	}
	return all
}
