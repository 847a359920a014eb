// Package queue is a deployment's queue with all that belongs to it, in
// whichever account it is: the customer's stack makes it there, the collector's
// one that lives in Devo's.
package queue

import (
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdk"
)

const (
	// Retention is how long the queue keeps a message.
	Retention = 7 * 24 * time.Hour
	// DLQRetention is how long the DLQ does. It counts from when the message was
	// sent first: a dead letter has a week at the least.
	DLQRetention = 14 * 24 * time.Hour
	// MaxReceives is how often a message is received before it goes to the DLQ.
	MaxReceives = 10
)

// A Queue is what New made.
type Queue struct {
	Queue, DLQ awssqs.CfnQueue
	// Undelivered is for what EventBridge or SNS could not deliver; nil if there is
	// none here: a topic's is beside its subscription.
	Undelivered awssqs.CfnQueue
	// Policy is the queue's: S3 notifies a queue only behind it.
	Policy awssqs.CfnQueuePolicy
}

// New makes the queue q of c: its DLQ, their policies, a key if one is to be
// made; for EventBridge its rules and its bus; and the subscriptions to the
// customer's topics if it is in Devo's account.
func New(scope constructs.Construct, c *config.Config, q *config.Queue) Queue {
	key := q.OwnKey()
	if q.Encryption == "kms" {
		key = newKey(scope, c, q)
	}
	dlq := newQueue(scope, "DLQ", &awssqs.CfnQueueProps{
		QueueName:              jsii.String(q.DLQName()),
		MessageRetentionPeriod: cdk.Seconds(DLQRetention),
		RedriveAllowPolicy:     cdk.JSON(map[string]any{"redrivePermission": "byQueue", "sourceQueueArns": []string{q.ARN}}),
	}, key)
	made := Queue{DLQ: dlq, Queue: newQueue(scope, "Queue", &awssqs.CfnQueueProps{
		QueueName:                     jsii.String(q.Name()),
		MessageRetentionPeriod:        cdk.Seconds(Retention),
		ReceiveMessageWaitTimeSeconds: jsii.Number(20),
		VisibilityTimeout:             cdk.Seconds(q.Visibility),
		RedrivePolicy:                 map[string]any{"deadLetterTargetArn": dlq.AttrArn(), "maxReceiveCount": MaxReceives},
	}, key)}
	senders := q.Senders(c)
	switch {
	case len(q.Buckets) == 0:
	case q.Delivery == "eventbridge":
		made.Undelivered = NewUndelivered(scope, key)
		senders = rules(scope, c, q, made)
	case q.Delivery == "sns" && q.InDevo(c):
		made.Undelivered = subscribe(scope, c, q, key)
	}
	made.Policy = newPolicy(scope, "QueuePolicy", made.Queue, append(senders, q.Policy(c)...))
	newPolicy(scope, "DLQPolicy", dlq, q.DLQPolicy(c))
	return made
}

// newQueue makes a queue, encrypted with the key, or with SQS's own if that is
// "". With its messages it outlives its entry in the file and its stack.
func newQueue(scope constructs.Construct, id string, props *awssqs.CfnQueueProps, key string) awssqs.CfnQueue {
	if key == "" {
		props.SqsManagedSseEnabled = true
	} else {
		props.KmsMasterKeyId = key
	}
	made := awssqs.NewCfnQueue(scope, jsii.String(id), props)
	made.ApplyRemovalPolicy(cdk.Keep, nil)
	return made
}

func newPolicy(scope constructs.Construct, id string, q awssqs.CfnQueue, statements []iam.Statement) awssqs.CfnQueuePolicy {
	return awssqs.NewCfnQueuePolicy(scope, jsii.String(id), &awssqs.CfnQueuePolicyProps{
		Queues: &[]*string{q.AttrQueueUrl()}, PolicyDocument: cdk.Policy(statements...),
	})
}

// newKey makes a key for the queue's messages.
func newKey(scope constructs.Construct, c *config.Config, q *config.Queue) string {
	key := awskms.NewCfnKey(scope, jsii.String("Key"), &awskms.CfnKeyProps{
		Description:       jsii.String("Messages of the queue " + q.Name()),
		EnableKeyRotation: true,
		KeyPolicy:         cdk.Policy(q.NewKeyPolicy(c)...),
	})
	key.ApplyRemovalPolicy(cdk.Keep, nil)
	awskms.NewCfnAlias(scope, jsii.String("KeyAlias"), &awskms.CfnAliasProps{
		AliasName: jsii.String("alias/" + q.Name()), TargetKeyId: key.Ref(),
	})
	return *key.AttrArn()
}

// NewUndelivered makes a queue of what EventBridge or SNS could not deliver. It
// must be where the rule or the subscription is.
func NewUndelivered(scope constructs.Construct, key string) awssqs.CfnQueue {
	return newQueue(scope, "Undelivered", &awssqs.CfnQueueProps{MessageRetentionPeriod: cdk.Seconds(DLQRetention)}, key)
}

// LetUndelivered lets the service put what it could not deliver for the sources,
// rules or topics, into the queue that NewUndelivered made.
func LetUndelivered(scope constructs.Construct, undelivered awssqs.CfnQueue, service string, sources ...string) {
	statements := []iam.Statement{iam.TLSOnly("sqs", *undelivered.AttrArn())}
	if len(sources) > 0 {
		statements = slices.Insert(statements, 0, config.SendStatement("Undelivered", iam.Service(service), *undelivered.AttrArn(), sources...))
	}
	newPolicy(scope, "UndeliveredPolicy", undelivered, statements)
}
