package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/local"
)

// synthesised is the template of the collector's stack as synth writes it.
const synthesised = "../../infra/collector/testdata/small.json"

// An alarmMetric is a metric of a template.
type alarmMetric struct {
	Namespace, MetricName string
	Dimensions            []struct{ Name, Value string }
}

// series is what data are kept by.
func (m alarmMetric) series() string {
	dimensions := make(map[string]string)
	for _, d := range m.Dimensions {
		dimensions[d.Name] = d.Value
	}
	return seriesOf(m.Namespace, m.MetricName, dimensions)
}

func seriesOf(namespace, name string, dimensions map[string]string) string {
	text := namespace + " " + name
	for _, d := range slices.Sorted(maps.Keys(dimensions)) {
		text += " " + d + "=" + dimensions[d]
	}
	return text
}

// A metricAlarm is an AWS::CloudWatch::Alarm.
type metricAlarm struct {
	alarmMetric
	AlarmName, ComparisonOperator, Statistic, TreatMissingData string
	DatapointsToAlarm, EvaluationPeriods, Period               int
	Threshold                                                  float64
	Metrics                                                    []struct {
		ID         string `json:"Id"`
		Expression string
		MetricStat *struct {
			Metric alarmMetric
			Period int
			Stat   string
		}
	}
}

// A cloudWatch takes what the functions emit and evaluates the alarms that the
// stack has: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html.
type cloudWatch struct {
	*testing.T
	alarms []metricAlarm
	data   map[string][]local.Datum
	on     map[string]bool // by the alarm's name, without the function's
}

func newCloudWatch(t *testing.T) *cloudWatch {
	t.Helper()
	text, err := os.ReadFile(synthesised)
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	w := &cloudWatch{T: t, data: make(map[string][]local.Datum), on: make(map[string]bool)}
	for id, r := range template.Resources {
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		var a metricAlarm
		if err := json.Unmarshal(r.Properties, &a); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		w.alarms = append(w.alarms, a)
	}
	return w
}

// put takes what is in a log line.
func (w *cloudWatch) put(line []byte) {
	data, err := local.ReadEMF(line)
	if err != nil {
		w.Errorf("%v: %s", err, line)
	}
	for _, d := range data {
		w.add(d)
	}
}

func (w *cloudWatch) add(d local.Datum) {
	series := seriesOf(d.Namespace, d.Name, d.Dimensions)
	w.data[series] = append(w.data[series], d)
}

// evaluate sets the alarms by the whole periods before now, and gives those that
// begin.
func (w *cloudWatch) evaluate(now time.Time) (began []string) {
	for _, a := range w.alarms {
		name := strings.TrimPrefix(a.AlarmName, "devo-s3-collector-acme-")
		known, bad := 0, 0
		for i := range a.EvaluationPeriods {
			breaching, ok := w.breaching(a, now, i)
			if !ok {
				breaching, ok = a.TreatMissingData == "breaching", a.TreatMissingData != "ignore"
			}
			if ok {
				known++
			}
			if breaching {
				bad++
			}
		}
		was := w.on[name]
		if known >= a.DatapointsToAlarm {
			w.on[name] = bad >= a.DatapointsToAlarm
		}
		if w.on[name] && !was {
			began = append(began, name)
		}
	}
	return began
}

// breaching tells whether a period is out of bounds, if there are data.
func (w *cloudWatch) breaching(a metricAlarm, now time.Time, before int) (bad, ok bool) {
	value := w.value(a, now, before)
	if math.IsNaN(value) {
		return false, false
	}
	switch a.ComparisonOperator {
	case "GreaterThanThreshold":
		return value > a.Threshold, true
	case "GreaterThanOrEqualToThreshold":
		return value >= a.Threshold, true
	case "LessThanThreshold":
		return value < a.Threshold, true
	}
	w.Fatalf("%s compares by %s", a.AlarmName, a.ComparisonOperator)
	return false, false
}

// value is NaN where there are no data.
func (w *cloudWatch) value(a metricAlarm, now time.Time, before int) float64 {
	if a.MetricName != "" {
		return w.statistic(a.alarmMetric, a.Statistic, a.Period, now, before)
	}
	values := make(map[string]float64)
	expression := ""
	for _, m := range a.Metrics {
		if m.MetricStat == nil {
			expression = m.Expression
			continue
		}
		values[m.ID] = w.statistic(m.MetricStat.Metric, m.MetricStat.Stat, m.MetricStat.Period, now, before)
	}
	tree, err := parser.ParseExpr(strings.ReplaceAll(expression, " AND ", " && "))
	if err != nil {
		w.Fatalf("%s: %v", a.AlarmName, err)
	}
	return w.calculate(tree, values)
}

func (w *cloudWatch) statistic(m alarmMetric, statistic string, period int, now time.Time, before int) float64 {
	length := time.Duration(period) * time.Second
	end := now.Truncate(length).Add(-time.Duration(before) * length)
	var values []float64
	for _, d := range w.data[m.series()] {
		if !d.Time.Before(end.Add(-length)) && d.Time.Before(end) {
			values = append(values, d.Values...)
		}
	}
	if len(values) == 0 {
		return math.NaN()
	}
	switch statistic {
	case "Maximum":
		return slices.Max(values)
	case "Minimum":
		return slices.Min(values)
	case "Sum":
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		return sum
	}
	w.Fatalf("%s of %s", statistic, m.MetricName)
	return 0
}

// calculate is metric math: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html.
func (w *cloudWatch) calculate(n ast.Expr, values map[string]float64) float64 {
	switch n := n.(type) {
	case *ast.Ident:
		if v, ok := values[n.Name]; ok {
			return v
		}
	case *ast.BasicLit:
		v, _ := strconv.ParseFloat(n.Value, 64)
		return v
	case *ast.ParenExpr:
		return w.calculate(n.X, values)
	case *ast.CallExpr:
		var args []float64
		for _, a := range n.Args {
			args = append(args, w.calculate(a, values))
		}
		switch name := fmt.Sprint(n.Fun); {
		case name == "FILL" && math.IsNaN(args[0]):
			return args[1]
		case name == "FILL":
			return args[0]
		case name == "IF" && args[0] == 0:
			return args[2]
		case name == "IF":
			return args[1]
		}
	case *ast.BinaryExpr:
		return w.operate(n.Op, w.calculate(n.X, values), w.calculate(n.Y, values))
	}
	w.Fatalf("metric math: %T %v", n, n)
	return 0
}

func (w *cloudWatch) operate(op token.Token, x, y float64) float64 {
	truth := map[bool]float64{true: 1, false: 0}
	switch op {
	case token.ADD:
		return x + y
	case token.SUB:
		return x - y
	case token.MUL:
		return x * y
	case token.QUO:
		return x / y
	case token.GTR:
		return truth[x > y]
	case token.LEQ:
		return truth[x <= y]
	case token.EQL:
		return truth[cmp.Compare(x, y) == 0]
	case token.LAND:
		return truth[x != 0 && y != 0]
	}
	w.Fatalf("metric math: %s", op)
	return 0
}
