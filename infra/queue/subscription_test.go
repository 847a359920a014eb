package queue

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/infra/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

func TestAQueueInDevosAccountSubscribesItself(t *testing.T) {
	c := cdktest.Config(t, `
customer: acme
id: "1"
account: "999988887777"
region: eu-west-1
devo: {endpoints: ["collector-eu.devo.io:443"], secret: s}
queues:
  - arn: arn:aws:sqs:eu-west-1:999988887777:acme
    role_arn: arn:aws:iam::111122223333:role/reader
    delivery: sns
    buckets: [{name: acme-logs}, {name: acme-us, region: us-east-1}]
    sources: [aws_sqs_cloudtrail]
`)
	q := &c.Queues[0]
	stack := awscdk.NewStack(cdktest.App(t), jsii.String("acme-collector"), nil)
	New(stack, c, q)
	got := make(map[string]any)
	for _, r := range cdktest.Synth(t, stack).Of("AWS::SNS::Subscription") {
		_, undelivered := r.Properties["RedrivePolicy"]
		got[r.Properties["TopicArn"].(string)] = []any{r.Properties["Endpoint"], r.Properties["Region"], undelivered}
	}
	want := map[string]any{
		"arn:aws:sns:eu-west-1:111122223333:acme": []any{q.ARN, nil, true},
		"arn:aws:sns:us-east-1:111122223333:acme": []any{q.ARN, "us-east-1", false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
