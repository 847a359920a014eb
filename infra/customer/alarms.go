package customer

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdk"
	"github.com/devo-s3/collector/infra/queue"
)

// guide is where an alarm's description sends the reader; the anchor follows.
const guide = "docs/customer-guide.md#"

const (
	// late is how much longer than its visibility timeout a message may wait: one
	// whose invocation died comes back at that time, and is no fault yet.
	late = 10 * time.Minute
	// nearExpiry is how long before its end a message is an alarm.
	nearExpiry = 2 * 24 * time.Hour
	// dlqLeast is the least that a dead letter has: its time counts from when it
	// was sent first, and the metric's age from when it came to the DLQ.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
	dlqLeast = queue.DLQRetention - queue.Retention
)

// The metrics of a queue.
const (
	depth = "ApproximateNumberOfMessagesVisible"
	age   = "ApproximateAgeOfOldestMessage"
)

// queueAlarms makes a queue's alarms: it and its DLQ, quickly, and before what
// is in them is lost.
func (b *build) queueAlarms(scope constructs.Construct, q *config.Queue) {
	b.alarm(scope, "QueueLate", "queue-late", "Messages are not taken from the queue", q.Name(), age, q.Visibility+late, 5)
	b.alarm(scope, "QueueExpires", "queue-expires", "Messages will be lost in two days", q.Name(), age, queue.Retention-nearExpiry, 1)
	b.alarm(scope, "DeadLetters", "dead-letters", "There are messages that could not be processed", q.DLQName(), depth, 0, 1)
	b.alarm(scope, "DeadLettersExpire", "dead-letters", "Messages that could not be processed may be lost in two days",
		q.DLQName(), age, dlqLeast-nearExpiry, 1)
}

func (b *build) undeliveredAlarm(scope constructs.Construct, undelivered awssqs.CfnQueue) {
	b.alarm(scope, "NotDelivered", "undelivered", "Notifications did not reach the queue", *undelivered.AttrQueueName(), depth, 0, 1)
}

// alarm makes an alarm that tells the stack's topic when a queue's metric is
// over the bound, an age or 0, for so many minutes.
func (b *build) alarm(scope constructs.Construct, id, anchor, says, name, metric string, over time.Duration, minutes float64) {
	topic := []any{b.alarmTopic()}
	awscloudwatch.NewCfnAlarm(scope, jsii.String(id), &awscloudwatch.CfnAlarmProps{
		AlarmDescription:   jsii.String(says + ". " + guide + anchor),
		Namespace:          jsii.String("AWS/SQS"),
		MetricName:         jsii.String(metric),
		Dimensions:         []any{map[string]any{"name": "QueueName", "value": name}},
		Statistic:          jsii.String("Maximum"),
		Period:             jsii.Number(60),
		EvaluationPeriods:  jsii.Number(minutes),
		ComparisonOperator: jsii.String("GreaterThanThreshold"),
		Threshold:          cdk.Seconds(over),
		TreatMissingData:   jsii.String("notBreaching"),
		AlarmActions:       &topic,
		OkActions:          &topic,
	})
}

// alarmTopic is the ARN of the topic for the stack's alarms, which is made with
// the first. Whom it tells is the customer's to say.
func (b *build) alarmTopic() *string {
	if b.alarms != nil {
		return b.alarms
	}
	topic := awssns.NewCfnTopic(b.stack, jsii.String("Alarms"), nil)
	b.alarms = topic.Ref()
	awssns.NewCfnTopicPolicy(b.stack, jsii.String("AlarmsPolicy"), &awssns.CfnTopicPolicyProps{
		Topics: &[]*string{topic.Ref()},
		PolicyDocument: cdk.Policy(config.TopicTLSOnly(*topic.Ref()), iam.Statement{
			Sid: "CloudWatch", Effect: "Allow", Principal: iam.Service("cloudwatch"),
			Action: []string{"sns:Publish"}, Resource: []string{*topic.Ref()},
			Condition: iam.Condition{"StringEquals": {"aws:SourceAccount": *b.stack.Account()}},
		}),
	})
	output(b.stack, "AlarmTopicArn", topic.Ref(), "Subscribe whoever the alarms shall tell")
	return b.alarms
}
