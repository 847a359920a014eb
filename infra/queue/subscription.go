package queue

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
)

// subscribe subscribes q to the customer's topics, from its own account: so
// nobody has to confirm. What SNS cannot deliver has a queue only in q's region:
// it must be where the topic is, and this stack is not. Elsewhere SNS tries for
// 23 days.
// https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
func subscribe(scope constructs.Construct, c *config.Config, q *config.Queue, key string) (undelivered awssqs.CfnQueue) {
	for _, region := range config.Regions(q.Buckets) {
		topic := q.TopicARN(c, region)
		if region != q.Region() {
			NewSubscription(scope, "Subscription-"+region, topic, q.ARN, nil).SetRegion(jsii.String(region))
			continue
		}
		undelivered = NewUndelivered(scope, key)
		LetUndelivered(scope, undelivered, "sns", topic)
		NewSubscription(scope, "Subscription", topic, q.ARN, undelivered)
	}
	return undelivered
}

// NewSubscription subscribes the queue to the topic. undelivered may be nil.
func NewSubscription(scope constructs.Construct, id, topic, queue string, undelivered awssqs.CfnQueue) awssns.CfnSubscription {
	made := awssns.NewCfnSubscription(scope, jsii.String(id), &awssns.CfnSubscriptionProps{
		TopicArn: topic, Protocol: jsii.String("sqs"), Endpoint: jsii.String(queue), RawMessageDelivery: true,
	})
	if undelivered != nil {
		made.SetRedrivePolicy(map[string]any{"deadLetterTargetArn": undelivered.AttrArn()})
	}
	return made
}
