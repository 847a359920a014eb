package collector

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"github.com/devo-s3/collector/telemetry"
)

// List prices in USD of us-east-1, without the free tier: good for an order of
// magnitude and for what grows. docs/infrastructure.md says where they are from
// and has those that no metric of this account shows.
const (
	perMillionInvocations = 0.20
	perMillionWrites      = 0.625
	perMillionReads       = 0.125
	perLogGB              = 0.50
)

// perGBSecond is of Lambda's memory, by architecture.
var perGBSecond = map[string]float64{"arm64": 0.0000133334, "x86_64": 0.0000166667}

// costs shows what grows with the work. What does not is in the docs.
func (b *build) costs(d awscloudwatch.Dashboard) {
	perDay := []awscloudwatch.IMetric{b.lambdaCost(), b.logCost()}
	if b.config.Remembers() {
		perDay = append(perDay, b.ledgerCost())
	}
	d.AddWidgets(heading("## What does it cost?\nUSD at list prices of us-east-1, in this account; the queues' requests and the bucket's are the customer's. docs/infrastructure.md has the rest."))
	d.AddWidgets(values("In the time shown, USD", fullWidth, true, perDay...))
	row(d,
		graph("USD", "USD", perDay...),
		graph("Memory left of the function's", "MiB", b.labelled(telemetry.MemoryHeadroom, minimum, "least")),
	)
}

// lambdaCost is of both functions' time and invocations.
func (b *build) lambdaCost() awscloudwatch.IMetric {
	c := b.config
	const gib = 1024
	perMs := func(memoryMiB int) float64 { return float64(memoryMiB) / gib * perGBSecond[c.Architecture] / 1000 }
	formula := fmt.Sprintf("FILL(time, 0) * %.12f + FILL(watchTime, 0) * %.12f + (FILL(runs, 0) + FILL(watchRuns, 0)) * %.12f",
		perMs(c.MemoryMiB), perMs(watchMemoryMiB), perMillionInvocations/1e6)
	return expression("Lambda", grain, formula, map[string]awscloudwatch.IMetric{
		"time":      lambda(c.FunctionName(), "Duration", sum, grain),
		"watchTime": lambda(c.WatchName(), "Duration", sum, grain),
		"runs":      lambda(c.FunctionName(), "Invocations", sum, grain),
		"watchRuns": lambda(c.WatchName(), "Invocations", sum, grain),
	})
}

func (b *build) logCost() awscloudwatch.IMetric {
	c := b.config
	return expression("logs and metrics taken in", grain, fmt.Sprintf("(FILL(logged, 0) + FILL(watchLogged, 0)) * %.12f", perLogGB/1e9),
		map[string]awscloudwatch.IMetric{
			"logged":      logs(c.FunctionName(), "IncomingBytes"),
			"watchLogged": logs(c.WatchName(), "IncomingBytes"),
		})
}

func (b *build) ledgerCost() awscloudwatch.IMetric {
	units := func(name string) awscloudwatch.IMetric {
		return metric("AWS/DynamoDB", name, sum, grain, map[string]string{"TableName": b.config.Ledger.Table})
	}
	return expression("ledger", grain, fmt.Sprintf("FILL(writes, 0) * %.12f + FILL(reads, 0) * %.12f", perMillionWrites/1e6, perMillionReads/1e6),
		map[string]awscloudwatch.IMetric{"writes": units("ConsumedWriteCapacityUnits"), "reads": units("ConsumedReadCapacityUnits")})
}
