package queue

import (
	"slices"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdk"
)

// Senders are the statements of the queue's policy for S3 and SNS, which may
// send what becomes of the queue's buckets and nothing else. Those of
// EventBridge are made with its rules.
func Senders(c *config.Config, q *config.Queue) []cdk.Statement {
	switch q.Delivery {
	case "s3":
		var senders []cdk.Statement
		for _, owner := range Owners(q.Buckets) {
			senders = append(senders, FromBuckets("sqs:SendMessage", q.ARN, owner, q.Buckets))
		}
		return senders
	case "sns":
		if len(q.Buckets) == 0 {
			return nil
		}
		var topics []string
		for _, region := range regions(q.Buckets) {
			topics = append(topics, TopicARN(c, q, region))
		}
		return []cdk.Statement{send("Topics", "sns", q.ARN, topics...)}
	}
	return nil
}

// FromBuckets allows S3 the action on a queue or topic for those of the buckets
// that owner has.
func FromBuckets(action, resource, owner string, buckets []config.Bucket) cdk.Statement {
	var arns []string
	for _, b := range buckets {
		if b.Owner == owner {
			arns = append(arns, b.ARN())
		}
	}
	return cdk.Statement{
		Sid: "BucketsOf" + owner, Effect: "Allow", Principal: cdk.Service("s3"),
		Action: []string{action}, Resource: []string{resource},
		Condition: cdk.Condition{
			"ArnEquals":    {"aws:SourceArn": arns},
			"StringEquals": {"aws:SourceAccount": owner},
		},
	}
}

// send allows a service to send for what the ARNs name.
func send(sid, service, queue string, sources ...string) cdk.Statement {
	return cdk.Statement{
		Sid: sid, Effect: "Allow", Principal: cdk.Service(service), Action: []string{"sqs:SendMessage"}, Resource: []string{queue},
		Condition: cdk.Condition{"ArnEquals": {"aws:SourceArn": sources}},
	}
}

// Policy is the rest of the queue's policy: the collector polls it, watch looks
// at its depth, and nobody comes near it without TLS.
func Policy(c *config.Config, q *config.Queue) []cdk.Statement {
	return []cdk.Statement{
		cdk.AllowRole("Collector", c.ExecutionRoleARN(), q.ARN,
			"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
		watch(c, q.ARN),
		cdk.TLSOnly("sqs", q.ARN),
	}
}

// DLQPolicy is the DLQ's: what becomes of dead letters is for the operator's
// role, not for the function.
func DLQPolicy(c *config.Config, q *config.Queue) []cdk.Statement {
	return []cdk.Statement{watch(c, q.DLQ), cdk.TLSOnly("sqs", q.DLQ)}
}

func watch(c *config.Config, queue string) cdk.Statement {
	return cdk.AllowRole("Watch", c.WatchRoleARN(), queue, "sqs:GetQueueAttributes")
}

// services are the ones that send by a delivery.
var services = map[string]string{"s3": "s3", "sns": "sns", "eventbridge": "events"}

// KeyPolicy is what the policy of the queue's key needs: who sends encrypts,
// the collector decrypts.
func KeyPolicy(c *config.Config, q *config.Queue) []cdk.Statement {
	accounts := []string{q.Account()} // of EventBridge's rules
	switch q.Delivery {
	case "s3":
		accounts = Owners(q.Buckets)
	case "sns":
		accounts = []string{q.CustomerAccount()}
	}
	collector := cdk.AllowRole("Collector", c.ExecutionRoleARN(), "*", "kms:Decrypt")
	collector.Condition["StringEquals"] = cdk.Key{"kms:ViaService": cdk.ViaService("sqs", q.Region())}
	if len(q.Buckets) == 0 {
		return []cdk.Statement{collector}
	}
	return []cdk.Statement{{
		Sid: "Senders", Effect: "Allow", Principal: cdk.Service(services[q.Delivery]),
		Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []string{"*"},
		Condition: cdk.Condition{"StringEquals": {"aws:SourceAccount": accounts}},
	}, collector}
}

// TopicARN is the topic of q's buckets in a region, in the customer's account.
func TopicARN(c *config.Config, q *config.Queue, region string) string {
	return config.ARN{Partition: c.Partition(), Service: "sns", Region: region, Account: q.CustomerAccount(), Resource: q.Name()}.String()
}

// Owners are the accounts of the buckets, sorted.
func Owners(buckets []config.Bucket) []string {
	return distinct(buckets, func(b config.Bucket) string { return b.Owner })
}

func regions(buckets []config.Bucket) []string {
	return distinct(buckets, func(b config.Bucket) string { return b.Region })
}

func distinct(buckets []config.Bucket, of func(config.Bucket) string) []string {
	var all []string
	for _, b := range buckets {
		all = append(all, of(b))
	}
	slices.Sort(all)
	return slices.Compact(all)
}
