package customer

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdktest"
)

// ofQueue is a deployment of one queue of each delivery, of that name and with
// what the file says besides.
func ofQueue(name, more string) string {
	text := `
customer: acme
id: "1"
account: "999988887777"
region: eu-west-1
devo: {endpoints: ["collector-eu.devo.io:443"], secret: s}
queues:
`
	for delivery, buckets := range map[string]string{
		"s3":          "[{name: made, make: [bucket]}, {name: there}]",
		"sns":         "[{name: told, region: us-east-1}]",
		"eventbridge": "[{name: near}, {name: far, region: us-east-1}, {name: archive, owner: \"444455556666\"}]",
	} {
		text += strings.NewReplacer("NAME", name+"-"+delivery, "DELIVERY", delivery, "BUCKETS", buckets, "MORE", strings.ReplaceAll(more, "NAME", delivery)).Replace(`
  - arn: arn:aws:sqs:eu-west-1:111122223333:NAME
    role_arn: arn:aws:iam::111122223333:role/devo
    encryption: kms
    delivery: DELIVERY
    buckets: BUCKETS
    sources: [aws_sqs_cloudtrail]
    MORE
`)
	}
	return text
}

func made(t *testing.T, file string) map[string]*cdktest.Template {
	t.Helper()
	all := make(map[string]*cdktest.Template)
	for _, stack := range New(cdktest.App(t), cdktest.Config(t, file)) {
		all[*stack.StackName()] = cdktest.Synth(t, stack)
	}
	return all
}

// A queue that is renamed stays as it was, with all that can still tell it, but
// is told of nothing new. What changes is what the buckets tell, and the rules.
func TestARenamedQueueStays(t *testing.T) {
	before := made(t, ofQueue("old", ""))
	after := made(t, ofQueue("new", "was: [{arn: \"arn:aws:sqs:eu-west-1:111122223333:old-NAME\"}]"))
	gone := map[string]bool{ // by EventBridge's rules of the account itself the new queue is told
		"acme-customer OldEventbridgeRuleNear":                    true,
		"acme-customer-us-east-1 OldEventbridgeForwardFar":        true,
		"acme-customer-us-east-1 OldEventbridgeForwardRole":       true,
		"acme-customer-us-east-1 OldEventbridgeUndelivered":       true, // which is kept by itself
		"acme-customer-us-east-1 OldEventbridgeUndeliveredPolicy": true,
		"acme-customer-us-east-1 OldEventbridgeNotDelivered":      true,
	}
	for stack, template := range before {
		for id, r := range template.Resources {
			now, there := after[stack].Resources[id]
			switch {
			case !there && !gone[stack+" "+id]:
				t.Errorf("%s: %s, a %s, is gone", stack, id, r.Type)
			case there && gone[stack+" "+id]:
				t.Errorf("%s: %s, a %s, still tells the old queue of what is new", stack, id, r.Type)
			case there && r.Type == "AWS::SQS::Queue":
				if diff := cmp.Diff(r, now); diff != "" {
					t.Errorf("%s: %s (-before +after):\n%s", stack, id, diff)
				}
			case there && r.Type == "AWS::S3::Bucket":
				text, err := json.Marshal(now.Properties)
				if err != nil || bytes.Contains(text, []byte(":old-")) || !bytes.Contains(text, []byte(":new-s3")) {
					t.Errorf("the bucket tells %s, %v", text, err)
				}
			}
		}
	}
	for _, q := range []string{"NewS3Queue", "NewSnsQueue", "NewEventbridgeQueue", "NewEventbridgeRuleNear"} {
		if after["acme-customer"].Resources[q].Type == "" {
			t.Errorf("there is no %s", q)
		}
	}
}

// The operator looks into the old queues, too.
func TestTheOperatorReachesAFormerQueue(t *testing.T) {
	c := cdktest.Config(t, ofQueue("new", `operator_arn: arn:aws:iam::111122223333:role/people
    was: [{arn: "arn:aws:sqs:eu-west-1:111122223333:old-NAME"}]`))
	roles := c.Roles()
	text, err := json.Marshal(roles[len(roles)-1].Allows())
	for _, want := range []string{":old-s3", ":old-s3-dlq", "alias/old-sns"} {
		if err != nil || !bytes.Contains(text, []byte(want+`"`)) {
			t.Errorf("%s is not in %s, %v", want, text, err)
		}
	}
	if r, _ := config.ParseARN(roles[0].ARN); r.Name() != "devo" {
		t.Errorf("the first role is %s", roles[0].ARN)
	}
}
