package collector

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/telemetry"
)

// grain is the period of what need not be known at once.
const grain = 5 * time.Minute

// The statistics.
const (
	sum     = "Sum"
	maximum = "Maximum"
	minimum = "Minimum"
)

// own is a metric of the function or of watch, of the deployment as a whole.
func (b *build) own(name, statistic string, period time.Duration) awscloudwatch.Metric {
	return metric(telemetry.Namespace, name, statistic, period, map[string]string{telemetry.Deployment: b.config.Customer})
}

// failures are the messages that were handed back for a reason.
func (b *build) failures(kind string, period time.Duration) awscloudwatch.Metric {
	return metric(telemetry.Namespace, telemetry.Failures, sum, period, map[string]string{
		telemetry.Deployment: b.config.Customer, telemetry.Kind: kind,
	})
}

// arrivals are the messages that came by a queue.
func (b *build) arrivals(queue string, period time.Duration) awscloudwatch.Metric {
	return metric(telemetry.Namespace, telemetry.Messages, sum, period, map[string]string{
		telemetry.Deployment: b.config.Customer, telemetry.Queue: queue,
	})
}

// bySource is a metric's sum for one source.
func (b *build) bySource(name, source string, period time.Duration) awscloudwatch.Metric {
	return metric(telemetry.Namespace, name, sum, period, map[string]string{
		telemetry.Deployment: b.config.Customer, telemetry.Source: source,
	})
}

// each is a metric for every value of a dimension; a graph shows those that had
// data in its time.
func (b *build) each(name, dimension, statistic string, period time.Duration) awscloudwatch.IMetric {
	return expression("", period, fmt.Sprintf(`SEARCH('{%s,%s,%s} MetricName="%s" %s="%s"', '%s', %d)`,
		telemetry.Namespace, telemetry.Deployment, dimension, name, telemetry.Deployment, b.config.Customer,
		statistic, int(period.Seconds())), nil)
}

// lambda is a metric that Lambda has of a function.
func lambda(function, name, statistic string, period time.Duration) awscloudwatch.Metric {
	return metric("AWS/Lambda", name, statistic, period, map[string]string{"FunctionName": function})
}

// logs is a metric that CloudWatch has of a function's log group.
func logs(function, name string) awscloudwatch.Metric {
	return metric("AWS/Logs", name, sum, grain, map[string]string{"LogGroupName": config.LogGroup(function)})
}

// oldest is the age of a queue's oldest message, in seconds.
func oldest(queue string, period time.Duration) awscloudwatch.Metric {
	return metric("AWS/SQS", "ApproximateAgeOfOldestMessage", maximum, period, map[string]string{"QueueName": queue})
}

func metric(namespace, name, statistic string, period time.Duration, dimensions map[string]string) awscloudwatch.Metric {
	d := make(map[string]*string)
	for key, value := range dimensions {
		d[key] = jsii.String(value)
	}
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: jsii.String(namespace), MetricName: jsii.String(name), DimensionsMap: &d,
		Statistic: jsii.String(statistic), Period: seconds(period),
	})
}

func expression(label string, period time.Duration, formula string, of map[string]awscloudwatch.IMetric) awscloudwatch.MathExpression {
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String(formula), UsingMetrics: &of, Label: jsii.String(label), Period: seconds(period),
	})
}
