package config

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// listing is the kind of a vendor's bucket that no queue tells of.
const listing = "listing"

// vendorVisibility is what CrowdStrike's customers are advised to ask of its
// queue. What could not be deleted after it was passed on comes back so late
// that its objects are finished.
const vendorVisibility = 30 * time.Minute

// ours are the keys of a queue that say how Lambda polls it and what the stacks
// make for it.
var ours = []string{
	"role_arn", "external_id", "operator_arn", "make", "dlq", "delivery", "encryption", "batch_size", "batch_window", "concurrency", "was",
}

// checkVendor checks what is opened with a vendor's keys: a queue of any account
// and region, or a bucket without one.
func (r *reader) checkVendor(q *Queue, path string, c *Config) {
	r.required(path+".keys", q.Keys)
	if q.Keys != "" && q.Keys == c.Devo.Secret {
		r.wrongAt(path+".keys", "%s has the key pair for Devo; write another secret", q.Keys)
	}
	for _, key := range ours {
		if r.has(path + "." + key) {
			r.wrongAt(path+"."+key, "watch, not Lambda, polls what has keys, and no stack makes anything for it; leave %s out", key)
		}
	}
	if !r.has(path + ".kind") {
		q.Kind = "notifications"
	}
	r.oneOf(path+".kind", q.Kind)
	switch q.Kind {
	case direct:
		r.wrongAt(path+".kind", "what watch passes on must name objects; leave kind out")
	case listing:
		r.checkListing(q, path, c)
	default:
		r.checkVendorQueue(q, path, c)
	}
	r.checkBuckets(q, path, c)
	r.atLeastOne(path+".sources", len(q.Sources), "write at least one service or source of the customer's own")
}

func (r *reader) checkVendorQueue(q *Queue, path string, c *Config) {
	r.checkARN(&q.ARN, path)
	if q.InDevo(c) {
		r.wrongAt(path+".keys", "the queue is in the function's own account, where no keys are needed; leave them out")
	}
	if !r.has(path + ".visibility") {
		q.Visibility = vendorVisibility
	}
	r.seconds(path+".visibility", q.Visibility, time.Minute, maxVisibility)
	for i := range q.Buckets {
		q.Buckets[i].Region = cmp.Or(q.Buckets[i].Region, q.Region(), c.Region)
	}
}

func (r *reader) checkListing(q *Queue, path string, c *Config) {
	for _, key := range []string{"arn", "visibility"} {
		if r.has(path + "." + key) {
			r.wrongAt(path+"."+key, "a listing has no queue; leave %s out", key)
		}
	}
	if c.Ledger.Kind == "none" {
		r.wrongAt(path+".kind", "how far a bucket was listed is kept in the ledger's table; write ledger kind dynamodb")
	}
	for i := range q.Buckets {
		b, path := &q.Buckets[i], fmt.Sprintf("%s.buckets[%d]", path, i)
		b.Region = cmp.Or(b.Region, c.Region)
		q.ARN = cmp.Or(q.ARN, strings.TrimSuffix(b.ARN()+"/"+b.ListedPrefix(), "/"))
		switch {
		case i > 0:
			r.wrongAt(path, "a listing has one bucket; make another entry of the queues for this one")
		case len(b.Prefixes) > 1:
			r.wrongAt(path+".prefixes[1]", "a listing has one prefix; make another entry of the queues for this one")
		case len(b.Prefixes) == 1 && !strings.HasSuffix(b.Prefixes[0], "/"):
			r.wrongAt(path+".prefixes[0]", "what is listed are the folders below it; write a slash behind it")
		}
	}
}

// checkVendorBucket checks what of a vendor's bucket is not the customer's to
// say.
func (r *reader) checkVendorBucket(path string) {
	for _, key := range []string{"make", "suffixes", "kms_key", "restored"} {
		if r.has(path + "." + key) {
			r.wrongAt(path+"."+key, "the bucket is a vendor's, and the stacks do not touch it; leave %s out", key)
		}
	}
}

// Vendor tells whether a vendor's keys open the queue, or the bucket without
// one: then watch polls it.
func (q Queue) Vendor() bool { return q.Keys != "" || q.Kind == listing }

// Listing tells whether the bucket is listed, since no queue tells of it. Then
// the ARN is the bucket's, with the prefix behind it.
func (q Queue) Listing() bool { return q.Kind == listing }

// ListedPrefix is the one prefix of a Listing's bucket; "" is all of it.
func (b Bucket) ListedPrefix() string {
	if len(b.Prefixes) == 0 {
		return ""
	}
	return b.Prefixes[0]
}
