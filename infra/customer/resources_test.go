package customer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdktest"
)

// stateful are the ids that may not change: another id is another resource, and
// what is in the old one is lost or left behind.
var stateful = map[string]string{
	"DevoTrailQueue":  "AWS::SQS::Queue",
	"DevoTrailDLQ":    "AWS::SQS::Queue",
	"DevoAppQueue":    "AWS::SQS::Queue",
	"DevoAppDLQ":      "AWS::SQS::Queue",
	"DevoTrailKey":    "AWS::KMS::Key",
	"AcmeTrailBucket": "AWS::S3::Bucket",
	"AcmeAppBucket":   "AWS::S3::Bucket",
	"AcmeTrailTrail":  "AWS::CloudTrail::Trail",
}

func TestIDsStayWhateverTheOrderOfTheFile(t *testing.T) {
	for name, change := range map[string]func(*config.Config){
		"as it is":   func(*config.Config) {},
		"turned":     func(c *config.Config) { slices.Reverse(c.Queues) },
		"one bucket": func(c *config.Config) { c.Queues[1].Buckets = c.Queues[1].Buckets[:1] },
	} {
		t.Run(name, func(t *testing.T) {
			c := load(t, "straight")
			change(c)
			template := cdktest.Synth(t, New(cdktest.App(t), c)[0])
			got := make(map[string]string)
			for _, kind := range []string{"AWS::SQS::Queue", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::CloudTrail::Trail"} {
				for id := range template.Of(kind) {
					got[id] = kind
				}
			}
			if diff := cmp.Diff(stateful, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatHoldsDataIsKept(t *testing.T) {
	eachTemplate(t, func(t *testing.T, template *cdktest.Template) {
		for id, r := range template.Resources {
			delete, replace := "", ""
			switch r.Type {
			case "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SQS::Queue":
				delete, replace = "RetainExceptOnCreate", "Retain" // a first deployment that failed can be repeated
			}
			if r.DeletionPolicy != delete || r.UpdateReplacePolicy != replace {
				t.Errorf("%s, a %s: deletion %q, replacement %q; want %q, %q", id, r.Type, r.DeletionPolicy, r.UpdateReplacePolicy, delete, replace)
			}
		}
	})
}

func TestTimesFollowFromTheFunctions(t *testing.T) {
	for _, timeout := range []time.Duration{3 * time.Minute, 7*time.Minute + time.Second, 15 * time.Minute} {
		var queues strings.Builder
		windows := []time.Duration{0, time.Second, 5 * time.Minute}
		for i, window := range windows {
			fmt.Fprintf(&queues, `
  - arn: arn:aws:sqs:eu-west-1:111122223333:q%d
    role_arn: arn:aws:iam::111122223333:role/reader
    batch_window: %s
    buckets: [{name: acme-logs-%d}]
    sources: [aws_sqs_cloudtrail]`, i, window, i)
		}
		c := cdktest.Config(t, fmt.Sprintf(`
customer: acme
id: "1"
account: "999988887777"
region: eu-west-1
timeout: %s
devo: {endpoints: ["collector-eu.devo.io:443"], secret: s}
queues:%s`, timeout, queues.String()))
		template := cdktest.Synth(t, New(cdktest.App(t), c)[0])
		for i, window := range windows {
			id := fmt.Sprintf("Q%d", i)
			queue, dlq := template.Resources[id+"Queue"].Properties, template.Resources[id+"DLQ"].Properties
			visibility := queue["VisibilityTimeout"].(float64)
			if least := (6*timeout + window).Seconds(); visibility < least {
				t.Errorf("timeout %s, window %s: visibility %v s; want at least %v", timeout, window, visibility, least)
			}
			if late := template.Resources[id+"QueueLate"].Properties["Threshold"]; late != visibility+600 {
				t.Errorf("timeout %s, window %s: late after %v s; want %v", timeout, window, late, visibility+600)
			}
			kept, dead := queue["MessageRetentionPeriod"].(float64), dlq["MessageRetentionPeriod"].(float64)
			if expires := template.Resources[id+"DeadLettersExpire"].Properties["Threshold"].(float64); expires+kept >= dead {
				t.Errorf("a dead letter that waited %v s before is lost before the alarm at %v s: kept for %v s", kept, expires, dead)
			}
		}
	}
}

func TestNamesAreTheFiles(t *testing.T) {
	c, template := load(t, "straight"), templates(t, "straight")["customer"]
	for _, q := range c.Queues {
		id := map[string]string{"devo-trail": "DevoTrail", "devo-app": "DevoApp"}[q.Name()]
		if got := template.Resources[id+"Queue"].Properties["QueueName"]; got != q.Name() {
			t.Errorf("%s is named %v", q.ARN, got)
		}
		if got := template.Resources[id+"DLQ"].Properties["QueueName"]; got != q.DLQName() {
			t.Errorf("%s is named %v", q.DLQ, got)
		}
	}
	role := template.Resources["DevoXsOperatorRoleOperator"].Properties
	if role["Path"] != "/devo/" || role["RoleName"] != "devo-xs-operator-role" {
		t.Errorf("%s has the path %v and the name %v", c.Queues[0].OperatorARN, role["Path"], role["RoleName"])
	}
}
