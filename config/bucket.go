package config

import (
	"fmt"
	"strings"
)

func (r *reader) checkBuckets(q *Queue, path string, c *Config) {
	r.atLeastOne(path+".buckets", len(q.Buckets), "write at least one bucket, as - name: NAME")
	listed := make(map[string]bool)
	for i := range q.Buckets {
		b, path := &q.Buckets[i], fmt.Sprintf("%s.buckets[%d]", path, i)
		if r.unread[path] {
			continue
		}
		r.checkBucket(b, path)
		if q.Vendor() {
			r.checkVendorBucket(path)
		} else {
			r.checkMaking(b, path, q, c)
			r.checkPlace(b, path, q, c)
		}
		if listed[b.Name] {
			r.wrongAt(path+".name", "bucket %s is listed twice in this queue; leave one out", b.Name)
		}
		listed[b.Name] = b.Name != ""
	}
}

func (r *reader) checkBucket(b *Bucket, path string) {
	r.required(path+".name", b.Name)
	r.valid(path+".name", checkBucketName(b.Name, b.Makes("bucket")))
	r.optional(path+".owner", b.Owner)
	r.optional(path+".region", b.Region)
	r.optional(path+".kms_key", b.KMSKey)
	r.checkMake(path, b.Make)
	r.checkEnds(path+".prefixes", b.Prefixes, strings.HasPrefix)
	r.checkEnds(path+".suffixes", b.Suffixes, strings.HasSuffix)
}

// checkEnds checks prefixes or suffixes of keys: S3 refuses notifications for
// one that another has within.
func (r *reader) checkEnds(path string, ends []string, within func(string, string) bool) {
	if r.has(path) {
		r.atLeastOne(path, len(ends), "leave it out for all keys")
	}
	for i, end := range ends {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.required(at, end)
		for j, other := range ends {
			if i != j && other != "" && within(end, other) && (end != other || i > j) {
				r.wrongAt(at, "%q has all these keys already; leave this one out", other)
				break
			}
		}
	}
}

// checkMaking checks what the stack makes.
func (r *reader) checkMaking(b *Bucket, path string, q *Queue, c *Config) {
	if !b.Makes("bucket") {
		if b.Makes("trail") {
			r.wrongAt(path+".make", "a trail needs a bucket that is made with it, since one that is there remains untouched; write [bucket, trail]")
		}
		return
	}
	if account := q.CustomerAccount(); r.has(path+".owner") && account != "" && b.Owner != account {
		r.wrongAt(path+".owner", "the stack makes the bucket in account %s; leave owner or make out", account)
	}
	if r.has(path+".region") && regionName.MatchString(c.Region) && b.Region != c.Region {
		r.wrongAt(path+".region", "the stack makes the bucket in %s; leave region or make out", c.Region)
	}
}

// checkPlace checks that the bucket's region can reach the queue's.
func (r *reader) checkPlace(b *Bucket, path string, q *Queue, c *Config) {
	if key := arn(b.KMSKey); keyARN.MatchString(b.KMSKey) && regionName.MatchString(b.Region) && key.Region != b.Region {
		r.wrongAt(path+".kms_key", "the key is in %s, the bucket in %s; write the key of the bucket's region", key.Region, b.Region)
	}
	if !regionName.MatchString(c.Region) || !regionName.MatchString(b.Region) || b.Region == c.Region || b.Makes("bucket") {
		return
	}
	switch {
	case Partition(b.Region) != c.Partition():
		r.wrongAt(path+".region", "%s and %s are in different parts of AWS, %s and %s, between which nothing is delivered; use a deployment of its own",
			b.Region, c.Region, Partition(b.Region), c.Partition())
	case q.Delivery == "s3":
		r.wrongAt(path+".region", "S3 tells only queues of its own region, and the queue is in %s; write delivery: sns or delivery: eventbridge", c.Region)
	case q.Delivery == "sns" && !SNSDelivers(b.Region, c.Region):
		r.wrongAt(path+".region", "SNS does not deliver from one opt-in region, %s, to another, %s; write delivery: eventbridge, or make a deployment in %s", b.Region, c.Region, b.Region)
	case q.Delivery == "eventbridge" && c.Partition() != "aws": // https://aws.amazon.com/blogs/compute/expanding-cross-region-event-routing-with-amazon-eventbridge/
		r.wrongAt(path+".region", "EventBridge delivers to no other region in %s; write delivery: sns", c.Partition())
	}
}

// checkOverlaps finds buckets that queues cannot share.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
func (r *reader) checkOverlaps(queues []Queue) {
	type listing struct {
		queue  *Queue
		bucket Bucket
	}
	above := make(map[string][]listing)
	for i := range queues {
		q := &queues[i]
		if q.Direct() || q.Vendor() {
			continue
		}
		for j, b := range q.Buckets {
			for _, other := range above[b.Name] {
				if q.ARN != other.queue.ARN && r.checkShared(fmt.Sprintf("queues[%d].buckets[%d]", i, j), q, b, other.queue, other.bucket) {
					break
				}
			}
		}
		for _, b := range q.Buckets {
			if b.Name != "" {
				above[b.Name] = append(above[b.Name], listing{q, b})
			}
		}
	}
}

// checkShared checks a bucket that another queue above has too, and tells
// whether it found a mistake.
func (r *reader) checkShared(path string, q *Queue, b Bucket, above *Queue, other Bucket) bool {
	switch {
	case b.Owner != other.Owner:
		r.wrongAt(path+".owner", "bucket %s belongs to %s above; a bucket has one owner", b.Name, other.Owner)
	case b.Region != other.Region:
		r.wrongAt(path+".region", "bucket %s is in %s above; a bucket has one region", b.Name, other.Region)
	case b.Makes("bucket") && other.Makes("bucket"):
		r.wrongAt(path+".make", "bucket %s is made above; leave this out", b.Name)
	case excludes(q, b, above, other):
		r.wrongAt(path+".name", "S3 tells one queue of a key, and another queue above has some of these; "+
			"write delivery: sns in both, or delivery: eventbridge, or prefixes and suffixes that exclude each other")
	default:
		return false
	}
	return true
}

// excludes reports whether S3 cannot announce a bucket's keys to both of two
// queues: one notification of its own at least, and keys in common.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
func excludes(a *Queue, ofA Bucket, b *Queue, ofB Bucket) bool {
	if a.Delivery == "eventbridge" || b.Delivery == "eventbridge" || a.Delivery == "sns" && b.Delivery == "sns" {
		return false
	}
	return overlap(ofA.Prefixes, ofB.Prefixes, strings.HasPrefix) && overlap(ofA.Suffixes, ofB.Suffixes, strings.HasSuffix)
}

// overlap tells whether a key may have one of each; none stands for all keys.
func overlap(a, b []string, within func(string, string) bool) bool {
	for _, x := range orAll(a) {
		for _, y := range orAll(b) {
			if within(x, y) || within(y, x) {
				return true
			}
		}
	}
	return false
}

func orAll(ends []string) []string {
	if len(ends) == 0 {
		return []string{""}
	}
	return ends
}
