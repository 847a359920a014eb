package queue

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdk"
)

// BusARN is the event bus beside q that takes the events of its far buckets.
// EventBridge delivers to a queue only from the queue's own region, and from
// another account only with more rights than to a bus.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-cross-account.html
func BusARN(c *config.Config, q *config.Queue) string {
	return config.ARN{Partition: c.Partition(), Service: "events", Region: q.Region(), Account: q.Account(), Resource: "event-bus/" + q.Name()}.String()
}

// Far tells whether the bucket's events come to another account's or region's
// event bus than the one beside q.
func Far(q *config.Queue, b config.Bucket) bool {
	return b.Owner != q.Account() || b.Region != q.Region()
}

// rules makes what delivers from EventBridge: for each bucket a rule, on the
// account's own bus, or on the one for those that are far. It gives the
// statements with which the queue lets them.
func rules(scope constructs.Construct, c *config.Config, q *config.Queue, made Queue) []cdk.Statement {
	var arns []string
	for _, b := range q.Buckets {
		rule := NewRule(scope, "Rule-"+b.Name, b, q, &awsevents.CfnRule_TargetProperty{
			Arn: made.Queue.AttrArn(), DeadLetterConfig: DeadLetters(made.Undelivered),
		})
		if Far(q, b) {
			rule.SetEventBusName(jsii.String(q.Name()))
			rule.AddResourceDependency(bus(scope, c, q), nil)
		}
		arns = append(arns, *rule.AttrArn())
	}
	LetUndelivered(scope, made.Undelivered, "events", arns...)
	return []cdk.Statement{send("Rules", "events", q.ARN, arns...)}
}

// NewRule makes the rule that sends the events of a bucket's new objects on
// their way to q.
func NewRule(scope constructs.Construct, id string, b config.Bucket, q *config.Queue, target *awsevents.CfnRule_TargetProperty) awsevents.CfnRule {
	target.Id = jsii.String("queue")
	return awsevents.NewCfnRule(scope, jsii.String(id), &awsevents.CfnRuleProps{
		Description:  jsii.String("New objects of " + b.Name + " to the queue " + q.Name()),
		EventPattern: Pattern(b),
		Targets:      []any{target},
	})
}

// DeadLetters is a target's, for what it does not take.
func DeadLetters(undelivered awssqs.CfnQueue) any {
	return &awsevents.CfnRule_DeadLetterConfigProperty{Arn: undelivered.AttrArn()}
}

// bus gives q's bus, which it makes when it is asked for first. The accounts
// that own q's far buckets may put events on it.
func bus(scope constructs.Construct, c *config.Config, q *config.Queue) awsevents.CfnEventBus {
	if made := scope.Node().TryFindChild(jsii.String("Bus")); made != nil {
		return made.(awsevents.CfnEventBus)
	}
	made := awsevents.NewCfnEventBus(scope, jsii.String("Bus"), &awsevents.CfnEventBusProps{Name: jsii.String(q.Name())})
	for _, owner := range Owners(q.Buckets) {
		if owner == q.Account() {
			continue
		}
		statement := cdk.Allow("BucketsOf"+owner, []string{BusARN(c, q)}, "events:PutEvents")
		statement.Principal = cdk.Account("arn:" + c.Partition() + ":iam::" + owner + ":root")
		// The L1 construct of this type warns of a property that is not set here.
		policy := awscdk.NewCfnResource(scope, jsii.String("BusPolicy-"+owner), &awscdk.CfnResourceProps{
			Type: jsii.String("AWS::Events::EventBusPolicy"),
			Properties: &map[string]any{
				"EventBusName": made.Name(), "StatementId": "BucketsOf" + owner,
				"Statement": cdk.JSON(statement),
			},
		})
		policy.AddResourceDependency(made, nil)
	}
	return made
}

// Pattern is the one of the events of a bucket's new objects.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func Pattern(b config.Bucket) any {
	detail := map[string]any{"bucket": map[string]any{"name": []string{b.Name}}}
	if keys := keyPatterns(b); keys != nil {
		detail["object"] = map[string]any{"key": keys}
	}
	return cdk.JSON(map[string]any{
		"source": []string{"aws.s3"}, "detail-type": []string{"Object Created"},
		"account": []string{b.Owner}, "region": []string{b.Region}, "detail": detail,
	})
}

var wildcard = strings.NewReplacer(`\`, `\\`, `*`, `\*`)

func keyPatterns(b config.Bucket) (patterns []any) {
	for _, p := range b.Prefixes {
		if len(b.Suffixes) == 0 {
			patterns = append(patterns, map[string]any{"prefix": p})
		}
		for _, s := range b.Suffixes {
			patterns = append(patterns, map[string]any{"wildcard": wildcard.Replace(p) + "*" + wildcard.Replace(s)})
		}
	}
	if len(b.Prefixes) == 0 {
		for _, s := range b.Suffixes {
			patterns = append(patterns, map[string]any{"suffix": s})
		}
	}
	return patterns
}
