package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rclone/gofakes3"
)

// The ways from a bucket to a queue.
const (
	ViaSQS         = "sqs"         // straight
	ViaSNS         = "sns"         // wrapped in SNS's envelope
	ViaSNSRaw      = "sns-raw"     // by SNS, raw message delivery on
	ViaEventBridge = "eventbridge" // by a rule on the default bus
)

// A Notification is a bucket's event notification, with whatever lies between
// bucket and queue.
type Notification struct {
	Queue  string   // ARN of the queue where it ends
	Via    string   // ViaSQS when empty
	Topic  string   // ARN of the topic, for the ways by SNS; made up when empty
	Prefix string   // of the object's key, URL-encoded
	Suffix string   // of the object's key, URL-encoded
	Events []string // s3:ObjectCreated:* when empty; * matches anything
	// Off is a rule that is disabled, or a subscription that is not confirmed.
	Off bool
	// Filter is the filter policy of the queue's subscription. S3's messages have no
	// attributes, so none passes.
	Filter string
	// Pattern is that of the rule; all that Events takes when empty.
	Pattern string
	// Version is the event's version where S3 writes the event: "2.5" when
	// empty. From 2.5 on the event carries awsGeneratedTags.
	Version string
}

// Notify adds n to the bucket's notifications. As S3 does, it sends an
// s3:TestEvent at once, except by EventBridge; an unknown queue is an error.
func (a *Account) Notify(bucket string, n Notification) error {
	b := a.s3.store.bucket(bucket)
	if b == nil {
		return fmt.Errorf("notify for %s: %w", bucket, gofakes3.BucketNotFound(bucket))
	}
	n.Via, n.Version = cmp.Or(n.Via, ViaSQS), cmp.Or(n.Version, "2.5")
	n.Topic = cmp.Or(n.Topic, "arn:aws:sns:"+b.region+":"+b.owner+":"+bucket+"-events")
	if len(n.Events) == 0 {
		n.Events = []string{"s3:ObjectCreated:*"}
	}
	if n.Via != ViaEventBridge && n.open() {
		if err := a.sqs.deliver(n.Queue, n.carried(testEvent(b, a.clock.Now()), a.clock.Now())); err != nil {
			return fmt.Errorf("notify for %s: %w", bucket, err)
		}
	}
	a.s3.store.mu.Lock()
	defer a.s3.store.mu.Unlock()
	b.notifications, b.ways = append(b.notifications, n), append(b.ways, n)
	return nil
}

// Renotify announces the current version of the object once more, with the
// same sequencer: S3 delivers at least once.
func (a *Account) Renotify(bucket, key string) error {
	o := a.s3.store.look(bucket, key, "")
	if o == nil {
		return fmt.Errorf("renotify s3://%s/%s: %w", bucket, key, gofakes3.KeyNotFound(key))
	}
	return a.s3.announce(a.s3.store.bucket(bucket), o)
}

// PutAtOnce puts two bodies under one key as two writes of the same instant may be: there
// is one notification for both. It tells of the first; stays is what the key then
// holds, and in a bucket with versions the newer of two. Nothing else tells of that.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
func (a *Account) PutAtOnce(bucket, key string, first, stays []byte) error {
	b, told, err := a.s3.store.store(context.Background(), bucket, key, nil, first)
	if err == nil {
		_, _, err = a.s3.store.store(context.Background(), bucket, key, nil, stays)
	}
	if err == nil {
		err = a.s3.announce(b, told)
	}
	if err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// announce tells every queue that the bucket's notifications choose of o,
// which was put or removed.
func (s *s3Service) announce(b *s3Bucket, o *s3Object) error {
	s.store.mu.RLock()
	notifications := b.notifications
	s.store.mu.RUnlock()
	var failed []error
	for i, n := range notifications {
		if !n.wants(o) {
			continue
		}
		body := n.carried(s3Event(b, o, n.Version, fmt.Sprintf("notification-%d", i)), o.modified)
		if n.Via == ViaEventBridge {
			body = eventBridgeEvent(b, o)
			if n.Pattern != "" {
				matches, err := patternMatches(n.Pattern, body)
				failed = append(failed, err)
				if !matches {
					continue
				}
			}
		}
		failed = append(failed, s.account.sqs.deliver(n.Queue, body))
	}
	return errors.Join(failed...)
}

// wants compares filters with the key as the notification has it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
func (n Notification) wants(o *s3Object) bool {
	key := encodedKey(o.key)
	return n.open() && strings.HasPrefix(key, n.Prefix) && strings.HasSuffix(key, n.Suffix) &&
		slices.ContainsFunc(n.Events, func(pattern string) bool { return like(pattern, "s3:"+o.origin.event) })
}

// open reports whether what lies between bucket and queue passes messages on.
func (n Notification) open() bool { return !n.Off && n.Filter == "" }

// carried is S3's message as it comes out at the queue's end.
func (n Notification) carried(message string, at time.Time) string {
	if n.Via == ViaSNS {
		return snsEnvelope(n.Topic, message, at)
	}
	return message
}
