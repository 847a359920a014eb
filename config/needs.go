package config

import (
	"fmt"

	"github.com/devo-s3/collector/sources"
)

// checkNeeds finds sources whose publisher could write into none of the queue's
// buckets, because the stack makes them all, and not as the publisher needs them.
// What is set in a bucket that exists already, doctor sees.
func (r *reader) checkNeeds(c *Config) {
	made := make(map[string]Bucket)
	for _, q := range c.Queues {
		for _, b := range q.Buckets {
			if b.Makes("bucket") {
				made[b.Name] = b
			}
		}
	}
	for i, q := range c.Queues {
		for j, s := range q.Sources {
			for _, need := range []string{sources.NeedsACLs, sources.NeedsSSES3} {
				if s.Needs(need) && len(q.Buckets) > 0 && !q.suits(need, made) {
					r.wrongAt(fmt.Sprintf("queues[%d].sources[%d]", i, j), "%s", unmet(s.Name(), q.Buckets[0].Name, need))
				}
			}
		}
	}
}

// suits reports whether one of the queue's buckets has what a publisher needs, as
// far as the file says.
func (q Queue) suits(need string, made map[string]Bucket) bool {
	for _, b := range q.Buckets {
		is, ours := made[b.Name]
		if !ours || need == sources.NeedsSSES3 && is.KMSKey == "" {
			return true
		}
	}
	return false
}

func unmet(source, bucket, need string) string {
	if need == sources.NeedsACLs {
		return fmt.Sprintf("the publisher of %s writes into buckets with ACLs alone, and %s, which the stack makes, has none (BucketOwnerEnforced); "+
			"create a bucket with ACLs first and leave make out, or see docs/services/%s.md for another way", source, bucket, source)
	}
	return fmt.Sprintf("the publisher of %s writes into buckets with SSE-S3 alone, and %s, which the stack makes, has kms_key; "+
		"leave kms_key out, or give the source a bucket of its own", source, bucket)
}
