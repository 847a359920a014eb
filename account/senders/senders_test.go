//go:build ministack

package senders

import (
	"log/slog"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/internal/emulator"
)

const queue = "arn:aws:sqs:us-east-1:000000000000:logs"

func start(t *testing.T) (*Senders, aws.Config) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": emulator.Ministack(t, "../..", emulator.Address(t)), "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	a, err := account.New(t.Context(), account.Options{Customer: "acme", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return New(a, "", ""), a.Config()
}

func TestSubscription(t *testing.T) {
	s, config := start(t)
	client := sns.NewFromConfig(config)
	topic, err := client.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("logs")})
	if err != nil {
		t.Fatal(err)
	}
	look := func(want bool, filter string) {
		t.Helper()
		found, of, err := s.Subscription(t.Context(), *topic.TopicArn, queue)
		if err != nil || found != want || of.Filter != filter || of.Pending {
			t.Errorf("found %t, %+v, %v", found, of, err)
		}
	}
	subscribe := func(endpoint string) *string {
		t.Helper()
		out, err := client.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: &endpoint})
		if err != nil {
			t.Fatal(err)
		}
		return out.SubscriptionArn
	}
	look(false, "")
	subscribe(queue + "-of-somebody")
	look(false, "")
	arn := subscribe(queue)
	look(true, "")
	if _, err := client.SetSubscriptionAttributes(t.Context(), &sns.SetSubscriptionAttributesInput{
		SubscriptionArn: arn, AttributeName: aws.String("FilterPolicy"), AttributeValue: aws.String(`{"x":["y"]}`),
	}); err != nil {
		t.Fatal(err)
	}
	look(true, `{"x":["y"]}`)
	if _, _, err := s.Subscription(t.Context(), *topic.TopicArn+"-gone", queue); err == nil {
		t.Error("a topic that does not exist is no error")
	}
	if _, _, err := s.Subscription(t.Context(), "logs", queue); err == nil {
		t.Error("a topic without an ARN is no error")
	}
}

func TestRules(t *testing.T) {
	s, config := start(t)
	client := eventbridge.NewFromConfig(config)
	put := func(name, pattern string, state types.RuleState) {
		t.Helper()
		if _, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &name, EventPattern: &pattern, State: state}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: &name, Targets: []types.Target{{Id: aws.String("q"), Arn: aws.String(queue)}}}); err != nil {
			t.Fatal(err)
		}
	}
	const app = `{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["acme-logs"]},"object":{"key":[{"prefix":"app/"}]}}}`
	put("app", app, types.RuleStateEnabled)
	put("off", `{"source":["aws.s3"]}`, types.RuleStateDisabled)
	rules, err := s.Rules(t.Context(), queue)
	if err != nil || len(rules) != 2 {
		t.Fatalf("%+v, %v", rules, err)
	}
	for _, r := range rules {
		if r.Enabled != (r.Name == "app") {
			t.Errorf("%+v", r)
		}
	}
	for _, c := range []struct {
		bucket, key string
		want        bool
	}{{"acme-logs", "app/sample", true}, {"acme-logs", "web/sample", false}, {"other", "app/sample", false}} {
		if got, err := s.Matches(t.Context(), Rule{"app", true, app}, queue, "Object Created", c.bucket, "us-east-1", c.key); err != nil || got != c.want {
			t.Errorf("%+v: %t, %v", c, got, err)
		}
	}
	if got, err := s.Matches(t.Context(), Rule{Name: "schedule"}, queue, "Object Created", "acme-logs", "us-east-1", "app/sample"); err != nil || got {
		t.Errorf("a schedule: %t, %v", got, err)
	}
	if none, err := s.Rules(t.Context(), queue+"2"); err != nil || len(none) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}
