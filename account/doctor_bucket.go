package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
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

// HasACLs reports whether the bucket has ACLs: a bucket that says nothing of it is
// of before April 2023, and has.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
func (b *Bucket) HasACLs(ctx context.Context) (bool, error) {
	out, err := b.role.client(b.Regions[b.name]).GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{
		Bucket: &b.name, ExpectedBucketOwner: optional(b.Owners[b.name]),
	})
	if hasCode(err, "OwnershipControlsNotFoundError") {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the object ownership of bucket %s: %w", b.name, err)
	}
	return !slices.ContainsFunc(out.OwnershipControls.Rules, func(r types.OwnershipControlsRule) bool {
		return r.ObjectOwnership == types.ObjectOwnershipBucketOwnerEnforced
	}), nil
}

// DefaultEncryption is how the bucket encrypts what names no encryption: AES256,
// aws:kms or aws:kms:dsse.
func (b *Bucket) DefaultEncryption(ctx context.Context) (string, error) {
	out, err := b.role.client(b.Regions[b.name]).GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{
		Bucket: &b.name, ExpectedBucketOwner: optional(b.Owners[b.name]),
	})
	if err != nil {
		return "", fmt.Errorf("read the default encryption of bucket %s: %w", b.name, err)
	}
	for _, r := range out.ServerSideEncryptionConfiguration.Rules {
		if d := r.ApplyServerSideEncryptionByDefault; d != nil {
			return string(d.SSEAlgorithm), nil
		}
	}
	return string(types.ServerSideEncryptionAes256), nil // S3's own since January 2023
}

// hasCode reports whether AWS answered with an error of that code.
func hasCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
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
