package operate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/account/senders"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/operate/checkup"
)

// notification looks whether a bucket announces its objects, and whether what it
// announces reaches the queue.
func (d *Doctor) notification(ctx context.Context, q *config.Queue, b config.Bucket) checkup.Check {
	n, err := d.Account.Bucket(b.Name, access(q, b)).Notifications(ctx)
	if err != nil {
		c := checkup.Failed(checkup.Notification, b.Name, err, "")
		if c.Status == checkup.Unseen {
			c.Mend = fmt.Sprintf("the customer: aws s3api get-bucket-notification-configuration --bucket %s must have %s", b.Name, wanted(q))
		}
		return c
	}
	role, externalID := d.queueRole(q)
	between := senders.New(d.Account, role, externalID)
	var way []hop
	switch q.Delivery {
	case "sns":
		way = d.topics(ctx, between, n, q)
	case "eventbridge":
		way = d.rules(ctx, between, n, q, b)
	default:
		way = []hop{{to: q.ARN, status: checkup.OK}}
	}
	return d.announced(q, b, n, way)
}

// A hop is a place that a bucket can announce objects to, and what was seen of
// the way from there to the queue.
type hop struct {
	to     string // ARN of the queue or topic; "" is EventBridge
	status checkup.Status
	says   string   // what is wrong, or why it could not be seen
	keys   []string // of EventBridge: the sample keys that a rule sends on; of others all
}

// topics are the hops of a queue behind SNS: the topics that the bucket names.
func (d *Doctor) topics(ctx context.Context, between *senders.Senders, n account.Notifications, q *config.Queue) (way []hop) {
	seen := make(map[string]bool)
	for _, to := range n.To {
		if to.Topic == "" || seen[to.Topic] {
			continue
		}
		seen[to.Topic] = true
		found, s, err := between.Subscription(ctx, to.Topic, q.ARN)
		way = append(way, topic(to.Topic, q, found, s, err))
	}
	return way
}

// topic judges a queue's subscription to a topic.
func topic(arn string, q *config.Queue, found bool, s senders.Subscription, err error) hop {
	h := hop{to: arn, status: checkup.Wrong}
	switch {
	case err != nil && account.IsMissing(err):
		h.says = err.Error()
	case err != nil:
		h.status, h.says = checkup.Unseen, fmt.Sprintf("cannot see whether queue %s is subscribed to %s: aws sns list-subscriptions-by-topic --topic-arn %s shows it to the customer (%s)", q.Name(), arn, arn, err)
	case !found:
		h.says = fmt.Sprintf("queue %s is not subscribed to %s", q.Name(), arn)
	case s.Pending:
		h.says = fmt.Sprintf("the subscription of queue %s to %s is not confirmed", q.Name(), arn)
	case s.Filter != "" && s.Filter != "{}":
		h.says = fmt.Sprintf("subscription %s has a filter policy, and SNS deletes what it leaves out", s.ARN)
	default:
		h.status = checkup.OK
	}
	return h
}

// rules is the hop of a queue behind EventBridge. EventBridge itself says which
// keys its rules send on.
func (d *Doctor) rules(ctx context.Context, between *senders.Senders, n account.Notifications, q *config.Queue, b config.Bucket) []hop {
	if !n.EventBridge {
		return nil
	}
	h := hop{status: checkup.Wrong}
	rules, err := between.Rules(ctx, q.ARN)
	var off []string
	sent := make(map[string]bool) // by detail-type and key
	for _, r := range rules {
		if !r.Enabled {
			off = append(off, r.Name)
			continue
		}
		for _, key := range sampleKeys(b) {
			for _, detailType := range b.DetailTypes() {
				matches, e := between.Matches(ctx, r, q.ARN, detailType, b.Name, b.Region, key)
				err = cmp.Or(err, e)
				sent[detailType+key] = sent[detailType+key] || matches
			}
		}
	}
	h.keys = slices.DeleteFunc(sampleKeys(b), func(key string) bool {
		return slices.ContainsFunc(b.DetailTypes(), func(detailType string) bool { return !sent[detailType+key] })
	})
	switch {
	case err != nil:
		h.status, h.says = checkup.Unseen, fmt.Sprintf("cannot see whether a rule sends to queue %s: aws events list-rule-names-by-target --target-arn %s shows it to the customer (%s)", q.Name(), q.ARN, err)
	case len(h.keys) > 0 && b.Region != q.Region():
		h.status, h.says = checkup.Unseen, fmt.Sprintf("cannot see whether a rule in %s sends to the event bus in %s, of which a rule sends to queue %s", b.Region, q.Region(), q.Name())
	case len(h.keys) > 0:
		h.status = checkup.OK
	case len(off) > 0:
		h.says = "rule " + strings.Join(off, ", ") + " is disabled"
	default:
		h.says = fmt.Sprintf("of %d rules that send to queue %s none matches new objects of the bucket", len(rules), q.Name())
	}
	return []hop{h}
}

