package config

import "fmt"

func (r *reader) checkQueues(c *Config) {
	r.atLeastOne("queues", len(c.Queues), "write at least one queue")
	listed := map[string]string{c.Continuation: "is the continuation queue"}
	for i := range c.Queues {
		q, path := &c.Queues[i], fmt.Sprintf("queues[%d]", i)
		if r.unread[path] {
			continue
		}
		r.checkQueue(q, path, c)
		if how, ok := listed[q.ARN]; ok && q.ARN != "" {
			r.wrongAt(path+".arn", "%s %s; list each queue once", q.ARN, how)
		}
		listed[q.ARN] = "is listed already"
	}
}

func (r *reader) checkQueue(q *Queue, path string, c *Config) {
	at := path + ".arn"
	name, err := parseQueue(q.ARN)
	switch {
	case !r.has(at):
		r.missing(at, "write arn:aws:sqs:REGION:ACCOUNT:NAME")
	case err != nil:
		r.valid(at, err)
	default:
		q.ARN = name.arn()
		r.sameRegion(at, name, c)
	}
	r.required(path+".role_arn", q.RoleARN, roleARN)
	r.optional(path+".external_id", q.ExternalID, externalID)
	r.atLeastOne(path+".buckets", len(q.Buckets), "write at least one bucket, as - name: NAME")
	buckets := make(map[string]bool)
	for i := range q.Buckets {
		b, path := &q.Buckets[i], fmt.Sprintf("%s.buckets[%d]", path, i)
		if r.unread[path] {
			continue
		}
		r.checkBucket(b, path)
		if buckets[b.Name] {
			r.wrongAt(path+".name", "bucket %s is listed twice in this queue; leave one out", b.Name)
		}
		buckets[b.Name] = b.Name != ""
		if !r.has(path + ".owner") {
			b.Owner = name.account
		}
		if !r.has(path + ".region") {
			b.Region = c.Region
		}
	}
	r.atLeastOne(path+".sources", len(q.Sources), "write at least one service or source of the customer's own")
}

func (r *reader) checkBucket(b *Bucket, path string) {
	r.required(path+".name", b.Name, bucketName)
	r.optional(path+".owner", b.Owner, accountID)
	r.optional(path+".region", b.Region, regionName)
	r.optional(path+".kms_key", b.KMSKey, keyARN)
	if r.has(path + ".prefixes") {
		r.atLeastOne(path+".prefixes", len(b.Prefixes), "leave it out for all keys")
	}
	for i, p := range b.Prefixes {
		r.required(fmt.Sprintf("%s.prefixes[%d]", path, i), p, keyPrefix)
	}
}
