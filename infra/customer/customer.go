// Package customer is the stacks in the customer's account: queues and their
// delivery, the roles for Devo, alarms; new buckets, if they are asked for. No
// code runs there.
//
// It refers to no construct of the collector's stack: both have their names from
// the deployment's file. What is there already is not touched; ByHand says what
// has to be added to it.
package customer

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdk"
	"github.com/devo-s3/collector/infra/queue"
)

// New makes the stacks: CUSTOMER-customer in the deployment's region, and
// CUSTOMER-customer-REGION in each other one where something has to be made for
// the buckets there. A stack that would be empty is not made.
func New(app awscdk.App, c *config.Config) []awscdk.Stack {
	var stacks []awscdk.Stack
	if home(c) {
		stacks = append(stacks, newStack(app, c, c.CustomerStack(), c.Region))
	}
	for _, region := range c.BucketRegions() {
		if slices.ContainsFunc(c.Queues, func(q config.Queue) bool { return len(feeds(c, &q, region)) > 0 }) {
			stacks = append(stacks, newStack(app, c, c.RegionStack(region), region))
		}
	}
	return stacks
}

// home tells whether there is something to make in the deployment's region.
func home(c *config.Config) bool {
	return slices.ContainsFunc(c.Queues, func(q config.Queue) bool {
		return q.Makes("queue") && !q.InDevo(c) || q.Makes("reader") || q.Makes("operator") || len(feeds(c, &q, c.Region)) > 0 ||
			slices.ContainsFunc(q.Buckets, func(b config.Bucket) bool { return b.Makes("bucket") })
	})
}

// A build is a stack in the making.
type build struct {
	stack  awscdk.Stack
	config *config.Config
	region string
	plain  bool                              // the one queue's things are the stack's own, not within a scope of its name
	alarms *string                           // the ARN of their topic
	before map[string]constructs.IDependable // by queue's ARN: S3 notifies only what lets it already
}

func newStack(app awscdk.App, c *config.Config, name, region string) awscdk.Stack {
	account := c.CustomerAccount()
	b := newBuild(awscdk.NewStack(app, jsii.String(name), &awscdk.StackProps{
		Env:         &awscdk.Environment{Account: &account, Region: &region},
		Description: jsii.String("Devo S3 Collector: lets Devo collect logs from S3, deployment " + c.Customer),
		Synthesizer: awscdk.NewBootstraplessSynthesizer(nil), // there are no assets
		Tags:        &map[string]*string{"application": jsii.String("devo-s3-collector"), "deployment": &c.Customer},
	}), c, region)
	b.fill()
	return b.stack
}

// Plain makes in the stack what a deployment with one queue has in the region,
// under short logical ids.
func Plain(stack awscdk.Stack, c *config.Config, region string) {
	b := newBuild(stack, c, region)
	b.plain = true
	b.fill()
}

func newBuild(stack awscdk.Stack, c *config.Config, region string) *build {
	return &build{stack: stack, config: c, region: region, before: make(map[string]constructs.IDependable)}
}

// fill makes what belongs into the stack.
func (b *build) fill() {
	for _, q := range b.config.Polled() { // of a vendor's there is nothing of the customer's
		here := b.home() && q.Makes("queue") && !q.InDevo(b.config)
		if !here && len(feeds(b.config, &q, b.region)) == 0 {
			continue
		}
		scope := b.scope(&q)
		if here {
			b.queue(scope, &q)
		}
		b.feed(scope, &q)
	}
	if b.home() {
		b.buckets()
		b.roles()
	}
	cdk.Readable(b.stack)
}

// home tells whether this is the stack in the deployment's region.
func (b *build) home() bool { return b.region == b.config.Region }

// scope is what a queue's things are made in, by its name: another queue before
// it in the file changes nothing.
func (b *build) scope(q *config.Queue) constructs.Construct {
	switch {
	case b.plain:
		return b.stack
	case q.InDevo(b.config):
		return constructs.NewConstruct(b.stack, jsii.String("Devo-"+q.Name()))
	}
	return constructs.NewConstruct(b.stack, jsii.String(q.Name()))
}

// queue makes the queue, its alarms, and says what Devo needs to know of it.
func (b *build) queue(scope constructs.Construct, q *config.Queue) {
	made := queue.New(scope, b.config, q)
	b.before[q.ARN] = made.Policy
	b.queueAlarms(scope, q)
	if made.Undelivered != nil {
		b.undeliveredAlarm(scope, made.Undelivered)
	}
	output(scope, "QueueUrl", made.Queue.AttrQueueUrl(), "The queue's URL, for Devo")
	output(scope, "QueueArn", made.Queue.AttrArn(), "The queue's ARN, for Devo")
	output(scope, "DLQUrl", made.DLQ.AttrQueueUrl(), "The URL of the queue of messages that could not be processed")
}

// output says something to whoever deployed the stack.
func output(scope constructs.Construct, id string, value *string, description string) {
	awscdk.NewCfnOutput(scope, jsii.String(id), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(description)})
}
