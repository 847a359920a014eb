package customer

import (
	"testing"

	"github.com/devo-s3/collector/infra/cdktest"
)

// Why findings of cdk-nag are right as they are.
const (
	noAccessLogs = "Access logs of a bucket of logs are the customer's to want: they need a bucket themselves."
	objects      = "The reader reads all objects under a prefix; their names are not known before."
	byAlias      = "The id of a key that the stack makes is not known before; the condition kms:ResourceAliases names it."
	isADLQ       = "It is one, of a rule or a subscription; the rule looks for queues alone."
)

// accepted are they, by deployment and stack.
var accepted = map[string][]cdktest.Accepted{
	"straight customer": {
		accept("/acme-customer/acme-app/Bucket", "AwsSolutions-S1", noAccessLogs),
		accept("/acme-customer/acme-trail/Bucket", "AwsSolutions-S1", noAccessLogs),
		reads("acme-app/app/*"), reads("acme-app/year=2026/*"), reads("acme-old/*"), reads("acme-trail/*"),
		accept("/acme-customer/devo-xs-operator-role/Operator", "AwsSolutions-IAM5[Resource::arn:aws:kms:eu-west-1:111122223333:key/*]", byAlias),
	},
	"sns customer": {
		accept("/acme-customer/devo-logs/Undelivered", "AwsSolutions-SQS3", isADLQ),
		reads("acme-logs/*"), reads("acme-logs-us/*"), reads("archive-logs/AWSLogs/*"),
	},
	"sns customer-us-east-1": {accept("/acme-customer-us-east-1/devo-logs/Undelivered", "AwsSolutions-SQS3", isADLQ)},
	"eventbridge customer": {
		accept("/acme-customer/acme-new/Bucket", "AwsSolutions-S1", noAccessLogs),
		accept("/acme-customer/devo-logs/Undelivered", "AwsSolutions-SQS3", isADLQ),
		reads("acme-logs/AWSLogs/*"), reads("acme-logs-us/a/b/*"), reads("acme-new/*"), reads("archive-logs/*"),
	},
	"eventbridge customer-us-east-1": {accept("/acme-customer-us-east-1/devo-logs/Undelivered", "AwsSolutions-SQS3", isADLQ)},
	"devo customer": {
		accept("/acme-customer/Devo-acme-events/Undelivered", "AwsSolutions-SQS3", isADLQ),
		reads("acme-events/*"), reads("acme-topics/*"), reads("acme-topics-us/*"),
	},
}

func accept(path, rule, reason string) cdktest.Accepted {
	return cdktest.Accepted{Path: path, Rule: rule, Reason: reason}
}

func reads(path string) cdktest.Accepted {
	return accept("/acme-customer/devo-xs-collector-role/Reader", "AwsSolutions-IAM5[Resource::arn:aws:s3:::"+path+"]", objects)
}

func TestNagHasNothingToSayThatIsNotAccepted(t *testing.T) {
	for _, name := range deployments {
		for stack, made := range stacks(t, name) {
			t.Run(name+" "+stack, func(t *testing.T) { cdktest.Nag(t, made, accepted[name+" "+stack]...) })
		}
	}
}
