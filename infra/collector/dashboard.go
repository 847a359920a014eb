package collector

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/telemetry"
)

// fullWidth is a dashboard's, in its own units.
const fullWidth = 24

// dashboard answers four questions, from top to bottom.
func (b *build) dashboard(alarms []interfacesawscloudwatch.IAlarmRef) {
	c := b.config
	d := awscloudwatch.NewDashboard(b.stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String(c.FunctionName()), DefaultInterval: seconds(12 * time.Hour),
	})
	d.AddWidgets(heading(fmt.Sprintf("# %s: S3 to Devo\nAlarms and what to do: docs/operations.md. Whole stories: Logs Insights, saved queries, %s.", c.Customer, c.FunctionName())))
	d.AddWidgets(awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title: jsii.String("Alarms"), Alarms: &alarms, Width: jsii.Number(fullWidth), Height: jsii.Number(4),
	}))
	b.working(d)
	b.behind(d)
	b.failing(d)
	b.costs(d)
}

func (b *build) working(d awscloudwatch.Dashboard) {
	d.AddWidgets(heading("## Is it working?"))
	d.AddWidgets(
		values("In the time shown", 12, true,
			b.total(telemetry.Records, "records confirmed"), b.total(telemetry.Objects, "objects finished"),
			b.total(telemetry.BytesOut, "bytes to Devo"), b.total(telemetry.MessagesFailed, "messages handed back")),
		values("Now", 12, false,
			b.latest(telemetry.BreakerOpen, "paused (1: yes)"), b.latest(telemetry.MappingsDisabled, "mappings off by hand"),
			b.latest(telemetry.DLQDepth, "dead letters"), b.labelled(telemetry.CertificateDays, minimum, "certificate, days left")),
	)
	row(d,
		graph("Records confirmed, by source", "records", b.each(telemetry.Records, telemetry.Source, sum, grain)),
		graph("Bytes: stored objects in, Devo out", "bytes", b.total(telemetry.BytesIn, "in"), b.total(telemetry.BytesOut, "out")),
		graph("Connections to Devo", "count", b.total(telemetry.DevoAttempts, "begun"), b.total(telemetry.DevoConfirmed, "confirmed")),
	)
}

func (b *build) behind(d awscloudwatch.Dashboard) {
	d.AddWidgets(heading("## How far behind?"))
	d.AddWidgets(values("Now", fullWidth, false,
		b.labelled(telemetry.Lag, "p50", "lag, median (s)"), b.labelled(telemetry.Lag, maximum, "lag, longest (s)"),
		b.latest(telemetry.OldestMessage, "oldest message received (s)"),
		b.latest(telemetry.QueueDepth, "messages waiting"), b.latest(telemetry.ContinuationDepth, "continuations waiting")))
	row(d,
		graph("From an object's creation to its confirmation", "seconds",
			b.labelled(telemetry.Lag, "p50", "median"), b.labelled(telemetry.Lag, "p99", "99 %"), b.labelled(telemetry.Lag, maximum, "longest")),
		graph("The same, by source, median", "seconds", b.each(telemetry.Lag, telemetry.Source, "p50", grain)),
		graph("Messages waiting", "count", b.latest(telemetry.QueueDepth, "customer's queues"), b.latest(telemetry.ContinuationDepth, "continuation")),
		graph("A confirmation takes", "ms",
			b.labelled(telemetry.ConfirmTime, "p50", "median"), b.labelled(telemetry.ConfirmTime, "p99", "99 %")),
	)
	if b.config.Vendors() {
		row(d, graph("Vendors' queues and buckets", "count", b.total(telemetry.VendorPassed, "passed on"), b.total(telemetry.VendorFailures, "not read to the end"), b.total(telemetry.VendorsBehind, "behind")))
	}
}

func (b *build) failing(d awscloudwatch.Dashboard) {
	f := b.config.FunctionName()
	d.AddWidgets(heading("## What fails?"))
	d.AddWidgets(values("In the time shown", fullWidth, true,
		b.total(telemetry.Retries, "retries"), b.total(telemetry.Unparsed, "records unparsed"), b.total(telemetry.BadTags, "bad tags"),
		b.total(telemetry.Truncated, "cut"), b.total(telemetry.Unclaimed, "sent without ledger"), relabelled(lambda(f, "Errors", sum, grain), "function errors")))
	row(d,
		graph("Messages handed back, by kind", "count", b.each(telemetry.Failures, telemetry.Kind, sum, grain)),
		graph("Dead letters", "count", b.latest(telemetry.DLQDepth, "customer's queues"),
			b.latest(telemetry.ContinuationDLQDepth, "continuation"), b.latest(telemetry.QueueAttributesDenied, "queues not seen")),
		graph("Records not as they should be", "count", b.total(telemetry.Unparsed, "unparsed"), b.total(telemetry.BadTags, "bad tags"),
			b.total(telemetry.Truncated, "cut"), b.total(telemetry.Dropped, "left out by rules")),
		graph("Objects not as they should be", "count", b.total(telemetry.MostlyForeign, "mostly of another format"),
			b.total(telemetry.AllFiltered, "nothing left by rules"), b.total(telemetry.Abandoned, "ended on without a word"),
			b.total(telemetry.EventsIgnored, "events that create none")),
	)
	row(d,
		graph("Second attempts", "count", b.total(telemetry.Retries, "messages received before"), b.total(telemetry.Resumed, "objects resumed"),
			b.total(telemetry.DuplicatesPrevented, "duplicates prevented"), b.total(telemetry.Unclaimed, "sent without ledger"), b.total(telemetry.Superseded, "objects overwritten")),
		graph("The function", "count", relabelled(lambda(f, "Errors", sum, grain), "errors"),
			relabelled(lambda(f, "Throttles", sum, grain), "throttles"), relabelled(lambda(f, "ConcurrentExecutions", maximum, grain), "at once, most")),
		graph("An invocation takes", "ms", relabelled(lambda(f, "Duration", maximum, grain), "longest"), relabelled(lambda(f, "Duration", "p50", grain), "median")),
	)
}
