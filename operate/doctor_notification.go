package operate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/operate/checkup"
)

// notification looks whether a bucket tells of its objects.
func (d *Doctor) notification(ctx context.Context, q *config.Queue, b config.Bucket) checkup.Check {
	c := checkup.Check{Name: checkup.Notification, Of: b.Name, Status: checkup.OK}
	n, err := d.Account.Bucket(b.Name, access(q, b)).Notifications(ctx)
	if err != nil {
		c = checkup.Failed(checkup.Notification, b.Name, err, "")
		if c.Status == checkup.Unseen {
			c.Mend = fmt.Sprintf("the customer: aws s3api get-bucket-notification-configuration --bucket %s must have %s", b.Name, wanted(q))
		}
		return c
	}
	c.Says = "tells " + wanted(q)
	lacks := lacking(n, q, b)
	if len(lacks) == 0 {
		return c
	}
	c.Status = checkup.Wrong
	c.Says = "does not tell " + wanted(q) + " of new objects " + strings.Join(lacks, ", ") + ": nobody will hear of them"
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

// lacking are the keys of which nothing is told.
func lacking(n account.Notifications, q *config.Queue, b config.Bucket) (lacks []string) {
	if q.Delivery == "eventbridge" {
		if !n.EventBridge {
			lacks = []string{"at all"}
		}
		return lacks
	}
	for _, prefix := range orAny(b.Prefixes) {
		for _, suffix := range orAny(b.Suffixes) {
			told := slices.ContainsFunc(n.To, func(to account.NotificationTo) bool {
				right := to.Queue == q.ARN || q.Delivery == "sns" && to.Topic != ""
				return right && slices.ContainsFunc(to.Events, creates) &&
					strings.HasPrefix(config.NotificationFilter(prefix), to.Prefix) && strings.HasSuffix(config.NotificationFilter(suffix), to.Suffix)
			})
			if !told {
				lacks = append(lacks, prefix+"*"+suffix)
			}
		}
	}
	return lacks
}

// creates tells whether it is an event of whole new objects, or of every kind.
func creates(event string) bool {
	return event == "s3:ObjectCreated:*" || event == "s3:*"
}

func orAny(ends []string) []string {
	if len(ends) == 0 {
		return []string{""}
	}
	return ends
}
