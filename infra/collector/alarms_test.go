package collector

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/infra/cdktest"
	"github.com/devo-s3/collector/telemetry"
)

// alarmsOf are a template's, the composite included, by what is behind the
// function's name in theirs.
func alarmsOf(t *cdktest.Template) map[string]map[string]any {
	all := make(map[string]map[string]any)
	for _, kind := range []string{"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"} {
		for _, r := range t.Of(kind) {
			all[strings.TrimPrefix(r.Properties["AlarmName"].(string), "devo-s3-collector-acme-")] = r.Properties
		}
	}
	return all
}

// TestWhichAlarmsThereAre names those that wake somebody, and the others.
func TestWhichAlarmsThereAre(t *testing.T) {
	const ours = "devo-s3-collector-acme-continuation"
	paging := []string{
		"breaker-open", "delivered-nothing", "errors", "lag", "not-polled", "queue-age-" + ours, "queue-expiring-" + ours,
		"throttles", "unconfirmable", "unnotified", "watch-silent",
	}
	alone := []string{
		"blind", "certificate", "continuation-dlq", "dlq", "dlq-expiring-" + ours + "-dlq", "emf", "failing", "foreign", "mapping-disabled", "mapping-problem", "queue-stuck",
		"memory", "near-timeout", "truncated", "unclaimed", "unparsed",
	}
	for name, want := range map[string]struct{ paging, alone []string }{
		"small": {paging, alone},
		"large": {
			append(slices.Clone(paging), "queue-age-acme-here", "queue-expiring-acme-here"),
			append(slices.Clone(alone), "all-filtered-aws_sqs_cisco_umbrella", "dlq-expiring-acme-here-dlq", "vendor", "vendor-behind", "idle-devo-logs", "idle-acme-here", "idle-feed"),
		},
		"amnesiac": {
			slices.DeleteFunc(slices.Clone(paging), func(n string) bool { return n == "breaker-open" }),
			slices.DeleteFunc(slices.Clone(alone), func(n string) bool { return n == "unclaimed" || n == "queue-stuck" }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			tpl := template(t, name)
			var gotPaging, gotAlone []string
			for alarm, p := range alarmsOf(tpl) {
				switch {
				case p["AlarmRule"] != nil:
				case len(p["AlarmActions"].([]any)) == 1:
					gotPaging = append(gotPaging, alarm)
				default:
					gotAlone = append(gotAlone, alarm)
				}
			}
			slices.Sort(gotPaging)
			slices.Sort(gotAlone)
			slices.Sort(want.paging)
			slices.Sort(want.alone)
			if diff := cmp.Diff(want.paging, gotPaging); diff != "" {
				t.Errorf("paging: %s", diff)
			}
			if diff := cmp.Diff(want.alone, gotAlone); diff != "" {
				t.Errorf("alone: %s", diff)
			}
			if rule := text(alarmsOf(tpl)["page"]["AlarmRule"]); strings.Count(rule, "ALARM(") != len(want.paging) {
				t.Errorf("the composite has other alarms than those that page: %s", rule)
			}
		})
	}
}

// counted are the alarms of a template whose names have one of the beginnings,
// and their metrics, by which AWS charges.
func counted(t *cdktest.Template, beginnings ...string) (alarms, metrics int) {
	for alarm, p := range alarmsOf(t) {
		if p["AlarmRule"] != nil || !slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(alarm, b) }) {
			continue
		}
		alarms, metrics = alarms+1, metrics+max(strings.Count(asJSON(p["Metrics"]), `"MetricStat"`), 1)
	}
	return alarms, metrics
}

