package config

import (
	"slices"
	"strings"

	"github.com/devo-s3/collector/config/iam"
)

// Senders are the statements of the queue's policy for S3 and SNS, which may
// send what becomes of the queue's buckets and nothing else. Those of
// EventBridge name its rules: RuleSenders.
func (q Queue) Senders(c *Config) []iam.Statement {
	switch {
	case len(q.Buckets) == 0:
		return nil
	case q.Delivery == "s3":
		return []iam.Statement{FromBuckets("sqs:SendMessage", q.ARN, q.Buckets)}
	case q.Delivery == "sns":
		var topics []string
		for _, region := range Regions(q.Buckets) {
			topics = append(topics, q.TopicARN(c, region))
		}
		return []iam.Statement{SendStatement("Topics", q.snsPrincipals(), q.ARN, topics...)}
	}
	return nil
}

// FromBuckets allows S3 the action on a queue or topic for the buckets. It is one
// statement whatever accounts own them, since AWS bounds the statements and the
// conditions of a policy.
func FromBuckets(action, resource string, buckets []Bucket) iam.Statement {
	var arns []string
	for _, b := range buckets {
		arns = append(arns, b.ARN())
	}
	return iam.Statement{
		Sid: "Buckets", Effect: "Allow", Principal: iam.Service("s3"), Action: []string{action}, Resource: []string{resource},
		Condition: iam.Condition{
			"ArnEquals":    {"aws:SourceArn": arns},
			"StringEquals": {"aws:SourceAccount": Owners(buckets)},
		},
	}
}

// RuleSenders are the statements of the queue's policy for EventBridge's rules, by
// their ARNs.
func (q Queue) RuleSenders(rules ...string) []iam.Statement {
	if len(rules) == 0 {
		return nil
	}
	return []iam.Statement{SendStatement("Rules", iam.Service("events"), q.ARN, rules...)}
}

// SendStatement allows a service to send to the queue for what the ARNs name.
func SendStatement(sid string, service iam.Key, queue string, sources ...string) iam.Statement {
	return iam.Statement{
		Sid: sid, Effect: "Allow", Principal: service, Action: []string{"sqs:SendMessage"}, Resource: []string{queue},
		Condition: iam.Condition{"ArnEquals": {"aws:SourceArn": sources}},
	}
}

