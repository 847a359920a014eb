package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/devo-s3/collector/config/iam"
)

// What AWS takes at most of what the stacks make. CloudFormation finds out when
// it deploys; no linter does before.
const (
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	maxInline = 10_240 // characters of a role's inline policies
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
	maxQueuePolicy = 8_192 // bytes
	// https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
	maxTopicPolicy = 30 << 10 // bytes
	// https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
	maxKeyPolicy = 32 << 10 // bytes
	// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
	maxPattern  = 2048 // characters
	maxRuleName = 64   // which CloudFormation makes up
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
	maxNotifications = 100 // of a bucket
)

// checkSizes checks what the stacks make of a file that is right so far.
func (r *reader) checkSizes(c *Config) {
	r.checkNotifications(c)
	for _, q := range c.All() {
		if q.Makes("queue") {
			r.checkQueueSizes(&q, fmt.Sprintf("queues[%d]", c.place(q)), c)
		}
	}
	for _, role := range c.Roles() {
		if role.Made() {
			key := map[string]string{"reader": "role_arn", "operator": "operator_arn"}[role.Is]
			r.fits(fmt.Sprintf("queues[%d].%s", c.place(role.Queues[0]), key), "the policy of the role "+role.Name(), iam.Policy(role.Allows()...), maxInline,
				"give fewer buckets, prefixes or keys to the queues that have this role, or a role of their own to some of them")
		}
	}
	secrets, mappings := c.worstSecrets(), c.worstMappings()
	for _, role := range [][]iam.Statement{c.FunctionStatements(secrets), c.WatchStatements(secrets, mappings)} {
		r.fits("queues", "the policy of a role of Devo's", iam.Policy(role...), maxInline, "make several deployments of these queues")
	}
}

// place is where in the file's queues one of All is.
func (c *Config) place(q Queue) int {
	return slices.IndexFunc(c.Queues, func(now Queue) bool {
		return now.ARN == q.ARN || slices.ContainsFunc(now.Was, func(f Former) bool { return f.ARN == q.ARN })
	})
}

// fits checks a size that AWS bounds.
func (r *reader) fits(path, what string, v any, most int, mend string) {
	if size := iam.Size(v); size > most {
		r.wrongAt(path, "%s would have %d characters, and AWS takes %d; %s", what, size, most, mend)
	}
}

// checkQueueSizes checks what is made for one queue.
func (r *reader) checkQueueSizes(q *Queue, path string, c *Config) {
	fewer := "list fewer buckets here, and make another queue for the others"
	rules := q.worstRules(c)
	policy := slices.Concat(q.Senders(c), q.RuleSenders(rules...), q.Policy(c))
	r.fits(path+".buckets", "the policy of the queue "+q.Name(), iam.Policy(policy...), maxQueuePolicy, fewer)
	if q.Delivery == "sns" {
		for _, region := range Regions(q.Buckets) {
			here := slices.DeleteFunc(slices.Clone(q.Buckets), func(b Bucket) bool { return b.Region != region })
			r.fits(path+".buckets", "the policy of the topic in "+region, iam.Policy(q.TopicPolicy(c, region, here)...), maxTopicPolicy, fewer)
		}
	}
	if q.Encryption == "kms" {
		r.fits(path+".buckets", "the policy of the key of the queue "+q.Name(), iam.Policy(q.NewKeyPolicy(c)...), maxKeyPolicy, fewer)
	}
	for i, b := range q.Buckets {
		if q.Delivery == "eventbridge" {
			r.fits(r.ends(fmt.Sprintf("%s.buckets[%d]", path, i)), "EventBridge's pattern of bucket "+b.Name, b.EventPattern(), maxPattern,
				"list fewer or shorter ones, or none: the sources choose by keys as well")
		}
	}
}

// ends is where a bucket's keys are restricted.
func (r *reader) ends(bucket string) string {
	if r.has(bucket + ".prefixes") {
		return bucket + ".prefixes"
	}
	return bucket + ".suffixes"
}

// checkNotifications counts what the buckets tell queues and topics.
func (r *reader) checkNotifications(c *Config) {
	counted := make(map[string]int)
	for i, q := range c.Queues {
		if q.Vendor() || q.Delivery == "eventbridge" {
			continue
		}
		for j, b := range q.Buckets {
			before := counted[b.Name]
			counted[b.Name] += len(orAll(b.Prefixes)) * len(orAll(b.Suffixes)) * len(b.Events())
			if now := counted[b.Name]; before <= maxNotifications && now > maxNotifications {
				r.wrongAt(r.ends(fmt.Sprintf("queues[%d].buckets[%d]", i, j)), "bucket %s would have %d notifications, one for each prefix with each suffix, and S3 takes %d; "+
					"list fewer, or write delivery: eventbridge", b.Name, now, maxNotifications)
			}
		}
	}
}

// worstRules are the longest ARNs that the queue's rules can have.
func (q Queue) worstRules(c *Config) (rules []string) {
	if q.Delivery != "eventbridge" {
		return nil
	}
	for _, b := range q.Buckets {
		name := strings.Repeat("x", maxRuleName)
		if q.Far(b) {
			name = q.Name() + "/" + name
		}
		rules = append(rules, ARN{c.Partition(), "events", c.Region, q.Account(), "rule/" + name}.String())
	}
	return rules
}

// worstSecrets are ARNs as long as those of the deployment's secrets.
func (c *Config) worstSecrets() (all []string) {
	names := []string{c.Devo.Secret}
	for _, q := range c.Queues {
		names = appendNew(names, q.Keys)
	}
	for _, name := range names {
		switch {
		case name == "":
		case strings.HasPrefix(name, "arn:"):
			all = append(all, SecretARNs(name)...)
		default:
			all = append(all, ARN{c.Partition(), "secretsmanager", c.Region, c.Account, "secret:" + name + "-xxxxxx"}.String())
		}
	}
	return all
}

// worstMappings are ARNs as long as those of the deployment's mappings.
func (c *Config) worstMappings() []string {
	one := ARN{c.Partition(), "lambda", c.Region, c.Account, "event-source-mapping:" + strings.Repeat("x", 36)}.String()
	return slices.Repeat([]string{one}, len(c.Polled())+1) // and the continuation's
}
