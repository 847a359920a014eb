package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A NotificationTo is one way by which a bucket tells of its objects.
type NotificationTo struct {
	Queue, Topic   string // ARN, one of them
	Events         []string
	Prefix, Suffix string
}

// Notifications are all the ways by which a bucket tells of its objects.
type Notifications struct {
	To          []NotificationTo
	EventBridge bool
}

// Notifications reads the bucket's.
func (b *Bucket) Notifications(ctx context.Context) (n Notifications, err error) {
	out, err := b.role.client(b.Regions[b.name]).GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{
		Bucket: &b.name, ExpectedBucketOwner: optional(b.Owners[b.name]),
	})
	if err != nil {
		return n, fmt.Errorf("read the notifications of bucket %s: %w", b.name, err)
	}
	add := func(queue, topic *string, events []types.Event, filter *types.NotificationConfigurationFilter) {
		to := NotificationTo{Queue: aws.ToString(queue), Topic: aws.ToString(topic)}
		for _, e := range events {
			to.Events = append(to.Events, string(e))
		}
		if filter != nil && filter.Key != nil {
			for _, rule := range filter.Key.FilterRules {
				if strings.EqualFold(string(rule.Name), "prefix") {
					to.Prefix = aws.ToString(rule.Value)
				} else {
					to.Suffix = aws.ToString(rule.Value)
				}
			}
		}
		n.To = append(n.To, to)
	}
	for _, q := range out.QueueConfigurations {
		add(q.QueueArn, nil, q.Events, q.Filter)
	}
	for _, t := range out.TopicConfigurations {
		add(nil, t.TopicArn, t.Events, t.Filter)
	}
	n.EventBridge = out.EventBridgeConfiguration != nil
	return n, nil
}

// Newest looks for a late object of which want is true. Log keys are dated, so
// it goes down the last folder first, and ends with the newest of the first page
// that has one: so many listings at most. false means that none was found.
func (b *Bucket) Newest(ctx context.Context, prefix string, listings int, want func(key string) bool) (newest Listed, found bool, err error) {
	folders := []string{prefix}
	for ; listings > 0 && len(folders) > 0 && !found; listings-- {
		last := folders[len(folders)-1]
		folders = folders[:len(folders)-1]
		for page, err := range b.current(ctx, last, "/", "") {
			if err != nil {
				return newest, false, err
			}
			slices.Sort(page.folders)
			folders = append(folders, page.folders...)
			for _, o := range page.objects {
				if want(o.Key) && (!found || o.Modified.After(newest.Modified)) {
					newest, found = o, true
				}
			}
			break
		}
	}
	return newest, found, nil
}
