package collector

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdktest"
	"github.com/devo-s3/collector/infra/customer"
)

// TestStatefulResourcesKeepTheirIDs: another logical id is another resource,
// and the old one is lost.
func TestStatefulResourcesKeepTheirIDs(t *testing.T) {
	stateful := map[string]string{
		"Ledger":                              "AWS::DynamoDB::Table",
		"Secret":                              "AWS::SecretsManager::Secret",
		"Keysdevos3collectoracmefeed787E5905": "AWS::SecretsManager::Secret",
		"ContinuationQueueBD4405ED":           "AWS::SQS::Queue",
		"ContinuationDLQ84952AAA":             "AWS::SQS::Queue",
		"QueueacmehereQueue78AA518F":          "AWS::SQS::Queue",
		"QueueacmehereDLQC6692D43":            "AWS::SQS::Queue",
	}
	for _, name := range []string{"small", "large"} {
		for id, r := range template(t, name).Resources {
			switch r.Type {
			case "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::SQS::Queue", "AWS::KMS::Key", "AWS::S3::Bucket":
				if stateful[id] != r.Type {
					t.Errorf("%s: %s is a new %s", name, id, r.Type)
				}
				if r.UpdateReplacePolicy != "Retain" {
					t.Errorf("%s: %s is not retained when it is replaced", name, id)
				}
				if r.DeletionPolicy != "RetainExceptOnCreate" {
					t.Errorf("%s: %s is deleted with its stack, or in the way of a second attempt: %s", name, id, r.DeletionPolicy)
				}
			}
		}
	}
	for id := range stateful {
		if template(t, "small").Resources[id].Type == "" && template(t, "large").Resources[id].Type == "" {
			t.Errorf("%s is gone", id)
		}
	}
}

func TestSecretHasNoValue(t *testing.T) {
	secret := template(t, "small").Resources["Secret"].Properties
	for _, property := range []string{"SecretString", "GenerateSecretString"} {
		if secret[property] != nil {
			t.Errorf("the template has a %s", property)
		}
	}
	for id, secret := range template(t, "large").Of("AWS::SecretsManager::Secret") {
		if name := secret.Properties["Name"]; name != "devo-s3-collector/acme-feed" {
			t.Errorf("%s, %v, is made beside the one that has an ARN", id, name)
		}
	}
}

// TestMappingsLoseNothing: without partial-batch responses a failed batch takes
// its good messages along, and what a filter does not let pass is deleted.
func TestMappingsLoseNothing(t *testing.T) {
	for name := range deployments {
		for id, m := range template(t, name).Of("AWS::Lambda::EventSourceMapping") {
			if diff := cmp.Diff([]any{"ReportBatchItemFailures"}, m.Properties["FunctionResponseTypes"]); diff != "" {
				t.Errorf("%s: %s: %s", name, id, diff)
			}
			for _, property := range []string{"FilterCriteria", "ProvisionedPollerConfig", "Enabled"} {
				if value, ok := m.Properties[property]; ok {
					t.Errorf("%s: %s has %s %v", name, id, property, value)
				}
			}
		}
	}
}

