package collector

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// total is one of the deployment's counts.
func (b *build) total(name, label string) awscloudwatch.IMetric { return b.labelled(name, sum, label) }

// latest is a value that stands until the next is measured.
func (b *build) latest(name, label string) awscloudwatch.IMetric {
	return b.labelled(name, maximum, label)
}

func (b *build) labelled(name, statistic, label string) awscloudwatch.IMetric {
	return relabelled(b.own(name, statistic, grain), label)
}

func relabelled(m awscloudwatch.Metric, label string) awscloudwatch.IMetric {
	return m.With(&awscloudwatch.MetricOptions{Label: jsii.String(label)})
}

func heading(markdown string) awscloudwatch.IWidget {
	return awscloudwatch.NewTextWidget(&awscloudwatch.TextWidgetProps{
		Markdown: jsii.String(markdown), Background: awscloudwatch.TextWidgetBackground_TRANSPARENT,
		Width: jsii.Number(fullWidth), Height: jsii.Number(1 + strings.Count(markdown, "\n")),
	})
}

// values shows numbers: of all the time shown, or the latest.
func values(title string, width int, allTime bool, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewSingleValueWidget(&awscloudwatch.SingleValueWidgetProps{
		Title: jsii.String(title), Metrics: &metrics, SetPeriodToTimeRange: jsii.Bool(allTime),
		Width: jsii.Number(width), Height: jsii.Number(3),
	})
}

// graph has a curve for each metric. Its row says how wide it is.
func graph(title, unit string, metrics ...awscloudwatch.IMetric) *awscloudwatch.GraphWidgetProps {
	return &awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title), Left: &metrics, Height: jsii.Number(6),
		LeftYAxis: &awscloudwatch.YAxisProps{Label: jsii.String(unit), Min: jsii.Number(0), ShowUnits: jsii.Bool(false)},
	}
}

// row puts graphs side by side.
func row(d awscloudwatch.Dashboard, graphs ...*awscloudwatch.GraphWidgetProps) {
	var widgets []awscloudwatch.IWidget
	for _, g := range graphs {
		g.Width = jsii.Number(fullWidth / len(graphs))
		widgets = append(widgets, awscloudwatch.NewGraphWidget(g))
	}
	d.AddWidgets(widgets...)
}
