package collector

import (
	"cmp"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdk"
)

// runbook is where an alarm's description sends its reader.
const runbook = "docs/operations.md#"

// alarms makes them all, and the composite that pages.
func (b *build) alarms() []interfacesawscloudwatch.IAlarmRef {
	notices := b.topic("Notices", b.config.FunctionName()+"-notices")
	pages := b.config.Alarms.Topic
	if pages == "" {
		pages = b.topic("Pages", b.config.FunctionName()+"-pages")
		for _, mail := range b.config.Alarms.Emails {
			awssns.NewCfnSubscription(b.stack, jsii.String("Mail-"+mail), &awssns.CfnSubscriptionProps{
				TopicArn: &pages, Protocol: jsii.String("email"), Endpoint: jsii.String(mail),
			})
		}
	}
	var made []interfacesawscloudwatch.IAlarmRef
	var paging []awscloudwatch.IAlarmRule
	for _, a := range b.list() {
		alarm := b.alarm(a)
		tell(alarm, notices)
		if a.tells == page {
			paging = append(paging, alarm)
		} else {
			tell(alarm, pages)
		}
		made = append(made, alarm)
	}
	composite := awscloudwatch.NewCompositeAlarm(b.stack, jsii.String("Alarm-page"), &awscloudwatch.CompositeAlarmProps{
		CompositeAlarmName: jsii.String(b.config.FunctionName() + "-page"),
		AlarmDescription:   described("The logs of "+b.config.Customer+" do not arrive as they should; the alarms beside this one say why.", "page"),
		AlarmRule:          awscloudwatch.AlarmRule_AnyOf(paging...),
	})
	tell(composite, pages)
	return append(made, composite)
}

func (b *build) alarm(a alarm) awscloudwatch.Alarm {
	id := a.name
	if a.queue != "" {
		id += "-" + a.queue
	}
	return awscloudwatch.NewAlarm(b.stack, jsii.String("Alarm-"+id), &awscloudwatch.AlarmProps{
		AlarmName:          jsii.String(b.config.FunctionName() + "-" + id),
		AlarmDescription:   described(a.says, a.name),
		Metric:             a.metric,
		ComparisonOperator: a.is,
		Threshold:          jsii.Number(a.bound),
		DatapointsToAlarm:  jsii.Number(a.count),
		EvaluationPeriods:  jsii.Number(max(a.count, a.of)),
		TreatMissingData:   cmp.Or(a.missing, fine),
	})
}

func described(says, section string) *string {
	return jsii.String(fmt.Sprintf("%s What to do: %s%s", says, runbook, section))
}

// topic makes one that takes the alarms of this account, over TLS alone. A
// topic's policy takes the place of the one that would let CloudWatch in.
func (b *build) topic(id, name string) string {
	t := awssns.NewCfnTopic(b.stack, jsii.String(id), &awssns.CfnTopicProps{TopicName: jsii.String(name)})
	arn := *t.Ref()
	awssns.NewCfnTopicPolicy(b.stack, jsii.String(id+"Policy"), &awssns.CfnTopicPolicyProps{
		Topics: jsii.Strings(arn),
		PolicyDocument: cdk.Policy(
			iam.Statement{
				Sid: "Alarms", Effect: "Allow", Principal: iam.Service("cloudwatch"), Action: []string{"sns:Publish"}, Resource: []string{arn},
				Condition: iam.Condition{"StringEquals": {"aws:SourceAccount": b.config.Account}},
			},
			iam.Statement{
				Sid: "TLSOnly", Effect: "Deny", Principal: iam.Key{"AWS": "*"}, Action: []string{"sns:Publish"}, Resource: []string{arn},
				Condition: iam.Condition{"Bool": {"aws:SecureTransport": "false"}},
			}),
	})
	awscdk.NewCfnOutput(b.stack, jsii.String(id+"Topic"), &awscdk.CfnOutputProps{Value: &arn})
	return arn
}

// tell has an alarm tell a topic when it begins and when it ends.
func tell(alarm interface {
	AddAlarmAction(...awscloudwatch.IAlarmAction)
	AddOkAction(...awscloudwatch.IAlarmAction)
}, topic string,
) {
	alarm.AddAlarmAction(&action{topic})
	alarm.AddOkAction(&action{topic})
}

// An action is a topic as an alarm's. That of awscloudwatchactions has the
// compiler read a good part of AWS.
type action struct{ topic string }

// Bind implements awscloudwatch.IAlarmAction.
func (a *action) Bind(constructs.Construct, awscloudwatch.IAlarm) *awscloudwatch.AlarmActionConfig {
	return &awscloudwatch.AlarmActionConfig{AlarmActionArn: &a.topic}
}
