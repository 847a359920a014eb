package queue

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdk"
)

// rules makes what delivers from EventBridge: for each bucket a rule, on the
// account's own bus, or on the one for those that are far. It gives the
// statements with which the queue lets them. A queue whose place another takes is
// told only by the bus, to which accounts may still send that were told by hand.
func rules(scope constructs.Construct, c *config.Config, q *config.Queue, made Queue) []iam.Statement {
	var arns []string
	for _, b := range q.Buckets {
		if !q.Far(b) && c.Former(*q) {
			continue
		}
		rule := NewRule(scope, "Rule-"+b.Name, b, q, &awsevents.CfnRule_TargetProperty{
			Arn: made.Queue.AttrArn(), DeadLetterConfig: DeadLetters(made.Undelivered),
		})
		if q.Far(b) {
			rule.SetEventBusName(jsii.String(q.Name()))
			rule.AddResourceDependency(bus(scope, c, q), nil)
		}
		arns = append(arns, *rule.AttrArn())
	}
	LetUndelivered(scope, made.Undelivered, "events", arns...)
	return q.RuleSenders(arns...)
}

// NewRule makes the rule that sends the events of a bucket's new objects on
// their way to q.
func NewRule(scope constructs.Construct, id string, b config.Bucket, q *config.Queue, target *awsevents.CfnRule_TargetProperty) awsevents.CfnRule {
	target.Id = jsii.String("queue")
	return awsevents.NewCfnRule(scope, jsii.String(id), &awsevents.CfnRuleProps{
		Description:  jsii.String("New objects of " + b.Name + " to the queue " + q.Name()),
		EventPattern: cdk.JSON(b.EventPattern()),
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
	for _, owner := range config.Owners(q.Buckets) {
		if owner == q.Account() {
			continue
		}
		statement := iam.Allow("BucketsOf"+owner, []string{q.BusARN(c)}, "events:PutEvents")
		statement.Principal = iam.Account("arn:" + c.Partition() + ":iam::" + owner + ":root")
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