// snsPrincipals are SNS's as whom the topics of the queue's buckets send.
func (q Queue) snsPrincipals() iam.Key {
	var all []string
	for _, region := range Regions(q.Buckets) {
		if p := SNSPrincipal(region, q.Region()); !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	if len(all) == 1 {
		return iam.Key{"Service": all[0]}
	}
	return iam.Key{"Service": all}
}

// Policy is the rest of the queue's policy: the collector polls it, watch looks
// at its depth, and nobody comes near it without TLS.
func (q Queue) Policy(c *Config) []iam.Statement {
	return []iam.Statement{
		iam.AllowRole("Collector", c.ExecutionRoleARN(), q.ARN,
			"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
		watchLooks(c, q.ARN),
		iam.TLSOnly("sqs", q.ARN),
	}
}

// DLQPolicy is the DLQ's: what becomes of dead letters is for the operator's
// role, not for the function.
func (q Queue) DLQPolicy(c *Config) []iam.Statement {
	return []iam.Statement{watchLooks(c, q.DLQ), iam.TLSOnly("sqs", q.DLQ)}
}

func watchLooks(c *Config, queue string) iam.Statement {
	return iam.AllowRole("Watch", c.WatchRoleARN(), queue, "sqs:GetQueueAttributes")
}

// KeyPolicy is what the policy of the queue's key needs: who sends encrypts,
// the collector decrypts.
func (q Queue) KeyPolicy(c *Config) []iam.Statement {
	senders, accounts := iam.Service("events"), []string{q.Account()} // of EventBridge's rules
	switch q.Delivery {
	case "s3":
		senders, accounts = iam.Service("s3"), Owners(q.Buckets)
	case "sns":
		senders, accounts = q.snsPrincipals(), []string{q.CustomerAccount()}
	}
	collector := iam.AllowRole("Collector", c.ExecutionRoleARN(), "*", "kms:Decrypt")
	collector.Condition["StringEquals"] = iam.Key{"kms:ViaService": ViaService("sqs", q.Region())}
	if len(q.Buckets) == 0 {
		return []iam.Statement{collector}
	}
	return []iam.Statement{{
		Sid: "Senders", Effect: "Allow", Principal: senders,
		Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []string{"*"},
		Condition: iam.Condition{"StringEquals": {"aws:SourceAccount": accounts}},
	}, collector}
}

// NewKeyPolicy is the whole policy of a key that the stack makes for the queue.
func (q Queue) NewKeyPolicy(c *Config) []iam.Statement {
	own := iam.Allow("Account", []string{"*"}, "kms:*")
	own.Principal = iam.Account(q.ARN)
	return append([]iam.Statement{own}, q.KeyPolicy(c)...)
}

// TopicPolicy is that of the topic that the buckets of a region notify. Devo's
// account may subscribe its queue and nothing else.
func (q Queue) TopicPolicy(c *Config, region string, buckets []Bucket) []iam.Statement {
	topic := q.TopicARN(c, region)
	policy := []iam.Statement{TopicTLSOnly(topic), FromBuckets("sns:Publish", topic, buckets)}
	if q.InDevo(c) {
		subscribe := iam.Allow("Subscribe", []string{topic}, "sns:Subscribe")
		subscribe.Principal = iam.Account(q.ARN)
		subscribe.Condition = iam.Condition{"StringEquals": {"sns:Protocol": "sqs", "sns:Endpoint": q.ARN}}
		policy = append(policy, subscribe)
	}
	return policy
}

// TopicTLSOnly is iam.TLSOnly for a topic, whose policy does not take sns:*.
func TopicTLSOnly(topic string) iam.Statement {
	s := iam.TLSOnly("sns", topic)
	s.Action = []string{"sns:Publish"}
	return s
}

// TopicARN is the topic of q's buckets in a region, in the customer's account.
func (q Queue) TopicARN(c *Config, region string) string {
	return ARN{c.Partition(), "sns", region, q.CustomerAccount(), q.Name()}.String()
}

// BusARN is the event bus beside q that takes the events of its far buckets.
// EventBridge delivers to a queue only from the queue's own region, and from
// another account only with more rights than to a bus.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-cross-account.html
func (q Queue) BusARN(c *Config) string {
	return ARN{c.Partition(), "events", q.Region(), q.Account(), "event-bus/" + q.Name()}.String()
}

// Far reports whether the bucket's events come to another account's or region's
// event bus than the one beside q.
func (q Queue) Far(b Bucket) bool { return b.Owner != q.Account() || b.Region != q.Region() }

// Owners are the accounts of the buckets, sorted.
func Owners(buckets []Bucket) []string {
	return distinct(buckets, func(b Bucket) string { return b.Owner })
}

// Regions are those of the buckets, sorted.
func Regions(buckets []Bucket) []string {
	return distinct(buckets, func(b Bucket) string { return b.Region })
}

func distinct(buckets []Bucket, of func(Bucket) string) []string {
	var all []string
	for _, b := range buckets {
		all = append(all, of(b))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// EventPattern is EventBridge's, of the events of the bucket's new objects.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func (b Bucket) EventPattern() map[string]any {
	detail := map[string]any{"bucket": map[string]any{"name": []string{b.Name}}}
	if keys := b.keyPatterns(); keys != nil {
		detail["object"] = map[string]any{"key": keys}
	}
	return map[string]any{
		"source": []string{"aws.s3"}, "detail-type": b.DetailTypes(),
		"account": []string{b.Owner}, "region": []string{b.Region}, "detail": detail,
	}
}

var wildcard = strings.NewReplacer(`\`, `\\`, `*`, `\*`)

func (b Bucket) keyPatterns() (patterns []any) {
	for _, p := range b.Prefixes {
		if len(b.Suffixes) == 0 {
			patterns = append(patterns, map[string]any{"prefix": p})
		}
		for _, s := range b.Suffixes {
			patterns = append(patterns, map[string]any{"wildcard": wildcard.Replace(p) + "*" + wildcard.Replace(s)})
		}
	}
	if len(b.Prefixes) == 0 {
		for _, s := range b.Suffixes {
			patterns = append(patterns, map[string]any{"suffix": s})
		}
	}
	return patterns
}