// TestAlarmsAreCounted: the doc says how many there are, and what they cost.
func TestAlarmsAreCounted(t *testing.T) {
	doc, err := os.ReadFile(cdktest.Root(t, "docs/infrastructure.md"))
	if err != nil {
		t.Fatal(err)
	}
	large := template(t, "large") // one source with filters, one queue of ours
	all, metrics := counted(template(t, "small"), "")
	filters, filterMetrics := counted(large, "all-filtered-")
	here, hereMetrics := counted(large, "queue-age-acme-here", "queue-expiring-acme-here", "dlq-expiring-acme-here")
	vendors, vendorMetrics := counted(large, "vendor")
	want := fmt.Sprintf("| Alarms | %d over %d metrics; %d over %d more for each source with filters, %d over %d more for each queue that lives here, "+
		"1 for each queue with `silence_after`, %d over %d with vendors' `keys` | [operations](operations.md#alarms) has a section for each | %.2f |",
		all, metrics, filters, filterMetrics, here, hereMetrics, vendors, vendorMetrics, 0.1*float64(metrics))
	if !strings.Contains(string(doc), want) {
		t.Errorf("docs/infrastructure.md does not say %q", want)
	}
	idle, _ := counted(large, "idle-")
	if got, _ := counted(large, ""); got != all+filters+here+vendors+idle {
		t.Errorf("%d alarms are of no kind that the doc counts", got-all-filters-here-vendors-idle)
	}
}

var anchor = regexp.MustCompile(`What to do: docs/operations\.md#([a-z-]+)$`)

