// Package collector is the stack in Devo's account: the function and what it
// needs, watch, the alarms, the dashboard and the queries.
//
// It refers to no construct of the customer's stacks: both have their names from
// the deployment's file.
package collector

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
)

// A build is a deployment's stack in the making.
type build struct {
	stack           awscdk.Stack
	config          *config.Config
	made            map[string]constructs.Construct // the queues of this stack, by ARN
	secretARNs      []string                        // of the key pair, unless it is in files, and of vendors' keys
	live            awslambda.Alias
	mappings        []awslambda.EventSourceMapping
	logs, watchLogs awslogs.LogGroup
}

// New makes the stack CUSTOMER-collector. asset is a folder that holds collector
// and watch, each with its bootstrap and config.yaml.
func New(app awscdk.App, c *config.Config, asset string) awscdk.Stack {
	b := &build{config: c, made: make(map[string]constructs.Construct), stack: awscdk.NewStack(app, jsii.String(c.CollectorStack()), &awscdk.StackProps{
		Env:                   &awscdk.Environment{Account: &c.Account, Region: &c.Region},
		Description:           jsii.String("Devo S3 Collector: what carries the logs of " + c.Customer + " to Devo"),
		TerminationProtection: &c.Protect,
		Tags:                  &map[string]*string{"application": jsii.String("devo-s3-collector"), "deployment": &c.Customer},
	})}
	b.queues()
	b.table()
	b.secrets()
	b.function(asset)
	b.watch(asset)
	alarms := b.alarms()
	if c.Dashboard {
		b.dashboard(alarms)
	}
	b.queryDefinitions()
	return b.stack
}
