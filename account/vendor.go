package account

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/watch"
)

// keysLife is how long a vendor's keys are used before the secret is read
// again: vendors have them replaced, and the old ones may end at once.
const keysLife = 5 * time.Minute

// vendorKeys are the keys in a secret: a JSON object with access_key_id and
// secret_access_key. No error shows any of it.
func (a *Account) vendorKeys(secret string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		value, err := a.Secret(ctx, secret)
		if err != nil {
			return aws.Credentials{}, delivery.Fail(secretKind(err), "%w", err)
		}
		var keys struct {
			ID     string `json:"access_key_id"`
			Secret string `json:"secret_access_key"`
		}
		if json.Unmarshal(value, &keys) != nil || keys.ID == "" || keys.Secret == "" {
			return aws.Credentials{}, delivery.Fail(delivery.Denied, "secret %s is no JSON object with access_key_id and secret_access_key", secret)
		}
		return aws.Credentials{
			AccessKeyID: keys.ID, SecretAccessKey: keys.Secret, Source: "secret " + secret,
			CanExpire: true, Expires: time.Now().Add(keysLife + renewal),
		}, nil
	})
}

// vendorQueue is polled as people poll a DLQ: by hand.
type vendorQueue struct {
	letters *DeadLetters
	hide    time.Duration
}

// VendorQueue is the queue with that ARN, of any region, opened with the keys in
// a secret. What is received is hidden for so long, in whole seconds.
func (a *Account) VendorQueue(queueARN, keys string, hide time.Duration) (watch.VendorQueue, error) {
	url, err := queueURL(queueARN)
	if err != nil {
		return nil, err
	}
	at, _ := arn.Parse(queueARN) // queueURL has looked
	client := sqs.NewFromConfig(a.role(roleID{keys: keys}).config, func(o *sqs.Options) { o.Region = at.Region })
	return vendorQueue{&DeadLetters{client, queueARN, url}, hide}, nil
}

// Receive implements watch.VendorQueue.
func (q vendorQueue) Receive(ctx context.Context) (messages []watch.VendorMessage, err error) {
	letters, err := q.letters.Receive(ctx, q.hide)
	for _, l := range letters {
		messages = append(messages, watch.VendorMessage{ID: l.ID, Receipt: l.Receipt, Body: l.Body})
	}
	return messages, err
}

// Delete implements watch.VendorQueue.
func (q vendorQueue) Delete(ctx context.Context, messages []watch.VendorMessage) error {
	var letters []Letter
	for _, m := range messages {
		letters = append(letters, Letter{Receipt: m.Receipt})
	}
	return q.letters.Delete(ctx, letters)
}

type vendorBucket struct {
	*Bucket
	prefix string
}

// VendorBucket is what a bucket has below a prefix, "" or one that ends in a
// slash, listed as x says.
func (a *Account) VendorBucket(name, prefix string, x Access) watch.VendorBucket {
	return vendorBucket{a.Bucket(name, x), prefix}
}

// Folders implements watch.VendorBucket.
func (b vendorBucket) Folders(ctx context.Context) (all []string, err error) {
	loose := false
	for page, err := range b.current(ctx, b.prefix, "/", "") {
		if err != nil {
			return nil, err
		}
		all = append(all, page.folders...)
		loose = loose || len(page.objects) > 0
	}
	if loose {
		all = append(all, b.prefix)
	}
	return all, nil
}

// List implements watch.VendorBucket.
func (b vendorBucket) List(ctx context.Context, folder, after string) iter.Seq2[events.Object, error] {
	delimiter := ""
	if folder == b.prefix {
		delimiter = "/"
	}
	return func(yield func(events.Object, error) bool) {
		for page, err := range b.current(ctx, folder, delimiter, after) {
			if err != nil {
				yield(events.Object{}, err)
				return
			}
			for _, o := range page.objects {
				if !yield(events.Object{Bucket: b.name, Key: o.Key, ETag: o.ETag, Size: o.Size, EventTime: o.Modified}, nil) {
					return
				}
			}
		}
	}
}