// TestEveryAlarmTellsSomebodyWhatToDo: at its begin and at its end, and where
// to read on.
func TestEveryAlarmTellsSomebodyWhatToDo(t *testing.T) {
	manual, err := os.ReadFile(cdktest.Root(t, "docs/operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range deployments {
		for alarm, p := range alarmsOf(template(t, name)) {
			actions := texts(p["AlarmActions"])
			if diff := cmp.Diff(actions, texts(p["OKActions"])); diff != "" {
				t.Errorf("%s: %s ends otherwise than it began: %s", name, alarm, diff)
			}
			pages := "<Pages>"
			if name == "amnesiac" {
				pages = "arn:aws:sns:eu-west-1:999988887777:oncall"
			}
			composite := p["AlarmRule"] != nil
			if composite == slices.Contains(actions, "<Notices>") || composite && !slices.Contains(actions, pages) {
				t.Errorf("%s: %s tells %v", name, alarm, actions)
			}
			m := anchor.FindStringSubmatch(p["AlarmDescription"].(string))
			if m == nil {
				t.Errorf("%s: %s sends nobody to the runbook: %s", name, alarm, p["AlarmDescription"])
				continue
			}
			if alarm != m[1] && !strings.HasPrefix(alarm, m[1]+"-") {
				t.Errorf("%s: %s is explained at #%s", name, alarm, m[1])
			}
			if !strings.Contains(string(manual), "\n### "+m[1]+"\n") {
				t.Errorf("%s: docs/operations.md has no section %s", name, m[1])
			}
		}
	}
}

// TestTheRunbookHasNoOtherAlarms: each section is of an alarm.
func TestTheRunbookHasNoOtherAlarms(t *testing.T) {
	manual, err := os.ReadFile(cdktest.Root(t, "docs/operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for name := range deployments {
		for _, p := range alarmsOf(template(t, name)) {
			if m := anchor.FindStringSubmatch(p["AlarmDescription"].(string)); m != nil {
				known[m[1]] = true
			}
		}
	}
	_, sections, _ := strings.Cut(string(manual), "\n## Alarms\n")
	sections, _, _ = strings.Cut(sections, "\n## ")
	for _, m := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(sections, -1) {
		if !known[m[1]] {
			t.Errorf("there is no alarm %q", m[1])
		}
	}
}

// Metrics of AWS that the stack uses, by namespace.
var known = map[string][]string{
	// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
	"AWS/Lambda": {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"},
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	"AWS/SQS": {"ApproximateAgeOfOldestMessage"},
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
	"AWS/Logs": {"IncomingBytes", "EMFParsingErrors", "EMFValidationErrors"},
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
	"AWS/DynamoDB":      {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"},
	telemetry.Namespace: telemetry.Names,
}

var (
	search = regexp.MustCompile(`SEARCH\('\{(\w+),([\w,]+)\} MetricName=\\*"(\w+)\\*" deployment=\\*"acme\\*"'`)
	inBody = regexp.MustCompile(`\[\\?"([\w/]+)\\?",\\?"(\w+)\\?",((?:\\?"[^"]+\\?",)+)\{`)
)

// TestMetricsExist: an alarm over a metric that nobody writes is silent.
func TestMetricsExist(t *testing.T) {
	check := func(where, namespace, metric string) {
		if !slices.Contains(known[namespace], metric) {
			t.Errorf("%s: there is no metric %s %s", where, namespace, metric)
		}
	}
	inAlarms, inDashboard := 0, 0
	for name := range deployments {
		for alarm, p := range alarmsOf(template(t, name)) {
			if metric, ok := p["MetricName"].(string); ok {
				inAlarms++
				check(alarm, p["Namespace"].(string), metric)
			}
			metrics, _ := p["Metrics"].([]any)
			for _, m := range metrics {
				if stat, ok := m.(map[string]any)["MetricStat"].(map[string]any); ok {
					inAlarms++
					metric := stat["Metric"].(map[string]any)
					check(alarm, metric["Namespace"].(string), metric["MetricName"].(string))
				}
			}
		}
		for id, d := range template(t, name).Of("AWS::CloudWatch::Dashboard") {
			body := text(d.Properties["DashboardBody"])
			for _, m := range inBody.FindAllStringSubmatch(body, -1) {
				inDashboard++
				check(id, m[1], m[2])
			}
			for _, m := range search.FindAllStringSubmatch(body, -1) {
				inDashboard++
				check(id, m[1], m[3])
				if m[2] != "deployment,source" && m[2] != "deployment,kind" {
					t.Errorf("%s: no metric has the dimensions %s", id, m[2])
				}
			}
		}
	}
	if inAlarms < 60 || inDashboard < 80 {
		t.Errorf("only %d metrics of alarms and %d of dashboards were found", inAlarms, inDashboard)
	}
}

// TestEverythingMeasuredIsShown: what no dashboard shows is paid for in vain.
func TestEverythingMeasuredIsShown(t *testing.T) {
	var all string
	for _, r := range template(t, "large").Resources {
		if strings.HasPrefix(r.Type, "AWS::CloudWatch::") {
			all += asJSON(r.Properties)
		}
	}
	for _, metric := range telemetry.Names {
		if !strings.Contains(all, metric) {
			t.Errorf("%s is in no alarm and on no dashboard", metric)
		}
	}
}

func TestUnconfirmableIsAKind(t *testing.T) {
	dimensions := asJSON(alarmsOf(template(t, "small"))["unconfirmable"]["Dimensions"])
	if !strings.Contains(dimensions, `"`+string(delivery.Unconfirmable)+`"`) {
		t.Errorf("the alarm looks at %s", dimensions)
	}
}

// TestAlarmsAreWithinCloudWatchsBounds: it takes no evaluation over more than a
// day, unless the periods are of an hour or longer, and then a week.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func TestAlarmsAreWithinCloudWatchsBounds(t *testing.T) {
	for alarm, p := range alarmsOf(template(t, "large")) {
		period, ok := p["Period"].(float64)
		if !ok {
			continue
		}
		most := 86400.0
		if period >= 3600 {
			most *= 7
		}
		if int(period)%60 != 0 || period*p["EvaluationPeriods"].(float64) > most {
			t.Errorf("%s has %v periods of %v s", alarm, p["EvaluationPeriods"], period)
		}
		if p["DatapointsToAlarm"].(float64) > p["EvaluationPeriods"].(float64) {
			t.Errorf("%s wants %v of %v", alarm, p["DatapointsToAlarm"], p["EvaluationPeriods"])
		}
	}
}