// announced judges whether every key of a bucket goes some good way.
func (d *Doctor) announced(q *config.Queue, b config.Bucket, n account.Notifications, way []hop) checkup.Check {
	c := checkup.Check{Name: checkup.Notification, Of: b.Name, Status: checkup.OK, Says: "tells " + wanted(q)}
	var says []string
	for _, h := range way {
		if h.status != checkup.OK {
			says = append(says, h.says)
		}
	}
	lacks := lacking(n, q, b, way, checkup.OK)
	if len(lacks) == 0 {
		return c
	}
	if len(lacking(n, q, b, way, checkup.OK, checkup.Unseen)) == 0 {
		c.Status, c.Says = checkup.Unseen, strings.Join(says, "; ")
		return c
	}
	c.Status = checkup.Wrong
	c.Says = "does not tell " + wanted(q) + " of new objects " + strings.Join(lacks, ", ") + ": nobody will hear of them"
	if len(says) > 0 {
		c.Says += " (" + strings.Join(says, "; ") + ")"
	}
	c.Mend = fmt.Sprintf("the customer: npx cdk deploy %s, or docs/customer-guide.md by hand (put-bucket-notification-configuration replaces all there is); "+
		"then collector audit --config %s --since TIME --send", d.CustomerStack(), d.File)
	return c
}

// wanted is what the bucket must tell.
func wanted(q *config.Queue) string {
	switch q.Delivery {
	case "sns":
		return "a topic that queue " + q.Name() + " is subscribed to"
	case "eventbridge":
		return "EventBridge, of which a rule sends to queue " + q.Name()
	}
	return "queue " + q.Name()
}

// sampleKeys are one key of the bucket for each prefix and suffix.
func sampleKeys(b config.Bucket) (keys []string) {
	for _, prefix := range orAny(b.Prefixes) {
		for _, suffix := range orAny(b.Suffixes) {
			keys = append(keys, prefix+"sample"+suffix)
		}
	}
	return keys
}

// lacking are the keys of which nothing is announced by a way of those statuses.
func lacking(n account.Notifications, q *config.Queue, b config.Bucket, way []hop, statuses ...checkup.Status) (lacks []string) {
	usable := func(to account.NotificationTo) bool {
		return slices.ContainsFunc(way, func(h hop) bool {
			return slices.Contains(statuses, h.status) && (h.to == to.Queue || h.to == to.Topic)
		})
	}
	keys := sampleKeys(b)
	for i, prefix := range orAny(b.Prefixes) {
		for j, suffix := range orAny(b.Suffixes) {
			told := slices.ContainsFunc(n.To, func(to account.NotificationTo) bool {
				return usable(to) && tells(to.Events, b) &&
					strings.HasPrefix(config.NotificationFilter(prefix), to.Prefix) && strings.HasSuffix(config.NotificationFilter(suffix), to.Suffix)
			})
			if q.Delivery == "eventbridge" {
				key := keys[i*len(orAny(b.Suffixes))+j]
				told = slices.ContainsFunc(way, func(h hop) bool {
					return slices.Contains(statuses, h.status) && (h.status == checkup.Unseen || slices.Contains(h.keys, key))
				})
			}
			if !told {
				lacks = append(lacks, prefix+"*"+suffix)
			}
		}
	}
	return lacks
}

// tells reports whether the events are all that the bucket has to tell of.
func tells(events []string, b config.Bucket) bool {
	for _, want := range b.Events() {
		kind, _, _ := strings.Cut(strings.TrimPrefix(want, "s3:"), ":")
		if !slices.Contains(events, want) && !slices.Contains(events, "s3:"+kind+":*") && !slices.Contains(events, "s3:*") {
			return false
		}
	}
	return true
}

func orAny(ends []string) []string {
	if len(ends) == 0 {
		return []string{""}
	}
	return ends
}
