package collector

import (
	"path/filepath"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

const (
	watchMemoryMiB = 256
	// watchTimeout ends a run before the next one begins.
	watchTimeout = 55 * time.Second
)

// watch makes the function that runs once a minute.
func (b *build) watch(asset string) {
	c := b.config
	b.watchLogs = b.logGroup("WatchLogs", c.WatchName())
	f := b.functionProps(c.WatchName(), filepath.Join(asset, "watch"), b.watchLogs, b.watchRole(), watchMemoryMiB)
	f.Description = jsii.String("Pauses the collector of " + c.Customer + " while Devo cannot be reached, and counts what waits")
	f.Timeout = seconds(watchTimeout)
	(*f.Environment)["COLLECTOR_FUNCTION"] = b.live.FunctionArn()
	// The next minute's run takes the place of one that failed.
	f.RetryAttempts = jsii.Number(0)
	f.MaxEventAge = seconds(time.Minute)
	watch := b.newFunction("Watch", f)

	rule := awsevents.NewCfnRule(b.stack, jsii.String("EveryMinute"), &awsevents.CfnRuleProps{
		Name:               jsii.String(c.WatchName()),
		ScheduleExpression: jsii.String("rate(1 minute)"),
		State:              jsii.String("ENABLED"),
		Targets:            []any{map[string]any{"id": "watch", "arn": watch.FunctionArn()}},
	})
	awslambda.NewCfnPermission(b.stack, jsii.String("EveryMinutePermission"), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: watch.FunctionArn(),
		Principal:    jsii.String("events.amazonaws.com"),
		SourceArn:    rule.AttrArn(),
	})
}
