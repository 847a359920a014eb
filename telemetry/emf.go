package telemetry

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// maxValues is how many values of a metric one line may have.
const maxValues = 100

// units are CloudWatch's, of the metrics that are no counts. It has no unit for
// days, and its megabytes are Lambda's: MiB.
var units = map[string]string{
	BytesIn: "Bytes", BytesOut: "Bytes", Lag: "Seconds", OldestMessage: "Seconds", ConfirmTime: "Milliseconds",
	CertificateDays: "None", MemoryHeadroom: "Megabytes", BreakerOpen: "None",
}

// Values are metrics by name. A count has one value; what is a distribution has
// one for each event, and none at all where there was no event.
type Values map[string][]float64

// Count adds n to a count.
func (v Values) Count(name string, n int64) {
	if len(v[name]) == 0 {
		v[name] = []float64{0}
	}
	v[name][0] += float64(n)
}

// Observe adds a value to a distribution, or to a metric that has one at most.
func (v Values) Observe(name string, value float64) { v[name] = append(v[name], value) }

// An Emitter writes metrics to the log in CloudWatch's embedded metric format,
// from which CloudWatch makes metrics without an API call:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
// A line is no line of slog's: it has no level, which Lambda takes for INFO.
type Emitter struct {
	Out        io.Writer // the function's standard output
	Deployment string
	Version    string // of the binary, a property of every line
	// Now is the time of the lines; the account's, where there is a ledger to
	// tell it.
	Now func() time.Time
}

type (
	metadata struct {
		Timestamp         int64 // ms
		CloudWatchMetrics []directive
	}
	directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	definition struct{ Name, Unit string }
)

// Emit writes one line: values by deployment, and by dimension too unless that
// is "". The properties are for Logs Insights alone. A write that fails has
// nobody to be told.
func (e *Emitter) Emit(dimension, value string, values Values, properties map[string]any) {
	root := map[string]any{"version": e.Version}
	maps.Copy(root, properties)
	set := []string{Deployment}
	root[Deployment] = e.Deployment
	if dimension != "" {
		set = append(set, dimension)
		root[dimension] = value
	}
	d := directive{Namespace: Namespace, Dimensions: [][]string{set}}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch v := thin(values[name]); len(v) {
		case 0:
			continue
		case 1:
			root[name] = v[0]
		default:
			root[name] = v
		}
		d.Metrics = append(d.Metrics, definition{name, unit(name)})
	}
	root["_aws"] = metadata{e.Now().UnixMilli(), []directive{d}}
	line, err := json.Marshal(root)
	if err != nil {
		line = fmt.Appendf(nil, `{"level":"ERROR","message":"metrics","cause":%q}`, err)
	}
	_, _ = e.Out.Write(append(line, '\n'))
}

func unit(name string) string {
	if u, ok := units[name]; ok {
		return u
	}
	return "Count"
}

// thin keeps as many of the values as a line may have, evenly over their order
// and always the least and the greatest, so that percentiles stay what they
// were.
func thin(values []float64) []float64 {
	if len(values) <= maxValues {
		return values
	}
	slices.Sort(values)
	kept := make([]float64, maxValues)
	for i := range kept {
		kept[i] = values[i*(len(values)-1)/(maxValues-1)]
	}
	return kept
}