func TestEveryQueueHasAMapping(t *testing.T) {
	type settings struct{ Batch, Window, Concurrency any }
	got := make(map[string]settings)
	for _, m := range template(t, "large").Of("AWS::Lambda::EventSourceMapping") {
		p := m.Properties
		got[p["EventSourceArn"].(string)] = settings{
			p["BatchSize"], p["MaximumBatchingWindowInSeconds"], p["ScalingConfig"].(map[string]any)["MaximumConcurrency"],
		}
	}
	want := map[string]settings{
		"arn:aws:sqs:eu-west-1:111122223333:devo-logs":                           {100.0, 30.0, 40.0},
		"arn:aws:sqs:eu-west-1:111122223333:devo-flows":                          {5.0, 0.0, 10.0},
		"arn:aws:sqs:eu-west-1:999988887777:acme-here":                           {5.0, 0.0, 10.0},
		"arn:aws:sqs:eu-west-1:999988887777:devo-s3-collector-acme-continuation": {5.0, 0.0, 10.0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestMappingsWaitForTheirQueues: Lambda asks for a queue when a mapping is
// made.
func TestMappingsWaitForTheirQueues(t *testing.T) {
	for id, m := range template(t, "large").Of("AWS::Lambda::EventSourceMapping") {
		here := m.Properties["EventSourceArn"] == "arn:aws:sqs:eu-west-1:999988887777:acme-here" ||
			m.Properties["EventSourceArn"] == "arn:aws:sqs:eu-west-1:999988887777:devo-s3-collector-acme-continuation"
		if waits := m.DependsOn != nil; waits != here {
			t.Errorf("%s waits: %t", id, waits)
		}
	}
}

// TestLoopIsAllowed: Lambda stops a function that sends to itself after 16
// rounds, and a long object takes more.
func TestLoopIsAllowed(t *testing.T) {
	if got := template(t, "small").Resources["Collector"].Properties["RecursiveLoop"]; got != "Allow" {
		t.Errorf("RecursiveLoop is %v", got)
	}
}

func TestFunctionIsAsConfigured(t *testing.T) {
	for name, want := range map[string]map[string]any{
		"small": {
			"Architectures": []any{"arm64"}, "MemorySize": 1769.0, "Timeout": 180.0,
			"EphemeralStorage": map[string]any{"Size": 512.0},
			"Environment":      map[string]any{"Variables": map[string]any{"GOMEMLIMIT": "1593MiB"}},
		},
		"large": {
			"Architectures": []any{"x86_64"}, "MemorySize": 3008.0, "Timeout": 300.0,
			"EphemeralStorage": map[string]any{"Size": 4500.0},
			"Environment":      map[string]any{"Variables": map[string]any{"GOMEMLIMIT": "2708MiB"}},
			"TracingConfig":    map[string]any{"Mode": "Active"},
		},
	} {
		p := template(t, name).Resources["Collector"].Properties
		for property, value := range want {
			if diff := cmp.Diff(value, p[property]); diff != "" {
				t.Errorf("%s: %s: %s", name, property, diff)
			}
		}
		for _, property := range []string{"VpcConfig", "Layers", "ReservedConcurrentExecutions"} {
			if p[property] != nil {
				t.Errorf("%s: there is %s", name, property)
			}
		}
	}
}

// What protects the stack would keep a first deployment that fails from being
// repeated: it is there when the file asks for it.
func TestStackIsProtectedWhenAsked(t *testing.T) {
	var stack awscdk.Stack
	for file, want := range map[string]bool{small: false, small + "protect: true\n": true} {
		stack = newStack(t, cdktest.App(t), cdktest.Config(t, file))
		if got := *stack.TerminationProtection(); got != want {
			t.Errorf("the stack's protection is %t, want %t", got, want)
		}
		for id, r := range cdktest.Synth(t, stack).Of("AWS::DynamoDB::Table") {
			if got := r.Properties["DeletionProtectionEnabled"]; got != want {
				t.Errorf("%s: the table's protection is %v, want %t", id, got, want)
			}
		}
	}
	want := map[string]string{"application": "devo-s3-collector", "deployment": "acme"}
	got := make(map[string]string)
	for key, value := range *stack.Tags().TagValues() {
		got[key] = *value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSynthWarnsOfNothing: with --strict a warning ends synth.
func TestSynthWarnsOfNothing(t *testing.T) {
	stack := newStack(t, cdktest.App(t), cdktest.Config(t, large))
	for _, w := range *assertions.Annotations_FromStack(stack).FindWarning(jsii.String("*"), assertions.Match_AnyValue()) {
		t.Error(asJSON(w))
	}
}

// TestNothingIdleIsDear: of what costs money while nothing happens there is
// nothing beyond the doc's table.
func TestNothingIdleIsDear(t *testing.T) {
	cheap := []string{
		"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::Dashboard", "AWS::DynamoDB::Table",
		"AWS::Events::Rule", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig",
		"AWS::Lambda::EventSourceMapping", "AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Lambda::Version",
		"AWS::Logs::LogGroup", "AWS::Logs::QueryDefinition", "AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy",
		"AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::SecretsManager::Secret",
	}
	for name := range deployments {
		for id, r := range template(t, name).Resources {
			if !slices.Contains(cheap, r.Type) {
				t.Errorf("%s: %s is a %s; docs/infrastructure.md does not have it", name, id, r.Type)
			}
		}
	}
}

// TestNamesAgreeWithTheCustomersStack: no construct crosses the two.
func TestNamesAgreeWithTheCustomersStack(t *testing.T) {
	c := cdktest.Config(t, deployments["large"])
	ours := template(t, "large")
	app := cdktest.App(t)
	customers := make(map[string]bool) // ARNs
	for _, stack := range customer.New(app, c) {
		theirs := cdktest.Synth(t, stack)
		for _, q := range theirs.Of("AWS::SQS::Queue") {
			if name, ok := q.Properties["QueueName"].(string); ok {
				customers["arn:aws:sqs:eu-west-1:"+c.CustomerAccount()+":"+name] = true
			}
		}
		for _, r := range theirs.Of("AWS::IAM::Role") {
			if name, ok := r.Properties["RoleName"].(string); ok {
				customers["arn:aws:iam::"+c.CustomerAccount()+":role/"+name] = true
			}
		}
	}
	for _, q := range c.Queues {
		if q.Vendor() {
			continue
		}
		for _, arn := range []string{q.ARN, q.DLQ} {
			if customers[arn] == q.InDevo(c) {
				t.Errorf("%s: the customer's stack makes it: %t", arn, customers[arn])
			}
		}
		if !customers[q.RoleARN] {
			t.Errorf("no stack makes %s", q.RoleARN)
		}
	}
	roles := make(map[string]string)
	for id, r := range ours.Of("AWS::IAM::Role") {
		roles[id] = "arn:aws:iam::" + c.Account + ":role/" + r.Properties["RoleName"].(string)
	}
	if diff := cmp.Diff(map[string]string{"Role1ABCC5F0": c.ExecutionRoleARN(), "WatchRoleD1E07A11": c.WatchRoleARN()}, roles); diff != "" {
		t.Error(diff)
	}
	here := make(map[string]bool)
	for _, q := range ours.Of("AWS::SQS::Queue") {
		here[config.ARN{Partition: "aws", Service: "sqs", Region: c.Region, Account: c.Account, Resource: q.Properties["QueueName"].(string)}.String()] = true
	}
	want := []string{c.Continuation, c.ContinuationDLQ(), c.Queues[2].ARN, c.Queues[2].DLQ}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(maps.Keys(here))); diff != "" {
		t.Error(diff)
	}
}
