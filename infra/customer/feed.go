package customer

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdk"
	"github.com/devo-s3/collector/infra/queue"
)

// delivery is how new objects come to the queue. One that is there already has
// what feeds it already, and only a bucket that the stack makes is added to it,
// straight.
func delivery(q *config.Queue) string {
	if !q.Makes("queue") {
		return "s3"
	}
	return q.Delivery
}

// feeds are the queue's buckets in a region for which something stands between
// them and the queue in the customer's account: a topic, or a rule to the bus
// beside the queue.
func feeds(c *config.Config, q *config.Queue, region string) (buckets []config.Bucket) {
	for _, b := range q.Buckets {
		if b.Region != region {
			continue
		}
		if d := delivery(q); d == "sns" || d == "eventbridge" && q.Far(b) && b.Owner == c.CustomerAccount() {
			buckets = append(buckets, b)
		}
	}
	return buckets
}

func (b *build) feed(scope constructs.Construct, q *config.Queue) {
	buckets := feeds(b.config, q, b.region)
	switch {
	case len(buckets) == 0:
	case q.Delivery == "sns":
		b.topic(scope, q, buckets)
	case b.config.Former(*q): // another queue is told of what is new
	default:
		b.forward(scope, q, buckets)
	}
}

// topic makes the topic that the region's buckets notify, and subscribes the
// queue to it. One that lives in Devo's account subscribes itself: the owner of
// a queue need not confirm.
func (b *build) topic(scope constructs.Construct, q *config.Queue, buckets []config.Bucket) {
	arn := q.TopicARN(b.config, b.region)
	topic := awssns.NewCfnTopic(scope, jsii.String("Topic"), &awssns.CfnTopicProps{TopicName: jsii.String(q.Name())})
	before := awssns.NewCfnTopicPolicy(scope, jsii.String("TopicPolicy"), &awssns.CfnTopicPolicyProps{
		Topics: &[]*string{topic.Ref()}, PolicyDocument: cdk.Policy(q.TopicPolicy(b.config, b.region, buckets)...),
	})
	b.before[q.ARN] = before
	output(scope, "TopicArn", topic.Ref(), "The topic for the buckets' notifications")
	if q.InDevo(b.config) {
		return
	}
	undelivered := queue.NewUndelivered(scope, "")
	queue.LetUndelivered(scope, undelivered, "sns", arn)
	b.undeliveredAlarm(scope, undelivered)
	queue.NewSubscription(scope, "Subscription", *topic.Ref(), q.ARN, undelivered)
}

// forward makes the rules that send the region's events on to the bus beside
// the queue.
func (b *build) forward(scope constructs.Construct, q *config.Queue, buckets []config.Bucket) {
	bus := q.BusARN(b.config)
	undelivered := queue.NewUndelivered(scope, "")
	b.undeliveredAlarm(scope, undelivered)
	role := awsiam.NewCfnRole(scope, jsii.String("ForwardRole"), &awsiam.CfnRoleProps{
		Description: jsii.String("EventBridge sends events about new objects to the bus of the queue " + q.Name()),
		AssumeRolePolicyDocument: cdk.Policy(iam.Statement{
			Effect: "Allow", Principal: iam.Service("events"), Action: []string{"sts:AssumeRole"},
		}),
		Policies: inline("forward", iam.Statement{
			Sid: "Forward", Effect: "Allow", Action: []string{"events:PutEvents"}, Resource: []string{bus},
		}),
	})
	var rules []string
	for _, bucket := range buckets {
		rule := queue.NewRule(scope, "Forward-"+bucket.Name, bucket, q, &awsevents.CfnRule_TargetProperty{
			Arn: jsii.String(bus), RoleArn: role.AttrArn(), DeadLetterConfig: queue.DeadLetters(undelivered),
		})
		rules = append(rules, *rule.AttrArn())
	}
	queue.LetUndelivered(scope, undelivered, "events", rules...)
}

// inline is a role's policy.
func inline(name string, statements ...iam.Statement) any {
	return []any{&awsiam.CfnRole_PolicyProperty{PolicyName: jsii.String(name), PolicyDocument: cdk.Policy(statements...)}}
}
