package collector

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// Of the continuation queue's mapping: its messages name one object each.
const (
	continuationBatch       = 5
	continuationConcurrency = 10
)

// function makes the function, its alias live, and a mapping for each queue.
func (b *build) function(asset string) {
	c := b.config
	b.logs = b.logGroup("Logs", c.FunctionName())
	f := b.functionProps(c.FunctionName(), filepath.Join(asset, "collector"), b.logs, b.executionRole(), c.MemoryMiB)
	f.Timeout = seconds(c.Timeout)
	f.EphemeralStorageSize = awscdk.Size_Mebibytes(jsii.Number(storage(c)))
	f.Description = jsii.String("Carries the logs of " + c.Customer + " from S3 to Devo")
	// What an invocation leaves over it sends to itself, by the continuation
	// queue, as often as an object needs. Lambda takes that for a loop after 16
	// rounds and stops it, unless told. Each round must have made progress, or it
	// counts as a failure, so the loop ends.
	// https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
	f.RecursiveLoop = awslambda.RecursiveLoop_ALLOW
	// Old versions stay, so that live can be pointed back at them.
	f.CurrentVersionOptions = &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN}
	b.live = awslambda.NewAlias(b.stack, jsii.String("Live"), &awslambda.AliasProps{
		AliasName: jsii.String("live"), Version: b.newFunction("Collector", f).CurrentVersion(),
	})
	for _, q := range c.Polled() { // watch polls vendors'
		b.mapping(q.Account()+"-"+q.Name(), q.ARN, q.BatchSize, q.BatchWindow, q.Concurrency)
	}
	b.mapping("continuation", c.Continuation, continuationBatch, 0, continuationConcurrency)
}

// functionProps is what both functions have alike.
func (b *build) functionProps(name, folder string, logs awslogs.LogGroup, role awsiam.Role, memoryMiB int) *awslambda.FunctionProps {
	c := b.config
	architecture := awslambda.Architecture_ARM_64()
	if c.Architecture == "x86_64" {
		architecture = awslambda.Architecture_X86_64()
	}
	tracing := awslambda.Tracing_DISABLED
	if c.XRay {
		tracing = awslambda.Tracing_ACTIVE
	}
	return &awslambda.FunctionProps{
		FunctionName:          jsii.String(name),
		Runtime:               awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:          architecture,
		Handler:               jsii.String("bootstrap"),
		Code:                  awslambda.Code_FromAsset(jsii.String(folder), nil),
		Role:                  role,
		MemorySize:            jsii.Number(memoryMiB),
		LogGroup:              logs,
		LoggingFormat:         awslambda.LoggingFormat_JSON,
		SystemLogLevelV2:      awslambda.SystemLogLevel_INFO, // WARN would leave out platform.report
		ApplicationLogLevelV2: awslambda.ApplicationLogLevel_INFO,
		Tracing:               tracing,
		Environment:           &map[string]*string{"GOMEMLIMIT": jsii.String(fmt.Sprintf("%dMiB", memoryLimit(memoryMiB)))},
	}
}

// newFunction gives the function the logical id that `sam local invoke` is told.
func (b *build) newFunction(id string, props *awslambda.FunctionProps) awslambda.Function {
	f := awslambda.NewFunction(b.stack, jsii.String(id), props)
	f.Node().DefaultChild().(awslambda.CfnFunction).OverrideLogicalId(jsii.String(id))
	return f
}

// mapping has Lambda poll a queue. There is no filter: Lambda deletes what a
// filter does not let pass. Whether the mapping is enabled is watch's to say, so
// the template does not.
func (b *build) mapping(id, queue string, batch int, window time.Duration, concurrency int) {
	m := b.live.AddEventSourceMapping(jsii.String("Mapping-"+id), &awslambda.EventSourceMappingOptions{
		EventSourceArn:          jsii.String(queue),
		ReportBatchItemFailures: jsii.Bool(true),
		BatchSize:               jsii.Number(batch),
		MaxBatchingWindow:       seconds(window),
		MaxConcurrency:          jsii.Number(concurrency),
	})
	if here, ok := b.made[queue]; ok { // Lambda looks at the queue at once
		m.Node().AddDependency(here)
	}
	b.mappings = append(b.mappings, m)
}

func seconds(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Seconds(jsii.Number(d.Seconds()))
}
